// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IConsumptionLedger} from "./interfaces/IConsumptionLedger.sol";
import {IPriceFunction} from "./interfaces/IPriceFunction.sol";
import {LedgerHashes} from "./libraries/LedgerHashes.sol";
import {LedgerAnchors} from "./registries/LedgerAnchors.sol";

/**
 * @title  ConsumptionLedger
 * @notice Anchors a consumption ledger and judges contradictions in it: see {IConsumptionLedger}.
 */
contract ConsumptionLedger is LedgerAnchors, EIP712 {
    using LedgerHashes for Receipt;

    /// @dev Categories of parcels, from a quarter of the average to four times.
    uint256 private constant CATEGORIES = 5;

    /// @inheritdoc IConsumptionLedger
    IPriceFunction public immutable override priceFunction;

    /// @inheritdoc IConsumptionLedger
    mapping(uint32 interval => uint256 kinds) public override contradictionsOf;

    /**
     * @notice Deploys with one holder for each role. They may be the same, and none may be zero.
     * @param admin          Grants and revokes roles, and nothing else.
     * @param controlCentre  Anchors L_OCD.
     * @param provider       Anchors L_DAP and L_BC.
     * @param priceFunction_ Gives the prices.
     * @param firstInterval  The first interval to be anchored.
     */
    constructor(
        address admin,
        address controlCentre,
        address provider,
        IPriceFunction priceFunction_,
        uint32 firstInterval
    ) EIP712("Sipster Ledger", "1") LedgerAnchors(firstInterval) {
        bool isZero = admin == address(0) || controlCentre == address(0) || provider == address(0);
        if (isZero || address(priceFunction_) == address(0)) revert LedgerZeroAddress();
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(CONTROL_CENTRE_ROLE, controlCentre);
        _grantRole(PROVIDER_ROLE, provider);
        priceFunction = priceFunction_;
    }

    // ---------------------------------------------------------------------------------------------
    // Challenges
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc IConsumptionLedger
    function challengePrice(Page calldata page) external override {
        uint32 interval = _requireBilled(page);
        uint64 expected = priceFunction.priceAt(interval, page.consumption.load);
        _conclude(Contradiction.Price, interval, 0, page.price.price != expected);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeRowCount(Page calldata page) external override {
        uint32 interval = _requireBilled(page);
        bool isWrong = page.bills.rows != page.consumption.rows;
        _conclude(Contradiction.RowCount, interval, 0, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeParcel(Page calldata page, ConsumptionRow calldata row) external override {
        uint32 interval = _requireAnchored(page);
        _requireRow(page.consumption, row);
        bool isBeyond = row.index >= page.consumption.rows;
        bool isWrong = isBeyond || !_isPublishedSize(page.consumption, row.wattHours);
        _conclude(Contradiction.Parcel, interval, row.index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeOrder(
        Page calldata page,
        ConsumptionRow calldata row,
        ConsumptionRow calldata next
    ) external override {
        uint32 interval = _requireAnchored(page);
        _requireNeighbours(page.consumption, row, next);
        bool isWrong = row.pseudonym >= next.pseudonym;
        _conclude(Contradiction.Order, interval, next.index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeConsumptionTotal(
        Page calldata page,
        ConsumptionRow[] calldata rows
    ) external override {
        uint32 interval = _requireAnchored(page);
        Consumption calldata consumption = page.consumption;
        bool isWrong;
        uint32 index;
        if (rows.length == 2) {
            _requireNeighbours(consumption, rows[0], rows[1]);
            index = rows[1].index;
            // In 256 bits: a step that would overflow 64 is wrong as well.
            uint256 sum = uint256(rows[0].cumulative) + rows[1].wattHours;
            isWrong = rows[1].cumulative != sum;
        } else if (rows.length == 1) {
            _requireRow(consumption, rows[0]);
            index = rows[0].index;
            isWrong = index == 0 && rows[0].cumulative != rows[0].wattHours;
            if (uint256(index) + 1 == consumption.rows) {
                isWrong = isWrong || rows[0].cumulative != consumption.load;
            }
        } else {
            if (rows.length != 0 || consumption.rows != 0) revert LedgerRowsUnfit(rows.length);
            isWrong = consumption.load != 0;
        }
        _conclude(Contradiction.ConsumptionTotal, interval, index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeBillTotal(Page calldata page, BillRow[] calldata rows) external override {
        uint32 interval = _requireBilled(page);
        Bills calldata bills = page.bills;
        bool isWrong;
        uint32 index;
        if (rows.length == 2) {
            _requireRow(bills, rows[0]);
            _requireRow(bills, rows[1]);
            index = rows[1].index;
            if (index != uint256(rows[0].index) + 1) revert LedgerRowsUnfit(2);
            uint256 sum = uint256(rows[0].cumulative) + rows[1].amount;
            isWrong = rows[1].cumulative != sum;
        } else if (rows.length == 1) {
            _requireRow(bills, rows[0]);
            index = rows[0].index;
            isWrong = index == 0 && rows[0].cumulative != rows[0].amount;
            if (uint256(index) + 1 == bills.rows) {
                isWrong = isWrong || rows[0].cumulative != bills.total;
            }
        } else {
            if (rows.length != 0 || bills.rows != 0) revert LedgerRowsUnfit(rows.length);
            isWrong = bills.total != 0;
        }
        _conclude(Contradiction.BillTotal, interval, index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeBillAmount(Page calldata page, BillRow calldata row) external override {
        uint32 interval = _requireBilled(page);
        _requireRow(page.bills, row);
        bool isWrong = row.amount != uint256(page.price.price) * row.wattHours;
        _conclude(Contradiction.BillAmount, interval, row.index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeBillParcel(
        Page calldata page,
        BillRow calldata bill,
        ConsumptionRow calldata row
    ) external override {
        uint32 interval = _requireBilled(page);
        _requireRow(page.bills, bill);
        _requireRow(page.consumption, row);
        if (bill.index != row.index) revert LedgerRowsUnfit(2);
        bool isWrong = bill.pseudonym != row.pseudonym || bill.wattHours != row.wattHours;
        _conclude(Contradiction.BillParcel, interval, row.index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeMissingRow(
        Page calldata page,
        Receipt calldata receipt,
        uint256 which,
        ConsumptionRow[] calldata neighbours
    ) external override {
        uint32 interval = _requireAnchored(page);
        uint8 category = _requireReceipt(page, receipt, which);
        bool isAbsent = _isAbsent(page.consumption, receipt.pseudonyms[which], neighbours);
        bool isPublished = (page.consumption.withheld >> category) & 1 == 0;
        _conclude(Contradiction.MissingRow, interval, which, isAbsent && isPublished);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeAlteredRow(
        Page calldata page,
        Receipt calldata receipt,
        uint256 which,
        ConsumptionRow calldata row
    ) external override {
        uint32 interval = _requireAnchored(page);
        uint8 category = _requireReceipt(page, receipt, which);
        _requireRow(page.consumption, row);
        bool isSame = row.wattHours == _sizeOf(page.consumption.average, category);
        bool isWrong = row.pseudonym == receipt.pseudonyms[which] && !isSame;
        _conclude(Contradiction.AlteredRow, interval, which, isWrong);
    }

    // ---------------------------------------------------------------------------------------------
    // Views
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc IConsumptionLedger
    function containsConsumption(
        Page calldata page,
        ConsumptionRow calldata row
    ) external view override returns (bool) {
        _requireAnchored(page);
        return _contains(page.consumption, row);
    }

    /// @inheritdoc IConsumptionLedger
    function containsBill(
        Page calldata page,
        BillRow calldata row
    ) external view override returns (bool) {
        _requireBilled(page);
        return _contains(page.bills, row);
    }

    // ---------------------------------------------------------------------------------------------
    // The checks
    // ---------------------------------------------------------------------------------------------

    /// @dev Records a contradiction, or reverts if there is none.
    function _conclude(Contradiction kind, uint32 interval, uint256 index, bool isWrong) private {
        if (!isWrong) revert LedgerNoContradiction(kind);
        contradictionsOf[interval] |= 1 << uint8(kind);
        emit ContradictionProved(interval, kind, index, msg.sender);
    }

    function _contains(
        Consumption calldata consumption,
        ConsumptionRow calldata row
    ) private pure returns (bool) {
        bytes32 leaf = LedgerHashes.leaf(consumption.interval, row);
        return MerkleProof.verifyCalldata(row.proof, consumption.root, leaf);
    }

    function _contains(Bills calldata bills, BillRow calldata row) private pure returns (bool) {
        bytes32 leaf = LedgerHashes.leaf(bills.interval, row);
        return MerkleProof.verifyCalldata(row.proof, bills.root, leaf);
    }

    function _requireRow(
        Consumption calldata consumption,
        ConsumptionRow calldata row
    ) private pure {
        if (!_contains(consumption, row)) revert LedgerRowUnknown(consumption.interval, row.index);
    }

    function _requireRow(Bills calldata bills, BillRow calldata row) private pure {
        if (!_contains(bills, row)) revert LedgerRowUnknown(bills.interval, row.index);
    }

    function _requireNeighbours(
        Consumption calldata consumption,
        ConsumptionRow calldata row,
        ConsumptionRow calldata next
    ) private pure {
        _requireRow(consumption, row);
        _requireRow(consumption, next);
        if (next.index != uint256(row.index) + 1) revert LedgerRowsUnfit(2);
    }

    /// @dev Returns the category of the report, below {CATEGORIES}.
    function _requireReceipt(
        Page calldata page,
        Receipt calldata receipt,
        uint256 which
    ) private view returns (uint8 category) {
        bool isFit =
            receipt.interval == page.consumption.interval &&
                which < receipt.pseudonyms.length &&
                which < receipt.categories.length;
        if (isFit) {
            bytes32 digest = _hashTypedDataV4(receipt.hash());
            (address signer, , ) = ECDSA.tryRecoverCalldata(digest, receipt.signature);
            category = receipt.categories[which];
            isFit = signer == page.controlCentre && category < CATEGORIES;
        }
        if (!isFit) revert LedgerReceiptInvalid(receipt.interval, which);
    }

    /**
     * @dev Do the neighbours show that the pseudonym is not in the page? In a page in order, it can only be
     *      between them. In a page that is not, somewhere else, perhaps; then the order is the control
     *      centre's fault, and the page contradicts itself all the same.
     */
    function _isAbsent(
        Consumption calldata consumption,
        bytes32 pseudonym,
        ConsumptionRow[] calldata neighbours
    ) private pure returns (bool) {
        if (neighbours.length == 2) {
            _requireNeighbours(consumption, neighbours[0], neighbours[1]);
            bool isAfter = neighbours[0].pseudonym < pseudonym;
            return isAfter && pseudonym < neighbours[1].pseudonym;
        }
        if (neighbours.length == 1) {
            ConsumptionRow calldata row = neighbours[0];
            _requireRow(consumption, row);
            if (row.index == 0 && pseudonym < row.pseudonym) return true;
            return uint256(row.index) + 1 == consumption.rows && row.pseudonym < pseudonym;
        }
        if (neighbours.length != 0 || consumption.rows != 0) {
            revert LedgerRowsUnfit(neighbours.length);
        }
        return true;
    }

    function _isPublishedSize(
        Consumption calldata consumption,
        uint64 wattHours
    ) private pure returns (bool) {
        for (uint256 category = 0; category < CATEGORIES; ++category) {
            bool isPublished = (consumption.withheld >> category) & 1 == 0;
            if (isPublished && wattHours == _sizeOf(consumption.average, category)) return true;
        }
        return false;
    }

    /// @dev In 256 bits, so that no average overflows.
    function _sizeOf(uint256 average, uint256 category) private pure returns (uint256) {
        return (average << category) / 4;
    }
}
