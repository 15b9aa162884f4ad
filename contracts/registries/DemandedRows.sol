// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IConsumptionLedger} from "../interfaces/IConsumptionLedger.sol";
import {LedgerHashes} from "../libraries/LedgerHashes.sol";
import {SumTree} from "../libraries/SumTree.sol";
import {LedgerAnchors} from "./LedgerAnchors.sol";

/**
 * @notice Rows asked for on-chain. Rows that do not hash to the anchored root prove nothing to others, and neither do
 *         rows that nobody published; so anyone may ask here, and a page whose row is not shown in time is void.
 */
abstract contract DemandedRows is LedgerAnchors {
    /// @notice Seconds in which a row that was asked for must be shown.
    uint32 public immutable SHOW_WINDOW;

    /// @notice A page's rows can be asked for until this many more intervals are anchored.
    uint32 public constant KEPT_INTERVALS = 35_040;

    uint256 private constant SHOWN = 1;

    /// @inheritdoc IConsumptionLedger
    mapping(uint32 interval => mapping(uint8 revision => mapping(uint32 index => uint256)))
        public
        override deadlineOf;

    constructor(uint32 showWindow) {
        if (showWindow == 0) revert LedgerRulesInvalid();
        SHOW_WINDOW = showWindow;
    }

    /// @inheritdoc IConsumptionLedger
    function demandRow(Page calldata page, uint32 index) external override {
        _requirePage(page);
        (uint32 interval, uint8 revision) = _place(page);
        bool isFit =
            index < page.consumption.rows &&
                deadlineOf[interval][revision][index] == 0 &&
                !_isAnchored(interval + KEPT_INTERVALS);
        if (!isFit) revert LedgerDemandInvalid(interval, index);
        uint256 deadline = block.timestamp + SHOW_WINDOW;
        deadlineOf[interval][revision][index] = deadline;
        emit RowDemanded(interval, revision, index, deadline, msg.sender);
    }

    /// @inheritdoc IConsumptionLedger
    function showRow(
        Page calldata page,
        Row calldata row,
        bytes calldata key,
        bytes calldata signature
    ) external override {
        _requirePage(page);
        (uint32 interval, uint8 revision) = _place(page);
        if (deadlineOf[interval][revision][row.index] == 0) {
            revert LedgerDemandInvalid(interval, row.index);
        }
        _requireEvidence(page.consumption, row, key, signature);
        deadlineOf[interval][revision][row.index] = SHOWN;
        emit RowShown(interval, revision, row.index);
    }

    /// @inheritdoc IConsumptionLedger
    function voidUnshown(Page calldata page, uint32 index) external override {
        _requirePage(page);
        (uint32 interval, uint8 revision) = _place(page);
        uint256 deadline = deadlineOf[interval][revision][index];
        if (deadline <= SHOWN || block.timestamp <= deadline) {
            revert LedgerDemandOpen(interval, index, deadline);
        }
        _conclude(Contradiction.Unshown, page, index, true);
    }

    /// @inheritdoc IConsumptionLedger
    function contains(Page calldata page, Row calldata row) external view override returns (bool) {
        _requirePage(page);
        return _contains(page.consumption, row);
    }

    function _requireRow(Consumption calldata consumption, Row calldata row) internal pure {
        if (!_contains(consumption, row)) revert LedgerRowUnknown(consumption.interval, row.index);
    }

    /// @dev The row, and the key and signature that it commits to.
    function _requireEvidence(
        Consumption calldata c,
        Row calldata row,
        bytes calldata key,
        bytes calldata signature
    ) internal pure {
        _requireRow(c, row);
        // Both lengths are fixed, so that the hash has one reading.
        bool isFit = key.length == 33 && signature.length == 65;
        if (!isFit || row.evidence != sha256(abi.encodePacked(key, signature))) {
            revert LedgerRowsUnfit(1);
        }
    }

    function _contains(
        Consumption calldata consumption,
        Row calldata row
    ) private pure returns (bool) {
        return
            row.index < consumption.rows &&
            SumTree.verify(
                consumption.root,
                consumption.load,
                consumption.rows,
                row.index,
                LedgerHashes.leaf(consumption.interval, row),
                row.wattHours,
                row.path
            );
    }
}
