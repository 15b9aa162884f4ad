// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IBillSettlement} from "./interfaces/IBillSettlement.sol";
import {BatchReceipt} from "./libraries/BatchReceipt.sol";
import {BillSignature} from "./libraries/BillSignature.sol";
import {BN254} from "./libraries/BN254.sol";
import {Nullifiers} from "./libraries/Nullifiers.sol";
import {PairingInput} from "./libraries/PairingCheck.sol";
import {KeyRegistry} from "./registries/KeyRegistry.sol";
import {MeterRegistry} from "./registries/MeterRegistry.sol";

/**
 * @title  BillSettlement
 * @notice Settles the bills of smart meters: see {IBillSettlement}.
 *
 * @dev The contract calls nothing but precompiles and itself, so nothing can re-enter it.
 */
contract BillSettlement is KeyRegistry, MeterRegistry, EIP712 {
    using BatchReceipt for SignedBill[];
    using BatchReceipt for bytes32[];
    using Nullifiers for Nullifiers.Store;

    /// @notice May pause and resume registrations.
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    Nullifiers.Store private _nullifiers;

    /// @dev No key of a nullifier word: keys have 64 bits.
    uint256 private constant NO_WORD = type(uint256).max;

    /**
     * @notice Deploys with one holder for each role. They may be the same, and none may be zero.
     * @param admin            Grants and revokes roles, and nothing else.
     * @param keyRegistrar     Registers keys of the utility.
     * @param meterRegistrar   Registers and retires meters.
     * @param pauser           Pauses and resumes registrations.
     * @param activationDelay_ Seconds between the registration of a key and its first settlement.
     */
    constructor(
        address admin,
        address keyRegistrar,
        address meterRegistrar,
        address pauser,
        uint32 activationDelay_
    ) EIP712("Sipster", "1") KeyRegistry(activationDelay_) {
        _appoint(DEFAULT_ADMIN_ROLE, admin);
        _appoint(KEY_REGISTRAR_ROLE, keyRegistrar);
        _appoint(METER_REGISTRAR_ROLE, meterRegistrar);
        _appoint(PAUSER_ROLE, pauser);
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
        (bytes32 r, bytes32 vs) = BillSignature.compact(signature);
        this.settle(SignedBill(period, keyEpoch, rx, ry, r, vs), sx, sy);
    }

    /// @inheritdoc IBillSettlement
    function settleBatch(
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) external override {
        (PairingInput input, bytes32[] memory seedInput) = _openBatch(keyEpoch, bills, sx, sy);
        bytes32 domain = _domainSeparatorV4();
        // Bits are gathered in the stack and reach storage when the word changes: neighbouring meters
        // share one read and one write.
        uint256 key = NO_WORD;
        uint256 word;
        for (uint256 i = 0; i < bills.length; ++i) {
            SignedBill calldata bill = bills.billAt(i);
            uint32 period = bill.period;
            (bytes32 digest, address meter, uint32 index) = _authenticateInBatch(
                domain,
                keyEpoch,
                i,
                bill,
                period
            );
            seedInput.putDigest(i, digest);
            // Spent before the pairing; if that fails, the revert takes everything back.
            uint256 nextKey = Nullifiers.keyOf(period, index);
            if (nextKey != key) {
                if (key != NO_WORD) _nullifiers.words[key] = word;
                key = nextKey;
                word = _nullifiers.words[key];
            }
            uint256 bit = Nullifiers.bitOf(index);
            if (word & bit == 0) {
                word |= bit;
                emit BillSettled(meter, period, keyEpoch);
            }
        }
        _nullifiers.words[key] = word;
        _requireBatchReceipt(input, seedInput, bills, sx, sy);
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
        (PairingInput input, bytes32[] memory seedInput) = _openBatch(keyEpoch, bills, sx, sy);
        bytes32 domain = _domainSeparatorV4();
        for (uint256 i = 0; i < bills.length; ++i) {
            SignedBill calldata bill = bills.billAt(i);
            uint32 period = bill.period;
            (bytes32 digest, , uint32 index) = _authenticateInBatch(
                domain,
                keyEpoch,
                i,
                bill,
                period
            );
            seedInput.putDigest(i, digest);
            if (!_nullifiers.isSpent(period, index)) ++unsettled;
        }
        _requireBatchReceipt(input, seedInput, bills, sx, sy);
    }

    /// @inheritdoc IBillSettlement
    function checkBatchBill(
        uint32 keyEpoch,
        uint256 index,
        SignedBill calldata bill
    ) external view override returns (address meter, bool isSettled) {
        uint32 meterIndex;
        uint32 period = bill.period;
        bytes32 domain = _domainSeparatorV4();
        (, meter, meterIndex) = _authenticateInBatch(domain, keyEpoch, index, bill, period);
        isSettled = _nullifiers.isSpent(period, meterIndex);
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
                keccak256(abi.encode(BillSignature.BILL_TYPEHASH, period, keyEpoch, rx, ry))
            );
    }

    /// @inheritdoc IBillSettlement
    function settled(address meter, uint32 period) external view override returns (bool) {
        (bool isRegistered, uint32 index) = _meterIndex(meter);
        return isRegistered && _nullifiers.isSpent(period, index);
    }

    /// @inheritdoc IBillSettlement
    function settledWord(uint32 period, uint32 word) external view override returns (uint256) {
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

    /// @dev Checks 1 to 5 of one bill. To settle it is to write the word at this key, its bit being set.
    function _check(
        SignedBill calldata bill,
        uint256 sx,
        uint256 sy
    ) private view returns (address meter, uint256 key, uint256 word) {
        uint32 period = bill.period;
        uint32 keyEpoch = bill.keyEpoch;
        (uint256 rx, uint256 ry) = (bill.rx, bill.ry);
        PairingInput input = _activeKey(keyEpoch);
        _requireBillPoint(rx, ry);
        _requireReceiptPoint(sx, sy);
        uint32 index;
        (, meter, index) = _authenticate(_domainSeparatorV4(), bill, period);
        key = Nullifiers.keyOf(period, index);
        word = _nullifiers.words[key];
        uint256 bit = Nullifiers.bitOf(index);
        if (word & bit != 0) revert SettlementAlreadySettled(meter, period);
        word |= bit;
        if (!input.holds(sx, sy, rx, ry)) revert SettlementReceiptMismatch(meter, period, keyEpoch);
    }

    /// @dev Check 1 and the receipt's part of check 2, for a batch; `seedInput` has room for the digests.
    function _openBatch(
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) private view returns (PairingInput input, bytes32[] memory seedInput) {
        if (bills.length == 0) revert SettlementBatchEmpty();
        input = _activeKey(keyEpoch);
        _requireReceiptPoint(sx, sy);
        seedInput = BatchReceipt.allocate(bills.length);
    }

    /// @dev The bill's part of check 2, and check 3, for bill number `i` of a batch.
    function _authenticateInBatch(
        bytes32 domain,
        uint32 keyEpoch,
        uint256 i,
        SignedBill calldata bill,
        uint32 period
    ) private view returns (bytes32 digest, address meter, uint32 index) {
        if (bill.keyEpoch != keyEpoch) {
            revert SettlementBatchKeyEpoch(i, keyEpoch, bill.keyEpoch);
        }
        _requireBillPoint(bill.rx, bill.ry);
        return _authenticate(domain, bill, period);
    }

    /// @dev Check 5 of a batch.
    function _requireBatchReceipt(
        PairingInput input,
        bytes32[] memory seedInput,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) private view {
        (uint256 x, uint256 y) = bills.weightedSum(seedInput.seedOf());
        // The sum is the identity with probability 2^-254, and then no receipt but the refused identity
        // would fit; the precompile would read p − 0 = p as a bad coordinate.
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

    /// @dev Check 3: who signed, and whether that meter may settle this period.
    function _authenticate(
        bytes32 domain,
        SignedBill calldata bill,
        uint32 period
    ) private view returns (bytes32 digest, address meter, uint32 index) {
        digest = BillSignature.digest(domain, bill);
        meter = BillSignature.recover(digest, bill.r, bill.vs);
        index = _validMeterIndex(meter, period);
    }

    /// @dev Too little gas is no verdict on a bill: it ends a call without a word, or in the precompile.
    function _requireReason(bytes memory revertData) private pure {
        if (revertData.length == 0 || bytes4(revertData) == BN254.BN254PrecompileFailed.selector)
            revert SettlementExplainOutOfGas();
    }

    function _appoint(bytes32 role, address holder) private {
        if (holder == address(0)) revert SettlementZeroAddress();
        _grantRole(role, holder);
    }
}
