// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IBillSettlement} from "./interfaces/IBillSettlement.sol";
import {BatchReceipt} from "./libraries/BatchReceipt.sol";
import {BillSignature} from "./libraries/BillSignature.sol";
import {BN254} from "./libraries/BN254.sol";
import {KeyRegistry} from "./registries/KeyRegistry.sol";
import {MeterRegistry} from "./registries/MeterRegistry.sol";

/**
 * @title  BillSettlement
 * @notice Settles the bills of smart meters: see {IBillSettlement}.
 *
 * @dev The contract calls nothing but precompiles and itself (in views), so nothing can re-enter it.
 */
contract BillSettlement is KeyRegistry, MeterRegistry, EIP712 {
    /// @notice May pause and resume registrations.
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /**
     * @dev The nullifiers. Word (period << 32 | index >> 8), bit (index & 255): neighbouring meters share a
     *      word, so that only the first of 256 pays for fresh storage.
     */
    mapping(uint256 periodAndWord => uint256 bits) private _settledBits;

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
        _settle(bill, sx, sy);
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
        SignedBill memory bill;
        (bill.period, bill.keyEpoch, bill.rx, bill.ry) = (period, keyEpoch, rx, ry);
        (bill.r, bill.vs) = BillSignature.compact(signature);
        _settle(bill, sx, sy);
    }

    /// @inheritdoc IBillSettlement
    function settleBatch(
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) external override {
        (uint256[13] memory buffer, bytes32[] memory words) = _openBatch(keyEpoch, bills, sx, sy);
        bytes32 domain = _domainSeparatorV4();
        for (uint256 i = 0; i < bills.length; ++i) {
            address meter;
            uint32 index;
            uint32 period = bills[i].period;
            (words[i + 3], meter, index) = _authenticateInBatch(domain, keyEpoch, i, bills[i]);
            // Marked before the pairing; if that fails, the revert takes all marks back.
            if (!_isSettled(period, index)) _markSettled(period, index, meter, keyEpoch);
        }
        _requireBatchReceipt(buffer, words, bills, sx, sy);
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
            if (revertData.length == 0) revert SettlementExplainOutOfGas();
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
            if (revertData.length == 0) revert SettlementExplainOutOfGas();
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
        (meter, ) = _check(bill, sx, sy);
    }

    /// @inheritdoc IBillSettlement
    function checkBatch(
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) external view override returns (uint256 unsettled) {
        (uint256[13] memory buffer, bytes32[] memory words) = _openBatch(keyEpoch, bills, sx, sy);
        bytes32 domain = _domainSeparatorV4();
        for (uint256 i = 0; i < bills.length; ++i) {
            uint32 index;
            (words[i + 3], , index) = _authenticateInBatch(domain, keyEpoch, i, bills[i]);
            if (!_isSettled(bills[i].period, index)) ++unsettled;
        }
        _requireBatchReceipt(buffer, words, bills, sx, sy);
    }

    /// @inheritdoc IBillSettlement
    function checkBatchBill(
        uint32 keyEpoch,
        uint256 index,
        SignedBill calldata bill
    ) external view override returns (address meter, bool isSettled) {
        uint32 meterIndex;
        (, meter, meterIndex) = _authenticateInBatch(_domainSeparatorV4(), keyEpoch, index, bill);
        isSettled = _isSettled(bill.period, meterIndex);
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
        SignedBill memory bill;
        (bill.period, bill.keyEpoch, bill.rx, bill.ry) = (period, keyEpoch, rx, ry);
        return BillSignature.digest(_domainSeparatorV4(), bill);
    }

    /// @inheritdoc IBillSettlement
    function settled(address meter, uint32 period) external view override returns (bool) {
        Meter memory entry = meterOf(meter);
        return entry.registered && _isSettled(period, entry.index);
    }

    /// @inheritdoc IBillSettlement
    function settledWord(uint32 period, uint32 word) external view override returns (uint256) {
        return _settledBits[(uint256(period) << 32) | word];
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

    function _settle(SignedBill memory bill, uint256 sx, uint256 sy) private {
        (address meter, uint32 index) = _check(bill, sx, sy);
        _markSettled(bill.period, index, meter, bill.keyEpoch);
    }

    /// @dev Checks 1 to 5 of one bill.
    function _check(
        SignedBill memory bill,
        uint256 sx,
        uint256 sy
    ) private view returns (address meter, uint32 index) {
        uint256[13] memory buffer = _activeKey(bill.keyEpoch);
        _requireBillPoint(bill);
        _requireReceiptPoint(sx, sy);
        (, meter, index) = _authenticate(_domainSeparatorV4(), bill);
        if (_isSettled(bill.period, index)) revert SettlementAlreadySettled(meter, bill.period);
        if (!BN254.pairingsEqual(buffer, sx, sy, bill.rx, bill.ry)) {
            revert SettlementReceiptMismatch(meter, bill.period, bill.keyEpoch);
        }
    }

    /// @dev Check 1 and the receipt's part of check 2, for a batch; `words` has room for the digests.
    function _openBatch(
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) private view returns (uint256[13] memory buffer, bytes32[] memory words) {
        if (bills.length == 0) revert SettlementBatchEmpty();
        buffer = _activeKey(keyEpoch);
        _requireReceiptPoint(sx, sy);
        words = new bytes32[](bills.length + 3);
    }

    /// @dev The bill's part of check 2, and check 3, for bill number `i` of a batch.
    function _authenticateInBatch(
        bytes32 domain,
        uint32 keyEpoch,
        uint256 i,
        SignedBill memory bill
    ) private view returns (bytes32 digest, address meter, uint32 index) {
        if (bill.keyEpoch != keyEpoch) {
            revert SettlementBatchKeyEpoch(i, keyEpoch, bill.keyEpoch);
        }
        _requireBillPoint(bill);
        return _authenticate(domain, bill);
    }

    /// @dev Check 5 of a batch.
    function _requireBatchReceipt(
        uint256[13] memory buffer,
        bytes32[] memory words,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) private view {
        (uint256 x, uint256 y) = BatchReceipt.weightedSum(BatchReceipt.seedOf(words), bills);
        // The sum is the identity with probability 2^-254, and then no receipt but the refused identity
        // would fit; the precompile would read p − 0 = p as a bad coordinate.
        if (x | y == 0 || !BN254.pairingsEqual(buffer, sx, sy, x, y)) {
            revert SettlementBatchReceiptMismatch(bills.length);
        }
    }

    function _requireBillPoint(SignedBill memory bill) private pure {
        BN254.Defect defect = BN254.defect(bill.rx, bill.ry);
        if (defect != BN254.Defect.None) {
            revert SettlementBillPointInvalid(defect, bill.rx, bill.ry);
        }
    }

    function _requireReceiptPoint(uint256 sx, uint256 sy) private pure {
        BN254.Defect defect = BN254.defect(sx, sy);
        if (defect != BN254.Defect.None) revert SettlementReceiptPointInvalid(defect, sx, sy);
    }

    /// @dev Check 3: who signed, and whether that meter may settle this period.
    function _authenticate(
        bytes32 domain,
        SignedBill memory bill
    ) private view returns (bytes32 digest, address meter, uint32 index) {
        digest = BillSignature.digest(domain, bill);
        meter = BillSignature.recover(digest, bill.r, bill.vs);
        index = _validMeterIndex(meter, bill.period);
    }

    /// @dev Check 4.
    function _isSettled(uint32 period, uint32 index) private view returns (bool) {
        return _settledBits[_wordOf(period, index)] & (1 << (index & 0xff)) != 0;
    }

    /// @dev Step 6.
    function _markSettled(uint32 period, uint32 index, address meter, uint32 keyEpoch) private {
        _settledBits[_wordOf(period, index)] |= 1 << (index & 0xff);
        emit BillSettled(meter, period, keyEpoch);
    }

    function _wordOf(uint32 period, uint32 index) private pure returns (uint256) {
        return (uint256(period) << 32) | (index >> 8);
    }

    function _appoint(bytes32 role, address holder) private {
        if (holder == address(0)) revert SettlementZeroAddress();
        _grantRole(role, holder);
    }
}
