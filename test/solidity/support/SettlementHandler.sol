// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBillSettlement} from "../../../contracts/interfaces/IBillSettlement.sol";
import {BN254} from "../../../contracts/libraries/BN254.sol";
import {Period} from "../../../contracts/libraries/Period.sol";
import {Bills} from "./Bills.sol";
import {Curve} from "./Curve.sol";
import {Vm, vm} from "./Vm.sol";

/**
 * @notice Does to a settlement what any account could, in the order the fuzzer chooses, and keeps a plain model of
 *         what should come of it: who is registered, which keys there are, which (meter, period) is settled.
 * @dev    Every attempt is predicted by the model, sent, and compared; the invariants then compare the whole state.
 */
contract SettlementHandler {
    /// @dev What may be wrong with a bill; the values from 8 on are nothing, so that most bills are right.
    uint256 private constant FLAWS = 8;
    /// @dev The run begins in its first month; time goes on for some of them.
    uint32 private constant FIRST_PERIOD = 202611;
    uint256 private constant START = 1794700800; // 15 November 2026
    uint32 private constant PERIODS = 6;
    uint32 private constant LEAD = 1;
    uint256 private constant FIRST_KEY = 5000;

    struct ModelMeter {
        uint32 validFrom;
        uint32 validUntil;
    }

    struct ModelKey {
        uint256 which;
        uint32 firstPeriod;
        bytes32 codeHash;
    }

    IBillSettlement public immutable settlement;

    bool public isPaused;
    ModelMeter[] public meters;
    ModelKey[] public keys;
    /// @notice Bits that should be set, and bits that an event told of: by period, 256 meters a word.
    mapping(uint32 period => mapping(uint256 word => uint256)) public settledBits;
    mapping(uint32 period => mapping(uint256 word => uint256)) public eventBits;
    /// @notice How often each action did what it was for: shows that the run was not empty.
    uint256 public accepted;
    uint256 public refused;
    uint256 public batchesAccepted;
    uint256 public batchesRefused;

    Bills.Paid[] private _past;
    uint256[] private _pastMeter;

    constructor() {
        vm.warp(START);
        settlement = Bills.deploy(address(this), LEAD);
        // Enough meters that their bits lie in two words.
        address[] memory list = new address[](258);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = addressOf(i);
            meters.push(ModelMeter(0, Bills.OPEN_END));
        }
        settlement.registerMeters(list, 0, Bills.OPEN_END);
        registerKey(0);
    }

    // ---------------------------------------------------------------------------------------------
    // Actions
    // ---------------------------------------------------------------------------------------------

    /// @dev The next key for some period, unused or used, with the right notice or another.
    function registerKey(uint256 seed) public {
        uint256 which = seed % Curve.SECRETS;
        bool isFirst = keys.length == 0;
        uint32 firstPeriod = isFirst ? 0 : period(uint32((seed >> 8) % PERIODS));
        (BN254.G1Point memory a1, BN254.G2Point memory a2) = Curve.publicKey(which);
        bool isForged = !isFirst && (seed >> 16) % 8 == 0;
        uint256 noticed = isForged ? (which + 1) % Curve.SECRETS : which;
        bytes memory notice = Bills.notice(settlement, noticed, firstPeriod);
        bool isRight = !isPaused && !isForged && !_isUsed(which) && _mayBegin(firstPeriod);
        try settlement.registerKey(a1, a2, firstPeriod, notice) returns (uint32 keyEpoch) {
            require(isRight, "key registered");
            bytes32 codeHash = settlement.epochKeyAddress(keyEpoch).codehash;
            keys.push(ModelKey(which, firstPeriod, codeHash));
            require(keyEpoch == keys.length, "key epoch");
        } catch {
            require(!isRight, "key refused");
        }
    }

    function registerMeter(uint32 from, uint32 until) external {
        (uint32 validFrom, uint32 validUntil) = (period(from % PERIODS), period(until % PERIODS));
        try settlement.registerMeter(addressOf(meters.length), validFrom, validUntil) {
            require(!isPaused && validFrom <= validUntil, "meter registered");
            meters.push(ModelMeter(validFrom, validUntil));
        } catch {
            require(isPaused || validFrom > validUntil, "meter refused");
        }
    }

    function registerKnownMeter(uint256 seed) external {
        try settlement.registerMeter(addressOf(seed % meters.length), 0, 1) {
            revert("registered twice");
        } catch {}
    }

    function retireMeter(uint256 seed, uint32 last) external {
        uint256 meter = _pick(seed);
        uint32 lastPeriod = period(last % PERIODS);
        bool isRight =
            lastPeriod < meters[meter].validUntil &&
                lastPeriod >= Period.ofTimestamp(block.timestamp + 14 hours);
        try settlement.retireMeter(addressOf(meter), lastPeriod) {
            require(isRight, "retired");
            meters[meter].validUntil = lastPeriod;
        } catch {
            require(!isRight, "not retired");
        }
    }

    function pause() external {
        if (!isPaused) settlement.pause();
        isPaused = true;
    }

    function unpause() external {
        if (isPaused) settlement.unpause();
        isPaused = false;
    }

    /// @dev Up to five days.
    function wait_(uint8 time) external {
        vm.warp(block.timestamp + (uint256(time) % 64) * 2 hours);
    }

    function settle(uint256 seed, uint8 flaw, address caller) external {
        (Bills.Paid memory paid, uint256 meter, bool isRight) = _bill(seed, flaw, 0);
        _settle(paid, meter, isRight, caller);
    }

    /// @dev What a front-runner or a confused relayer does: sends again what was sent before.
    function replay(uint256 seed, address caller) external {
        if (_past.length == 0) return;
        uint256 which = seed % _past.length;
        _settle(_past[which], _pastMeter[which], false, caller);
    }

    function settleBatch(uint256 seed, uint8 size, uint256 flaws, address caller) external {
        uint256 count = 1 + (size % 5);
        uint32 keyEpoch = uint32(1 + (seed % keys.length));
        Bills.Paid[] memory paid = new Bills.Paid[](count);
        uint256[] memory who = new uint256[](count);
        bool areRight = true;
        for (uint256 i = 0; i < count; ++i) {
            uint256 each = uint256(keccak256(abi.encode(seed, i)));
            bool isRight;
            // Some of the flaws, some bills that were sent before, and the same bill twice.
            if (i > 0 && each % 8 == 0) {
                (paid[i], who[i]) = (paid[i - 1], who[i - 1]);
                continue;
            }
            (paid[i], who[i], isRight) = _bill(each, uint8(flaws >> (8 * i)), keyEpoch);
            areRight = areRight && (isRight || _isOnlySpent(paid[i], who[i], flaws >> (8 * i)));
        }
        BN254.G1Point memory sum = Bills.combine(settlement, paid);
        _startRecord();
        _as(caller);
        try settlement.settleBatch(keyEpoch, Bills.billsOf(paid), sum.x, sum.y) {
            require(areRight, "batch accepted");
            ++batchesAccepted;
            for (uint256 i = 0; i < count; ++i) _markSettled(who[i], paid[i].bill.period);
            _noteEvents();
        } catch {
            require(!areRight, "batch refused");
            ++batchesRefused;
        }
    }

    // ---------------------------------------------------------------------------------------------
    // The model
    // ---------------------------------------------------------------------------------------------

    function addressOf(uint256 meter) public pure returns (address) {
        return vm.addr(FIRST_KEY + meter);
    }

    function meterCount() external view returns (uint256) {
        return meters.length;
    }

    function keyCount() external view returns (uint256) {
        return keys.length;
    }

    function periods() external pure returns (uint32) {
        return PERIODS;
    }

    /// @notice Period number `i` of the run.
    function period(uint32 i) public pure returns (uint32) {
        return Period.plus(FIRST_PERIOD, i);
    }

    /// @notice The key epoch of a period.
    function epochOf(uint32 which) public view returns (uint32 keyEpoch) {
        for (uint32 i = 0; i < keys.length; ++i) {
            if (keys[i].firstPeriod <= which) keyEpoch = i + 1;
        }
    }

    /// @dev A bill with at most one flaw, under `keyEpoch` or, if that is 0, mostly under that of its period.
    function _bill(
        uint256 seed,
        uint8 flaw,
        uint32 keyEpoch
    ) private view returns (Bills.Paid memory paid, uint256 meter, bool isRight) {
        meter = _pick(seed >> 16);
        uint32 which = period(uint32((seed >> 32) % PERIODS));
        if (keyEpoch == 0 && (seed >> 48) % 8 == 0)
            keyEpoch = uint32(1 + ((seed >> 8) % keys.length));
        else if (keyEpoch == 0) keyEpoch = epochOf(which);
        else if ((seed >> 48) % 8 != 0) which = _periodOf(keyEpoch, which);
        uint256 scalar = 1 + (uint256(keccak256(abi.encode(seed))) % (BN254.ORDER - 1));
        uint256 secret = keys[keyEpoch - 1].which;
        paid = Bills.make(settlement, FIRST_KEY + meter, which, keyEpoch, scalar, secret);
        _spoil(paid, meter, flaw);
        isRight = flaw >= FLAWS && epochOf(which) == keyEpoch && _mayStill(meter, which);
    }

    function _spoil(Bills.Paid memory paid, uint256 meter, uint8 flaw) private view {
        IBillSettlement.SignedBill memory bill = paid.bill;
        if (flaw == 0) paid.receipt = Curve.add(paid.receipt, Curve.generator());
        else if (flaw == 1) paid.receipt = Curve.mul(paid.receipt, 2);
        else if (flaw == 2) Bills.sign(settlement, bill, 1);
        else if (flaw == 3) bill.vs = bytes32(uint256(bill.vs) | (type(uint256).max >> 1));
        else if (flaw == 4) bill.r = 0;
        else if (flaw == 5) bill.period = Period.plus(bill.period, PERIODS);
        else if (flaw == 6) bill.ry = BN254.P - bill.ry;
        else if (flaw == 7) {
            bill.ry += BN254.P;
            Bills.sign(settlement, bill, FIRST_KEY + meter);
        }
    }

    function _settle(Bills.Paid memory paid, uint256 meter, bool isRight, address caller) private {
        (IBillSettlement.Verdict verdict, ) = settlement.explain(
            paid.bill,
            paid.receipt.x,
            paid.receipt.y
        );
        require((verdict == IBillSettlement.Verdict.Settles) == isRight, "explained");
        _startRecord();
        _as(caller);
        try settlement.settle(paid.bill, paid.receipt.x, paid.receipt.y) {
            require(isRight, "accepted");
            ++accepted;
            _markSettled(meter, paid.bill.period);
            _past.push(paid);
            _pastMeter.push(meter);
            _noteEvents();
        } catch {
            require(!isRight, "refused");
            ++refused;
        }
    }

    /// @dev The period itself, or the first one that is under the key epoch.
    function _periodOf(uint32 keyEpoch, uint32 which) private view returns (uint32) {
        for (uint32 i = 0; i < PERIODS && epochOf(which) != keyEpoch; ++i) which = period(i);
        return which;
    }

    function _isUsed(uint256 which) private view returns (bool) {
        for (uint256 i = 0; i < keys.length; ++i) if (keys[i].which == which) return true;
        return false;
    }

    /// @dev Whether the next key epoch may begin here.
    function _mayBegin(uint32 firstPeriod) private view returns (bool) {
        if (keys.length == 0) return firstPeriod == 0;
        return
            firstPeriod > keys[keys.length - 1].firstPeriod &&
            firstPeriod >= Period.plus(Period.ofTimestamp(block.timestamp), LEAD);
    }

    function _isValid(uint256 meter, uint32 which) private view returns (bool) {
        return which >= meters[meter].validFrom && which <= meters[meter].validUntil;
    }

    function _mayStill(uint256 meter, uint32 which) private view returns (bool) {
        return _isValid(meter, which) && !_isSettled(meter, which);
    }

    /// @dev A batch takes a bill that is settled already, also when its meter was retired since.
    function _isOnlySpent(
        Bills.Paid memory paid,
        uint256 meter,
        uint256 flaw
    ) private view returns (bool) {
        uint32 which = paid.bill.period;
        return
            uint8(flaw) >= FLAWS &&
            epochOf(which) == paid.bill.keyEpoch &&
            _isSettled(meter, which);
    }

    function _isSettled(uint256 meter, uint32 which) private view returns (bool) {
        return (settledBits[which][meter / 256] >> (meter % 256)) & 1 == 1;
    }

    function _markSettled(uint256 meter, uint32 which) private {
        settledBits[which][meter / 256] |= 1 << (meter % 256);
    }

    /// @dev Notes the events of the call that has just succeeded; one that comes twice is an error.
    function _noteEvents() private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            require(logs[i].emitter == address(settlement), "emitter");
            require(logs[i].topics[0] == IBillSettlement.BillSettled.selector, "another event");
            require(logs[i].data.length == 0, "an event with data");
            address who = address(uint160(uint256(logs[i].topics[1])));
            uint32 which = uint32(uint256(logs[i].topics[2]));
            IBillSettlement.Meter memory meter = settlement.meterOf(who);
            require(meter.registered, "event of a stranger");
            uint256 bit = 1 << (meter.index % 256);
            require(eventBits[which][meter.index / 256] & bit == 0, "event twice");
            eventBits[which][meter.index / 256] |= bit;
        }
    }

    /// @dev Mostly few meters, so that their bills meet; sometimes any.
    function _pick(uint256 seed) private view returns (uint256) {
        if (seed % 4 == 0) return (seed >> 2) % meters.length;
        return 253 + ((seed >> 2) % (meters.length - 253));
    }

    /// @dev The runner records events of reverted calls too, so every call starts a new record.
    function _startRecord() private {
        vm.recordLogs();
        vm.getRecordedLogs();
    }

    function _as(address caller) private {
        // Precompiles and the cheatcode contract cannot send.
        if (uint160(caller) > 0xffff && caller != address(vm)) vm.prank(caller);
    }
}
