// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreditVault} from "../../../contracts/interfaces/ICreditVault.sol";
import {IBillSettlement} from "../../../contracts/interfaces/IBillSettlement.sol";
import {BN254} from "../../../contracts/libraries/BN254.sol";
import {TestToken} from "../../../contracts/mocks/TestToken.sol";
import {Bills} from "./Bills.sol";
import {Curve} from "./Curve.sol";
import {vm} from "./Vm.sol";

/**
 * @notice Does to a vault whatever its roles, its residents and strangers could, in the order the fuzzer chooses, and
 *         keeps a plain model of whose the money is.
 */
contract VaultHandler {
    uint32 public constant ACKNOWLEDGE_PERIOD = 100;
    uint32 public constant DISPUTE_PERIOD = 60;
    uint32 private constant MINT_KEY_ID = 3;
    uint256 private constant INITIAL = 1_000_000;
    uint256 private constant COINS = 3;

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
        bool isWrong;
    }

    ICreditVault public immutable vault;
    TestToken public immutable token;

    address[4] public residents;
    mapping(address => uint256) public expectedBalance;
    ModelDeposit[] public deposits;
    bool public isPaused;
    uint256 public owed;
    /// @notice How often each action did what it was for.
    uint256 public refunds;
    uint256 public disputes;
    uint256 public collections;

    constructor() {
        token = new TestToken();
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
        for (uint256 which = 0; which < Curve.SECRETS; ++which) {
            (BN254.G1Point memory b1, BN254.G2Point memory b2) = Curve.publicKey(which);
            vm.prank(MINT);
            vault.registerMintKey(MINT_KEY_ID, _denomination(which), b1, b2);
        }
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

    function deposit(uint256 who, uint256 amount, uint256 seed) external {
        address resident = residents[who % residents.length];
        amount %= 2000;
        bytes32 digest = vault.depositDigest(MINT_KEY_ID, _messages(seed));
        bool isRight = !isPaused && amount > 0 && amount <= expectedBalance[resident];
        vm.prank(resident);
        try vault.deposit(amount, digest) returns (uint256 id) {
            require(isRight, "deposited");
            uint256 deadline = block.timestamp + ACKNOWLEDGE_PERIOD;
            ICreditVault.Status status = ICreditVault.Status.Open;
            deposits.push(ModelDeposit(resident, amount, deadline, status, seed, false));
            require(id == deposits.length, "number");
            expectedBalance[resident] -= amount;
            owed += amount;
        } catch {
            require(!isRight, "not deposited");
        }
    }

    function acknowledge(uint256 which, bool isWrong, address stranger, bool asStranger) external {
        if (deposits.length == 0) return;
        (uint256 id, ModelDeposit storage entry) = _pick(which);
        bool isRight = !asStranger && entry.status == ICreditVault.Status.Open;
        isRight = isRight && block.timestamp <= entry.deadline;
        BN254.G1Point[] memory signatures = _signatures(entry.seed, isWrong);
        _as(MINT, stranger, asStranger);
        try vault.acknowledge(id, signatures) {
            require(isRight, "acknowledged");
            entry.status = ICreditVault.Status.Acknowledged;
            entry.deadline = block.timestamp + DISPUTE_PERIOD;
            entry.isWrong = isWrong;
        } catch {
            require(!isRight, "not acknowledged");
        }
    }

    function decline(uint256 which, address stranger, bool asStranger) external {
        if (deposits.length == 0) return;
        (uint256 id, ModelDeposit storage entry) = _pick(which);
        bool isRight = !asStranger && entry.status == ICreditVault.Status.Open;
        _as(MINT, stranger, asStranger);
        try vault.decline(id) {
            require(isRight, "declined");
            entry.deadline = 0;
        } catch {
            require(!isRight, "not declined");
        }
    }

    function refund(uint256 which, address caller) external {
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

    function dispute(uint256 which, uint256 index, address caller) external {
        if (deposits.length == 0) return;
        (uint256 id, ModelDeposit storage entry) = _pick(which);
        // The wrong signature is the last: half of the disputes are about that one.
        index = index % 2 == 0 ? COINS - 1 : (index >> 1) % (COINS + 1);
        bool isRight =
            entry.status == ICreditVault.Status.Acknowledged &&
                block.timestamp <= entry.deadline &&
                entry.isWrong &&
                index == COINS - 1;
        ICreditVault.BlindedMessage[] memory messages = _messages(entry.seed);
        BN254.G1Point[] memory signatures = _signatures(entry.seed, entry.isWrong);
        vm.prank(_farOff(caller));
        try vault.dispute(id, MINT_KEY_ID, messages, signatures, index) {
            require(isRight, "disputed");
            ++disputes;
            _payBack(entry);
        } catch {
            require(!isRight, "not disputed");
        }
    }

    function collect(
        uint256 which,
        uint256 other,
        bool both,
        address stranger,
        bool asStranger
    ) external {
        if (deposits.length == 0) return;
        uint256[] memory ids = new uint256[](both ? 2 : 1);
        bool isRight = !asStranger;
        uint256 sum;
        for (uint256 i = 0; i < ids.length; ++i) {
            ModelDeposit storage entry;
            (ids[i], entry) = _pick(i == 0 ? which : other);
            isRight = isRight && _isDue(entry) && (i == 0 || ids[0] != ids[1]);
            sum += entry.amount;
        }
        _as(TREASURER, stranger, asStranger);
        try vault.collect(ids, TREASURY) returns (uint256 amount) {
            require(isRight, "collected");
            require(amount == sum, "amount");
            ++collections;
            owed -= amount;
            expectedBalance[TREASURY] += amount;
            for (uint256 i = 0; i < ids.length; ++i) {
                deposits[ids[i] - 1].status = ICreditVault.Status.Collected;
            }
        } catch {
            require(!isRight, "not collected");
        }
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

    function wait_(uint8 time) external {
        vm.warp(block.timestamp + time / 4);
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
        expectedBalance[entry.depositor] += entry.amount;
        owed -= entry.amount;
    }

    function _isDue(ModelDeposit storage entry) private view returns (bool) {
        return entry.status == ICreditVault.Status.Acknowledged && block.timestamp > entry.deadline;
    }

    function _pick(uint256 which) private view returns (uint256 id, ModelDeposit storage entry) {
        // Mostly the last few, which are not at their end yet.
        uint256 window = deposits.length < 3 || which % 8 == 0 ? deposits.length : 3;
        uint256 i = deposits.length - 1 - ((which >> 3) % window);
        return (i + 1, deposits[i]);
    }

    function _denomination(uint256 which) private pure returns (uint32) {
        return which == 0 ? 1 : 10;
    }

    function _point(uint256 seed, uint256 i) private view returns (BN254.G1Point memory) {
        uint256 scalar = 1 + (uint256(keccak256(abi.encode(seed, i))) % (BN254.ORDER - 1));
        return Curve.mul(Curve.generator(), scalar);
    }

    function _messages(
        uint256 seed
    ) private view returns (ICreditVault.BlindedMessage[] memory messages) {
        messages = new ICreditVault.BlindedMessage[](COINS);
        for (uint256 i = 0; i < COINS; ++i) {
            BN254.G1Point memory point = _point(seed, i);
            messages[i] = ICreditVault.BlindedMessage(_denomination(i % 2), point.x, point.y);
        }
    }

    function _signatures(
        uint256 seed,
        bool isWrong
    ) private view returns (BN254.G1Point[] memory signatures) {
        signatures = new BN254.G1Point[](COINS);
        for (uint256 i = 0; i < COINS; ++i) {
            signatures[i] = Curve.mul(_point(seed, i), Curve.secret(i % 2));
        }
        if (isWrong) signatures[COINS - 1] = Curve.generator();
    }

    function _as(address role, address stranger, bool asStranger) private {
        vm.prank(asStranger ? _farOff(stranger) : role);
    }

    /// @dev A stranger is never a role, a resident or anything special to the chain, whatever the fuzzer picks.
    function _farOff(address stranger) private pure returns (address) {
        return address(uint160(stranger) | (1 << 159));
    }
}
