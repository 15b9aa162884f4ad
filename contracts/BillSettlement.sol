// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IBillSettlement} from "./interfaces/IBillSettlement.sol";
import {BatchReceipt} from "./libraries/BatchReceipt.sol";
import {BillDigest} from "./libraries/BillDigest.sol";
import {BN254} from "./libraries/BN254.sol";
import {CompactSignature} from "./libraries/CompactSignature.sol";
import {EpochRange} from "./libraries/EpochRange.sol";
import {KeyCode} from "./libraries/KeyCode.sol";
import {MeterRecord} from "./libraries/MeterRecord.sol";
import {Nullifiers} from "./libraries/Nullifiers.sol";
import {PairingCheck, PairingInput} from "./libraries/PairingCheck.sol";
import {KeyRegistry} from "./registries/KeyRegistry.sol";
import {LeadTime} from "./registries/LeadTime.sol";
import {MeterRegistry} from "./registries/MeterRegistry.sol";
import {ParameterRegistry} from "./registries/ParameterRegistry.sol";

/**
 * @title  BillSettlement
 * @notice Settles the bills of smart meters: see {IBillSettlement}.
 *
 * @dev The contract calls nothing but precompiles and itself, so nothing can re-enter it.
 */
contract BillSettlement is IBillSettlement, KeyRegistry, MeterRegistry, ParameterRegistry {
    using BatchReceipt for SignedBill[];
    using BatchReceipt for bytes32[];
    using BillDigest for SignedBill;
    using Nullifiers for Nullifiers.Store;

    /// @notice May pause and resume registrations.
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    Nullifiers.Store private _nullifiers;

    /**
     * @param roles         Who holds the roles; see {Appointments}.
     * @param noticeSigner_ Address of the key that signs the notices of key epochs.
     * @param lead_         Months between announcing a key or terms and their first period; 0 for a development
     *                      deployment.
     */
    constructor(
        Appointments memory roles,
        address noticeSigner_,
        uint32 lead_
    ) EIP712("Sipster", "1") LeadTime(lead_) KeyRegistry(noticeSigner_) {
        if (noticeSigner_ == address(0)) revert SettlementZeroAddress();
        _appoint(DEFAULT_ADMIN_ROLE, roles.admin);
        _appoint(KEY_REGISTRAR_ROLE, roles.keyRegistrar);
        _appoint(METER_REGISTRAR_ROLE, roles.meterRegistrar);
        _appoint(PARAMETER_REGISTRAR_ROLE, roles.parameterRegistrar);
        _appoint(PAUSER_ROLE, roles.pauser);
    }

    // ---------------------------------------------------------------------------------------------
    // Settlement
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc IBillSettlement
    function settle(SignedBill calldata bill, uint256 sx, uint256 sy) external override {
        (address meter, uint256 key, uint256 word) = _check(bill, sx, sy);
        _nullifiers.words[key] = word;
        emit BillSettled(meter, bill.period, bill.keyEpoch);
    }

    /// @inheritdoc IBillSettlement
    function settleWithSignature(
        uint32 period,
        uint32 keyEpoch,
        uint256 rx,
        uint256 ry,
        bytes calldata signature,
        uint256 sx,
        uint256 sy
    ) external override {
        (bytes32 r, bytes32 vs) = CompactSignature.compact(signature);
        this.settle(SignedBill(period, keyEpoch, rx, ry, r, vs), sx, sy);
    }

    /// @inheritdoc IBillSettlement
    function settleBatch(
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) external override {
        _goThroughBatch(true, keyEpoch, bills, sx, sy);
    }

    // ---------------------------------------------------------------------------------------------
    // Checking without settling
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc IBillSettlement
    function explain(
        SignedBill calldata bill,
        uint256 sx,
        uint256 sy
    ) external view override returns (Verdict verdict, bytes memory reason) {
        // The view is the settlement's own checks, called from outside so that the revert can be caught.
        try this.check(bill, sx, sy) {
            return (Verdict.Settles, "");
        } catch (bytes memory revertData) {
            _requireReason(revertData);
            bool isSpent = bytes4(revertData) == SettlementAlreadySettled.selector;
            return (isSpent ? Verdict.AlreadySettled : Verdict.Refused, revertData);
        }
    }

    /// @inheritdoc IBillSettlement
    function explainBatch(
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) external view override returns (Verdict verdict, uint256 index, bytes memory reason) {
        try this.checkBatch(keyEpoch, bills, sx, sy) returns (uint256 unsettled) {
            verdict = unsettled == 0 ? Verdict.AlreadySettled : Verdict.Settles;
            return (verdict, bills.length, "");
        } catch (bytes memory revertData) {
            _requireReason(revertData);
            // The batch stops at the first bill at fault, for the reason that bill alone is refused.
            for (index = 0; index < bills.length; ++index) {
                try this.checkBatchBill(keyEpoch, index, bills[index]) {} catch (
                    bytes memory billReason
                ) {
                    if (keccak256(billReason) == keccak256(revertData)) break;
                }
            }
            return (Verdict.Refused, index, revertData);
        }
    }

    /// @inheritdoc IBillSettlement
    function check(
        SignedBill calldata bill,
        uint256 sx,
        uint256 sy
    ) external view override returns (address meter) {
        (meter, , ) = _check(bill, sx, sy);
    }

    /// @inheritdoc IBillSettlement
    function checkBatch(
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) external view override returns (uint256 unsettled) {
        return _viewOf(_goThroughBatch)(false, keyEpoch, bills, sx, sy);
    }

    /// @inheritdoc IBillSettlement
    function checkBatchBill(
        uint32 keyEpoch,
        uint256 index,
        SignedBill calldata bill
    ) external view override returns (address meter, bool isSettled) {
        EpochRange range = _epochRange(keyEpoch);
        bytes32 domain = _domainSeparatorV4();
        uint32 period;
        MeterRecord record;
        (, period, meter, record) = _authenticateInBatch(domain, range, keyEpoch, index, bill);
        isSettled = _nullifiers.isSpent(period, record.index());
        if (!isSettled) _requireValid(record, meter, period);
    }

    // ---------------------------------------------------------------------------------------------
    // State
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc IBillSettlement
    function systemId() external view override returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this)));
    }

    /// @inheritdoc IBillSettlement
    function billDigest(
        uint32 period,
        uint32 keyEpoch,
        uint256 rx,
        uint256 ry
    ) external view override returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(abi.encode(BillDigest.BILL_TYPEHASH, period, keyEpoch, rx, ry))
            );
    }

    /// @inheritdoc IBillSettlement
    function settled(address meter, uint32 period) external view override returns (bool) {
        (bool isRegistered, uint32 index) = _meterIndex(meter);
        return isRegistered && _nullifiers.isSpent(period, index);
    }

    /// @inheritdoc IBillSettlement
    function settledWord(uint32 period, uint32 word) external view override returns (uint256) {
        if (word > type(uint32).max >> 8) revert SettlementWordOutOfRange(word);
        return _nullifiers.words[Nullifiers.keyOf(period, word << 8)];
    }

    // ---------------------------------------------------------------------------------------------
    // Pause: registrations only
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc IBillSettlement
    function pause() external override onlyRole(PAUSER_ROLE) {
        _pause();
    }

    /// @inheritdoc IBillSettlement
    function unpause() external override onlyRole(PAUSER_ROLE) {
        _unpause();
    }

    // ---------------------------------------------------------------------------------------------
    // The checks
    // ---------------------------------------------------------------------------------------------

    /// @dev The checks of one bill. To settle it is to write `word`, which has its bit set, at `key`.
    function _check(
        SignedBill calldata bill,
        uint256 sx,
        uint256 sy
    ) private view returns (address meter, uint256 key, uint256 word) {
        (uint32 period, uint32 keyEpoch) = (bill.period, bill.keyEpoch);
        // 1. The key epoch is that of the period.
        EpochRange range = _epochRange(keyEpoch);
        if (!range.contains(period)) _revertNotOfPeriod(range, keyEpoch, period);
        // 2. The points are points.
        _requireBillPoint(bill.rx, bill.ry);
        _requireReceiptPoint(sx, sy);
        // 3. A registered meter signed.
        MeterRecord record;
        (, meter, record) = _authenticate(_domainSeparatorV4(), bill);
        // 4. Its period is not settled, and it may settle it.
        key = Nullifiers.keyOf(period, record.index());
        word = _nullifiers.words[key];
        uint256 bit = Nullifiers.bitOf(record.index());
        if (word & bit != 0) revert SettlementAlreadySettled(meter, period);
        word |= bit;
        _requireValid(record, meter, period);
        // 5. The receipt pays it.
        PairingInput input = PairingCheck.allocate();
        KeyCode.read(keyEpoch, input);
        if (!input.holds(sx, sy, bill.rx, bill.ry)) {
            revert SettlementReceiptMismatch(meter, period, keyEpoch);
        }
    }

    /// @dev Checks a batch and, if `settles`, settles what is not settled yet; otherwise it changes nothing.
    function _goThroughBatch(
        bool settles,
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) private returns (uint256 unsettled) {
        if (bills.length == 0) revert SettlementBatchEmpty();
        EpochRange range = _epochRange(keyEpoch);
        _requireReceiptPoint(sx, sy);
        bytes32 seed;
        // Settled before the pairing; if that fails, the revert takes everything back.
        (seed, unsettled) = _goThroughBills(settles, range, keyEpoch, bills);
        // 5. The receipt pays all of them.
        _requireBatchReceipt(keyEpoch, seed, bills, sx, sy);
    }

    /// @dev Checks 1 to 4 of the bills of a batch.
    function _goThroughBills(
        bool settles,
        EpochRange range,
        uint32 keyEpoch,
        SignedBill[] calldata bills
    ) private returns (bytes32 seed, uint256 unsettled) {
        bytes32[] memory seedInput = BatchReceipt.allocate(bills.length);
        bytes32 domain = _domainSeparatorV4();
        // Bits are gathered in the stack and reach storage when the word changes: neighbouring meters share
        // one read and one write.
        uint256 key = Nullifiers.NO_WORD;
        uint256 word;
        for (uint256 i = 0; i < bills.length; ++i) {
            SignedBill calldata bill = bills.billAt(i);
            // 1. to 3.
            (
                bytes32 digest,
                uint32 period,
                address meter,
                MeterRecord record
            ) = _authenticateInBatch(domain, range, keyEpoch, i, bill);
            seedInput.putDigest(i, digest);
            uint256 nextKey = Nullifiers.keyOf(period, record.index());
            if (nextKey != key) {
                if (settles && key != Nullifiers.NO_WORD) _nullifiers.words[key] = word;
                key = nextKey;
                word = _nullifiers.words[key];
            }
            // 4. Settled already, which a batch allows, or the meter may settle it.
            uint256 bit = Nullifiers.bitOf(record.index());
            if (word & bit == 0) {
                _requireValid(record, meter, period);
                word |= bit;
                if (settles) emit BillSettled(meter, period, keyEpoch);
                else ++unsettled;
            }
        }
        if (settles) _nullifiers.words[key] = word;
        seed = seedInput.seedOf();
    }

    /// @dev The same function as one that changes nothing, which it does when its first argument is false. The
    ///      compiler cannot know that; the node does, for a view is called without the right to write.
    function _viewOf(
        function(bool, uint32, SignedBill[] calldata, uint256, uint256) internal returns (uint256) f
    )
        private
        pure
        returns (
            function(
                bool,
                uint32,
                SignedBill[] calldata,
                uint256,
                uint256
            ) internal view returns (uint256) g
        )
    {
        assembly ("memory-safe") {
            g := f
        }
    }

    /// @dev Checks 1 to 3 of bill number `i` of a batch.
    function _authenticateInBatch(
        bytes32 domain,
        EpochRange range,
        uint32 keyEpoch,
        uint256 i,
        SignedBill calldata bill
    ) private view returns (bytes32 digest, uint32 period, address meter, MeterRecord record) {
        if (!bill.isUnder(keyEpoch)) revert SettlementBatchKeyEpoch(i, keyEpoch, bill.keyEpoch);
        uint256 word = bill.periodWord();
        if (!range.contains(word)) _revertNotOfPeriod(range, keyEpoch, bill.period);
        period = uint32(word);
        _requireBillPoint(bill.rx, bill.ry);
        (digest, meter, record) = _authenticate(domain, bill);
    }

    /// @dev Check 5 of a batch.
    function _requireBatchReceipt(
        uint32 keyEpoch,
        bytes32 seed,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) private view {
        (uint256 x, uint256 y) = bills.weightedSum(seed);
        // The sum is the identity with probability 2^-254, and then no receipt but the refused identity
        // would fit; the precompile would read p − 0 = p as a bad coordinate.
        PairingInput input = PairingCheck.allocate();
        KeyCode.read(keyEpoch, input);
        if (x | y == 0 || !input.holds(sx, sy, x, y)) {
            revert SettlementBatchReceiptMismatch(bills.length);
        }
    }

    function _requireBillPoint(uint256 rx, uint256 ry) private pure {
        if (!BN254.isPoint(rx, ry)) {
            revert SettlementBillPointInvalid(BN254.defect(rx, ry), rx, ry);
        }
    }

    function _requireReceiptPoint(uint256 sx, uint256 sy) private pure {
        if (!BN254.isPoint(sx, sy)) {
            revert SettlementReceiptPointInvalid(BN254.defect(sx, sy), sx, sy);
        }
    }

    /// @dev Check 3: who signed, and what is registered for that meter.
    function _authenticate(
        bytes32 domain,
        SignedBill calldata bill
    ) private view returns (bytes32 digest, address meter, MeterRecord record) {
        digest = BillDigest.digest(domain, bill);
        meter = CompactSignature.recover(digest, bill.r, bill.vs);
        record = _registeredMeter(meter);
    }

    /// @dev Too little gas says nothing about a bill: it ends a call without data, or in the precompile.
    function _requireReason(bytes memory revertData) private pure {
        if (revertData.length == 0 || bytes4(revertData) == BN254.BN254PrecompileFailed.selector)
            revert SettlementExplainOutOfGas();
    }

    function _appoint(bytes32 role, address holder) private {
        if (holder == address(0)) revert SettlementZeroAddress();
        _grantRole(role, holder);
    }
}
