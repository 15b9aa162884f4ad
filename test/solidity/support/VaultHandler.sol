// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreditVault} from "../../../contracts/interfaces/ICreditVault.sol";
import {IBillSettlement} from "../../../contracts/interfaces/IBillSettlement.sol";
import {BN254} from "../../../contracts/libraries/BN254.sol";
import {RefusingToken} from "../../../contracts/mocks/RefusingToken.sol";
import {Bills} from "./Bills.sol";
import {Curve} from "./Curve.sol";
import {Deposits} from "./Deposits.sol";
import {vm} from "./Vm.sol";

/**
 * @notice Does to a vault what its roles, its residents, its token and strangers could, in the order the fuzzer
 *         chooses, and keeps a plain model of whose the money is.
 */
contract VaultHandler {
    uint32 public constant ACKNOWLEDGE_PERIOD = 1 hours;
    uint32 public constant DISPUTE_PERIOD = 1 days;
    uint32 private constant MINT_KEY_ID = 1;
    /// @dev Denominations of the mint.
    uint256 private constant MINT_KEYS = 2;
    uint256 private constant INITIAL = 1_000_000;

    address public constant ADMIN = address(0x20001);
    address public constant MINT = address(0x20002);
    address public constant TREASURER = address(0x20003);
    address public constant PAUSER = address(0x20004);
    address public constant TREASURY = address(0x20005);

    struct ModelDeposit {
        address depositor;
        uint256 amount;
        uint256 deadline;
        ICreditVault.Status status;
        uint256 seed;
        uint256 count;
        bytes32 depositHash;
        bool isWrong;
    }

    ICreditVault public immutable vault;
    RefusingToken public immutable token;

    address[4] public residents;
    mapping(address => uint256) public expectedBalance;
    mapping(address => uint256) public expectedDue;
    ModelDeposit[] public deposits;
    bool public isPaused;
    bool public isRefusing;
    uint256 public owed;
    /// @notice How often each action did what it was for.
    uint256 public refunds;
    uint256 public declines;
    uint256 public disputes;
    uint256 public collections;
    uint256 public pairsCollected;
    uint256 public withdrawals;

    constructor() {
        token = new RefusingToken();
        IBillSettlement settlement = Bills.deploy(address(this), 0);
        vault = ICreditVault(
            Bills.create(
                "CreditVault.sol:CreditVault",
                abi.encode(
                    settlement,
                    token,
                    ADMIN,
                    MINT,
                    TREASURER,
                    PAUSER,
                    ACKNOWLEDGE_PERIOD,
                    DISPUTE_PERIOD
                )
            )
        );
        ICreditVault.MintKey[] memory keys = new ICreditVault.MintKey[](MINT_KEYS);
        for (uint256 which = 0; which < MINT_KEYS; ++which) {
            keys[which].denomination = Deposits.denomination(which);
            (keys[which].b1, keys[which].b2) = Curve.publicKey(which);
        }
        vm.prank(MINT);
        vault.registerMintKeys(MINT_KEY_ID, 0, keys);
        for (uint160 i = 0; i < residents.length; ++i) {
            residents[i] = address(0x30000 + i);
            token.mint(residents[i], INITIAL);
            expectedBalance[residents[i]] = INITIAL;
            vm.prank(residents[i]);
            token.approve(address(vault), type(uint256).max);
        }
    }

    // ---------------------------------------------------------------------------------------------
    // Actions
    // ---------------------------------------------------------------------------------------------

    function deposit(uint256 who, uint256 amount, uint256 seed, uint256 count) external {
        address resident = residents[who % residents.length];
        amount %= 2000;
        count %= 6;
        bytes32 root = count == 0 ? bytes32(0) : Deposits.root(Deposits.messageLeaves(seed, count));
        bool isRight =
            !isPaused &&
                !isRefusing &&
                amount > 0 &&
                count > 0 &&
                amount <= expectedBalance[resident];
        vm.prank(resident);
        try vault.deposit(amount, MINT_KEY_ID, count, root) returns (
            uint256 id,
            bytes32 depositHash
        ) {
            require(isRight, "deposited");
            deposits.push(
                ModelDeposit({
                    depositor: resident,
                    amount: amount,
                    deadline: block.timestamp + ACKNOWLEDGE_PERIOD,
                    status: ICreditVault.Status.Open,
                    seed: seed,
                    count: count,
                    depositHash: depositHash,
                    isWrong: false
                })
            );
            require(id == deposits.length, "number");
            require(depositHash == vault.depositHashOf(id), "hash");
            expectedBalance[resident] -= amount;
            owed += amount;
        } catch {
            require(!isRight, "not deposited");
        }
    }

    /// @param more how many signatures too many; as many too few when above 127
    function acknowledge(
        uint256 which,
        bool isWrong,
        uint8 more,
        bool isOtherHash,
        address stranger,
        bool asStranger
    ) public {
        if (deposits.length == 0) return;
        (uint256 id, ModelDeposit storage entry) = _pick(which);
        bool isRight =
            !asStranger &&
                !isOtherHash &&
                more % 4 != 1 &&
                entry.status == ICreditVault.Status.Open;
        isRight = isRight && block.timestamp <= entry.deadline;
        uint256 count =
            more % 4 != 1 ? entry.count : (more > 127 ? entry.count - 1 : entry.count + more);
        BN254.G1Point[] memory signatures = Deposits.signatures(entry.seed, count, isWrong);
        bytes32 depositHash = entry.depositHash ^ bytes32(uint256(isOtherHash ? 1 : 0));
        _as(MINT, stranger, asStranger);
        try vault.acknowledge(id, depositHash, signatures) {
            require(isRight, "acknowledged");
            entry.status = ICreditVault.Status.Acknowledged;
            entry.deadline = block.timestamp + DISPUTE_PERIOD;
            entry.isWrong = isWrong;
        } catch {
            require(!isRight, "not acknowledged");
        }
    }

    function decline(uint256 which, bool isOtherHash, address stranger, bool asStranger) public {
        if (deposits.length == 0) return;
        (uint256 id, ModelDeposit storage entry) = _pick(which);
        bool isRight = !asStranger && !isOtherHash && entry.status == ICreditVault.Status.Open;
        bytes32 depositHash = entry.depositHash ^ bytes32(uint256(isOtherHash ? 1 : 0));
        _as(MINT, stranger, asStranger);
        try vault.decline(id, depositHash) {
            require(isRight, "declined");
            ++declines;
            _payBack(entry);
        } catch {
            require(!isRight, "not declined");
        }
    }

    function refund(uint256 which, address caller) public {
        if (deposits.length == 0) return;
        (uint256 id, ModelDeposit storage entry) = _pick(which);
        bool isRight = entry.status == ICreditVault.Status.Open && block.timestamp > entry.deadline;
        vm.prank(_farOff(caller));
        try vault.refund(id) {
            require(isRight, "refunded");
            ++refunds;
            _payBack(entry);
        } catch {
            require(!isRight, "not refunded");
        }
    }

    /// @param shift how far the shown signature is from the index: zero for the one at the same place
    function dispute(uint256 which, uint256 index, uint8 shift, address caller) public {
        if (deposits.length == 0) return;
        (uint256 id, ModelDeposit storage entry) = _pick(which);
        // The wrong signature is the last: half of the disputes are about that one.
        index = index % 2 == 0 ? entry.count - 1 : (index >> 1) % (entry.count + 1);
        uint256 other = shift % 4 == 1 ? (index + shift) % entry.count : index;
        bool isRight =
            entry.status == ICreditVault.Status.Acknowledged &&
                block.timestamp <= entry.deadline &&
                entry.isWrong &&
                index == entry.count - 1 &&
                other == index;
        (ICreditVault.Shown memory message, ICreditVault.Shown memory signature) = _shown(
            entry,
            index,
            other
        );
        vm.prank(_farOff(caller));
        try vault.dispute(id, index, Deposits.denomination(index), message, signature) {
            require(isRight, "disputed");
            ++disputes;
            _payBack(entry);
        } catch {
            require(!isRight, "not disputed");
        }
    }

    function withdraw(uint256 who, bool toTreasury) external {
        address resident = residents[who % residents.length];
        address to = toTreasury ? TREASURY : resident;
        bool isRight = !isRefusing && expectedDue[resident] > 0;
        vm.prank(resident);
        try vault.withdraw(to) returns (uint256 amount) {
            require(isRight, "withdrawn");
            require(amount == expectedDue[resident], "amount");
            ++withdrawals;
            expectedDue[resident] = 0;
            expectedBalance[to] += amount;
            owed -= amount;
        } catch {
            require(!isRight, "not withdrawn");
        }
    }

    /// @param other the second deposit, one time in two the one before the first
    function collect(
        uint256 which,
        uint256 other,
        bool both,
        address stranger,
        bool asStranger
    ) public {
        if (deposits.length == 0) return;
        uint256[] memory ids = new uint256[](both ? 2 : 1);
        bool isRight = !asStranger && !isRefusing;
        uint256 sum;
        for (uint256 i = 0; i < ids.length; ++i) {
            ModelDeposit storage entry;
            (ids[i], entry) =
                i == 1 && other % 2 == 0 && ids[0] > 1
                    ? (ids[0] - 1, deposits[ids[0] - 2])
                    : _pick(i == 0 ? which : other);
            isRight = isRight && _isCollectable(entry) && (i == 0 || ids[0] != ids[1]);
            sum += entry.amount;
        }
        _as(TREASURER, stranger, asStranger);
        try vault.collect(ids, TREASURY) returns (uint256 amount) {
            require(isRight, "collected");
            require(amount == sum, "amount");
            ++collections;
            if (both) ++pairsCollected;
            owed -= amount;
            expectedBalance[TREASURY] += amount;
            for (uint256 i = 0; i < ids.length; ++i) {
                deposits[ids[i] - 1].status = ICreditVault.Status.Collected;
            }
        } catch {
            require(!isRight, "not collected");
        }
    }

    /// @notice The token stops all transfers one time in four.
    function refuse(uint8 choice) external {
        isRefusing = choice % 4 == 0;
        token.stop(isRefusing);
    }

    function pause(address stranger, bool asStranger) external {
        _as(PAUSER, stranger, asStranger);
        try vault.pause() {
            require(!asStranger && !isPaused, "paused");
            isPaused = true;
        } catch {
            require(asStranger || isPaused, "not paused");
        }
    }

    function unpause(address stranger, bool asStranger) external {
        _as(PAUSER, stranger, asStranger);
        try vault.unpause() {
            require(!asStranger && isPaused, "unpaused");
            isPaused = false;
        } catch {
            require(asStranger || !isPaused, "not unpaused");
        }
    }

    /// @notice Lets up to 31 hours pass: a sixth of the time at most one.
    function wait_(uint8 time) external {
        vm.warp(block.timestamp + (uint256(time) * (time % 6 == 0 ? 14 : 440)));
    }

    /// @notice To a second before, to or to a second after the deadline of a deposit, unless it is past.
    function waitForDeadline(uint256 which, uint8 offset) public {
        if (deposits.length == 0) return;
        (, ModelDeposit storage entry) = _pick(which);
        uint256 time = entry.deadline + (offset % 3) - 1;
        if (time > block.timestamp) vm.warp(time);
    }

    /**
     * @notice Every call whose right begins or ends with the deadline of a deposit, close to that deadline. Random calls
     *         rarely meet it: the other party's call has mostly ended the deposit by then.
     * @param choice which side of the deadline, and which party is the first
     */
    function actAtDeadline(uint256 which, uint8 choice, address caller) external {
        waitForDeadline(which, choice);
        if (deposits.length == 0) return;
        bool isDepositorFirst = (choice / 3) % 2 == 0;
        if (isDepositorFirst) _actAsDepositor(which, caller);
        acknowledge(which, choice % 2 == 0, 0, false, caller, false);
        collect(which, which, false, caller, false);
        if (!isDepositorFirst) _actAsDepositor(which, caller);
    }

    /// @dev A refund, and a dispute that is right if a signature is wrong.
    function _actAsDepositor(uint256 which, address caller) private {
        refund(which, caller);
        dispute(which, 0, 0, caller);
    }

    // ---------------------------------------------------------------------------------------------
    // The model
    // ---------------------------------------------------------------------------------------------

    function depositCount() external view returns (uint256) {
        return deposits.length;
    }

    function statusOf(uint256 i) external view returns (ICreditVault.Status) {
        return deposits[i].status;
    }

    function _payBack(ModelDeposit storage entry) private {
        entry.status = ICreditVault.Status.Refunded;
        expectedDue[entry.depositor] += entry.amount;
    }

    function _isCollectable(ModelDeposit storage entry) private view returns (bool) {
        return entry.status == ICreditVault.Status.Acknowledged && block.timestamp > entry.deadline;
    }

    function _pick(uint256 which) private view returns (uint256 id, ModelDeposit storage entry) {
        // Mostly the last few, which are not at their end yet.
        uint256 window = deposits.length < 3 || which % 8 == 0 ? deposits.length : 3;
        uint256 i = deposits.length - 1 - ((which >> 3) % window);
        return (i + 1, deposits[i]);
    }

    /// @dev Message `index` and signature `other` of a deposit, each with its own path.
    function _shown(
        ModelDeposit storage entry,
        uint256 index,
        uint256 other
    )
        private
        view
        returns (ICreditVault.Shown memory message, ICreditVault.Shown memory signature)
    {
        bytes32[] memory leaves = Deposits.messageLeaves(entry.seed, entry.count);
        message.point = Deposits.message(entry.seed, index);
        message.path = Deposits.path(leaves, index);
        BN254.G1Point[] memory all = Deposits.signatures(entry.seed, entry.count, entry.isWrong);
        signature.point = other < all.length ? all[other] : Curve.generator();
        signature.path = Deposits.path(Deposits.signatureLeaves(all), other);
    }

    function _as(address role, address stranger, bool asStranger) private {
        vm.prank(asStranger ? _farOff(stranger) : role);
    }

    /// @dev A stranger is never a role, a resident or anything special to the chain.
    function _farOff(address stranger) private pure returns (address) {
        return address(uint160(stranger) | (1 << 159));
    }
}
