// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBillSettlement} from "../../contracts/interfaces/IBillSettlement.sol";
import {BN254} from "../../contracts/libraries/BN254.sol";
import {Bills} from "./support/Bills.sol";
import {Curve} from "./support/Curve.sol";
import {vm} from "./support/Vm.sol";

/// @notice Fuzz tests of settling.
contract SettlementTest {
    uint256 private constant METERS = 8;
    uint256 private constant FIRST_KEY = 1000;
    /// @dev The second key epoch begins here.
    uint32 private constant SECOND_EPOCH = 202601;

    IBillSettlement private _settlement;

    function setUp() public {
        vm.warp(1_000_000);
        _settlement = Bills.deploy(address(this), 0);
        for (uint256 which = 0; which < 2; ++which) {
            (BN254.G1Point memory a1, BN254.G2Point memory a2) = Curve.publicKey(which);
            uint32 firstPeriod = which == 0 ? 0 : SECOND_EPOCH;
            bytes memory notice = Bills.notice(_settlement, which, firstPeriod);
            _settlement.registerKey(a1, a2, firstPeriod, notice);
        }
        address[] memory meters = new address[](METERS);
        for (uint256 i = 0; i < METERS; ++i) meters[i] = vm.addr(FIRST_KEY + i);
        _settlement.registerMeters(meters, 0, Bills.OPEN_END);
    }

    /// @dev A paid bill settles, from any sender, for the meter that signed it.
    function testFuzz_paidBillSettles(
        uint256 scalar,
        uint32 period,
        uint8 meter,
        address sender
    ) public {
        vm.assume(uint160(sender) > 0xffff && sender != address(vm));
        uint256 which = period < SECOND_EPOCH ? 0 : 1;
        Bills.Paid memory paid = _paid(meter % METERS, period, which, scalar);
        vm.prank(sender);
        _settlement.settle(paid.bill, paid.receipt.x, paid.receipt.y);
        for (uint256 i = 0; i < METERS; ++i) {
            bool isSettled = _settlement.settled(vm.addr(FIRST_KEY + i), period);
            require(isSettled == (i == meter % METERS), "who");
        }
    }

    /// @dev A bill settles under the key of its period alone: not under the other, though it is paid there.
    function testFuzz_otherEpochsBillDoesNotSettle(uint256 scalar, uint32 period) public {
        uint256 other = period < SECOND_EPOCH ? 1 : 0;
        Bills.Paid[] memory paid = new Bills.Paid[](1);
        paid[0] = _paid(0, period, other, scalar);
        require(!_settles(paid[0]), "settled");
        BN254.G1Point memory sum = Bills.combine(_settlement, paid);
        try _settlement.settleBatch(uint32(other + 1), Bills.billsOf(paid), sum.x, sum.y) {
            revert("settled in a batch");
        } catch {}
        require(_settlement.epochOf(period) == 2 - other, "epoch");
    }

    /// @dev A period's key is that of the last epoch that begins not later, and there is one for every period.
    function testFuzz_everyPeriodHasOneEpoch(uint32 period) public view {
        uint32 keyEpoch = _settlement.epochOf(period);
        IBillSettlement.EpochKey memory key = _settlement.epochKey(keyEpoch);
        require(key.firstPeriod <= period && period < key.endPeriod, "range");
        IBillSettlement.EpochKey memory another = _settlement.epochKey(3 - keyEpoch);
        require(period < another.firstPeriod || another.endPeriod <= period, "two");
    }

    /// @dev A bill whose bits were flipped anywhere, or whose receipt was, does not settle.
    function testFuzz_changedBillDoesNotSettle(
        uint256 scalar,
        uint32 period,
        uint8 field,
        uint256 flip
    ) public {
        Bills.Paid memory paid = _paid(0, period, period < SECOND_EPOCH ? 0 : 1, scalar);
        IBillSettlement.SignedBill memory bill = paid.bill;
        uint8 which = field % 8;
        if (which == 0) bill.period ^= uint32(flip);
        else if (which == 1) bill.keyEpoch ^= uint32(flip);
        else if (which == 2) bill.rx ^= flip;
        else if (which == 3) bill.ry ^= flip;
        else if (which == 4) bill.r ^= bytes32(flip);
        else if (which == 5) bill.vs ^= bytes32(flip);
        else if (which == 6) paid.receipt.x ^= flip;
        else paid.receipt.y ^= flip;
        vm.assume(which < 2 ? uint32(flip) != 0 : flip != 0);

        (IBillSettlement.Verdict verdict, ) = _settlement.explain(
            bill,
            paid.receipt.x,
            paid.receipt.y
        );
        require(verdict == IBillSettlement.Verdict.Refused, "verdict");
        require(!_settles(paid), "settled");
        require(_settlement.settledWord(period, 0) == 0, "spent");
    }

    /// @dev Only a·R settles R: any other multiple is refused.
    function testFuzz_onlyTheReceiptSettles(uint256 scalar, uint256 wrong) public {
        vm.assume(wrong % BN254.ORDER != Curve.secret(0) && wrong % BN254.ORDER != 0);
        Bills.Paid memory paid = _paid(0, 1, 0, scalar);
        BN254.G1Point memory point = BN254.G1Point(paid.bill.rx, paid.bill.ry);
        paid.receipt = Curve.mul(point, wrong);
        require(!_settles(paid), "settled");
    }

    /// @dev A batch is accepted exactly when each of its bills would be, and then leaves the same state.
    function testFuzz_batchIsAcceptedAsItsBills(
        uint256 scalar,
        uint8 unpaid,
        uint8 settledBefore,
        uint8 size
    ) public {
        uint256 count = 1 + (size % METERS);
        Bills.Paid[] memory paid = new Bills.Paid[](count);
        bool allPaid = true;
        for (uint256 i = 0; i < count; ++i) {
            paid[i] = _paid(i, 7, 0, uint256(keccak256(abi.encode(scalar, i))));
            if ((settledBefore >> i) & 1 == 1) require(_settles(paid[i]), "before");
            if ((unpaid >> i) & 3 == 3) {
                paid[i].receipt = Curve.add(paid[i].receipt, Curve.generator());
                allPaid = false;
            }
        }
        uint256 word = _settlement.settledWord(7, 0);
        uint256 state = vm.snapshotState();
        bool acceptsBatch = _settlesBatch(paid);
        uint256 wordAfterBatch = _settlement.settledWord(7, 0);
        require(acceptsBatch == allPaid, "batch");
        vm.revertToState(state);

        for (uint256 i = 0; i < count; ++i) _settles(paid[i]);
        uint256 wordAfterEach = _settlement.settledWord(7, 0);
        require(wordAfterBatch == (acceptsBatch ? wordAfterEach : word), "state");
    }

    /// @dev The bits after settling do not depend on the order, nor on who sends.
    function testFuzz_orderDoesNotMatter(uint256 scalar, uint256 order) public {
        Bills.Paid[] memory paid = new Bills.Paid[](METERS);
        for (uint256 i = 0; i < METERS; ++i) {
            uint256 each = uint256(keccak256(abi.encode(scalar, i)));
            paid[i] = _paid(i, uint32(each % 2), 0, each);
        }
        uint256 state = vm.snapshotState();
        for (uint256 i = 0; i < METERS; ++i) require(_settles(paid[i]), "in order");
        (uint256 zero, uint256 one) = (
            _settlement.settledWord(0, 0),
            _settlement.settledWord(1, 0)
        );
        vm.revertToState(state);

        for (uint256 left = METERS; left > 0; --left) {
            uint256 pick = uint256(keccak256(abi.encode(order, left))) % left;
            vm.prank(address(uint160(0x10000 + pick)));
            _settlement.settle(paid[pick].bill, paid[pick].receipt.x, paid[pick].receipt.y);
            paid[pick] = paid[left - 1];
        }
        require(_settlement.settledWord(0, 0) == zero, "period 0");
        require(_settlement.settledWord(1, 0) == one, "period 1");
    }

    /// @dev One rogue meter cancels a victim's bill by −R + x·P1; x·A1 is public. No batch of the two settles.
    function testFuzz_cancellingBillDoesNotSettle(uint256 scalar, uint256 x) public {
        vm.assume(x % BN254.ORDER != 0);
        Bills.Paid[] memory paid = new Bills.Paid[](2);
        paid[0] = _paid(0, 7, 0, scalar);
        BN254.G1Point memory negative = BN254.G1Point(paid[0].bill.rx, BN254.P - paid[0].bill.ry);
        BN254.G1Point memory rogue = Curve.add(negative, Curve.mul(Curve.generator(), x));
        vm.assume(BN254.isPoint(rogue.x, rogue.y));
        paid[1].bill = IBillSettlement.SignedBill(7, 1, rogue.x, rogue.y, 0, 0);
        Bills.sign(_settlement, paid[1].bill, FIRST_KEY + 1);
        (BN254.G1Point memory a1, ) = Curve.publicKey(0);
        BN254.G1Point memory unpaid = Curve.mul(a1, x);
        try _settlement.settleBatch(1, Bills.billsOf(paid), unpaid.x, unpaid.y) {
            revert("settled unpaid");
        } catch {}
        require(_settlement.settledWord(7, 0) == 0, "spent");
    }

    /// @dev A precompile that fails, answers nothing, or answers with another word settles nothing.
    function test_brokenPrecompilesSettleNothing() public {
        Bills.Paid[] memory paid = new Bills.Paid[](1);
        paid[0] = _paid(0, 7, 0, 5);
        BN254.G1Point memory sum = Bills.combine(_settlement, paid);
        for (uint160 precompile = 6; precompile <= 8; ++precompile) {
            for (uint256 how = 0; how < 4; ++how) {
                _break(address(precompile), how);
                bool accepts = _settlesBatchWith(paid, sum);
                // Single bills use the pairing alone.
                bool acceptsOne = precompile == 8 && _settles(paid[0]);
                vm.clearMockedCalls();
                require(!accepts && !acceptsOne, "settled");
            }
        }
        require(_settlesBatchWith(paid, sum), "whole again");
    }

    /// @dev A multiplication that answers nothing must not leave the bills without weights: the plain sum of
    ///      receipts does not settle.
    function test_silentMultiplicationDoesNotDropTheWeights() public {
        Bills.Paid[] memory paid = new Bills.Paid[](2);
        for (uint256 i = 0; i < 2; ++i) paid[i] = _paid(i, 7, 0, 5 + i);
        BN254.G1Point memory plain = Curve.add(paid[0].receipt, paid[1].receipt);
        vm.mockCall(address(7), "", "");
        require(!_settlesBatchWith(paid, plain), "settled");
    }

    function _break(address precompile, uint256 how) private {
        if (how == 0) vm.mockCallRevert(precompile, "", "");
        else if (how == 1) vm.mockCall(precompile, "", "");
        else if (how == 2) vm.mockCall(precompile, "", abi.encode(uint256(2)));
        else vm.mockCall(precompile, "", abi.encode(uint256(1), uint256(1)));
    }

    function _paid(
        uint256 meter,
        uint32 period,
        uint256 which,
        uint256 scalar
    ) private view returns (Bills.Paid memory) {
        uint256 nonzero = 1 + (scalar % (BN254.ORDER - 1));
        return
            Bills.make(_settlement, FIRST_KEY + meter, period, uint32(which + 1), nonzero, which);
    }

    function _settles(Bills.Paid memory paid) private returns (bool) {
        try _settlement.settle(paid.bill, paid.receipt.x, paid.receipt.y) {
            return true;
        } catch {
            return false;
        }
    }

    function _settlesBatch(Bills.Paid[] memory paid) private returns (bool) {
        return _settlesBatchWith(paid, Bills.combine(_settlement, paid));
    }

    function _settlesBatchWith(
        Bills.Paid[] memory paid,
        BN254.G1Point memory sum
    ) private returns (bool) {
        try _settlement.settleBatch(1, Bills.billsOf(paid), sum.x, sum.y) {
            return true;
        } catch {
            return false;
        }
    }
}
