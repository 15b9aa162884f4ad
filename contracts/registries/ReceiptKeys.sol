// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IConsumptionLedger} from "../interfaces/IConsumptionLedger.sol";
import {LedgerHashes} from "../libraries/LedgerHashes.sol";

/// @notice The keys that sign receipts, apart from the accounts that anchor: a holder of the role may be a contract.
abstract contract ReceiptKeys is IConsumptionLedger, AccessControl, EIP712 {
    using LedgerHashes for Receipt;

    /// @notice May anchor L_OCD, and register receipt keys.
    bytes32 public constant CONTROL_CENTRE_ROLE = keccak256("CONTROL_CENTRE_ROLE");

    struct Span {
        uint32 first;
        uint32 last;
    }

    /// @inheritdoc IConsumptionLedger
    mapping(address key => Span) public override receiptKeys;

    /// @inheritdoc IConsumptionLedger
    function registerReceiptKey(
        address key,
        uint32 first,
        uint32 last
    ) external override onlyRole(CONTROL_CENTRE_ROLE) {
        bool isKnown = receiptKeys[key].last != 0;
        if (key == address(0) || isKnown || first > last || last == 0) {
            revert LedgerReceiptKeyInvalid(key);
        }
        _set(key, first, last);
    }

    /// @inheritdoc IConsumptionLedger
    function revokeReceiptKey(
        address key,
        uint32 from
    ) external override onlyRole(CONTROL_CENTRE_ROLE) {
        Span memory span = receiptKeys[key];
        if (from <= span.first || from > span.last) revert LedgerReceiptKeyInvalid(key);
        if (_isAnchored(from - 2)) revert LedgerRevocationLate(key, from);
        _set(key, span.first, from - 1);
    }

    function _set(address key, uint32 first, uint32 last) private {
        receiptKeys[key] = Span(first, last);
        emit ReceiptKeySet(key, first, last);
    }

    /// @dev Does the receipt show this leaf, under a key that is registered for the interval?
    function _requireReceipt(uint32 interval, Receipt calldata receipt) internal view {
        bool isFit =
            receipt.interval == interval &&
                receipt.which < 8 &&
                // Not padding, which is of a category that no report has.
                receipt.category <= LedgerHashes.PRESENCE &&
                receipt.leaves[receipt.which] == receipt.shownLeaf();
        if (isFit) {
            bytes32 digest = _hashTypedDataV4(receipt.hash());
            (address signer, , ) = ECDSA.tryRecoverCalldata(digest, receipt.signature);
            Span memory span = receiptKeys[signer];
            isFit = span.last != 0 && span.first <= interval && interval <= span.last;
        }
        if (!isFit) revert LedgerReceiptInvalid(receipt.interval, receipt.which);
    }

    /// @dev Has the interval a page?
    function _isAnchored(uint32 interval) internal view virtual returns (bool);
}
