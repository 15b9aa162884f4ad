// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IConsumptionLedger} from "../interfaces/IConsumptionLedger.sol";
import {LedgerHashes} from "../libraries/LedgerHashes.sol";

/// @notice The anchored intervals of a consumption ledger: one word each, in order, never changed again.
abstract contract LedgerAnchors is IConsumptionLedger, AccessControl {
    using LedgerHashes for Consumption;
    using LedgerHashes for Price;
    using LedgerHashes for Bills;

    /// @notice May anchor L_OCD.
    bytes32 public constant CONTROL_CENTRE_ROLE = keccak256("CONTROL_CENTRE_ROLE");
    /// @notice May anchor L_DAP and L_BC.
    bytes32 public constant PROVIDER_ROLE = keccak256("PROVIDER_ROLE");

    /// @notice The first interval to be anchored.
    uint32 public immutable FIRST_INTERVAL;

    // One word an interval: the hash of what the control centre anchored, and after billing the hash of that
    // and of what the provider anchored. The lowest bit tells the two apart, so the order can be checked by
    // the words alone and no counter is written.
    /// @inheritdoc IConsumptionLedger
    mapping(uint32 interval => bytes32) public override commitmentOf;

    /// @param firstInterval The first interval to be anchored.
    constructor(uint32 firstInterval) {
        FIRST_INTERVAL = firstInterval;
    }

    // ---------------------------------------------------------------------------------------------
    // Anchoring
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc IConsumptionLedger
    function anchorConsumption(
        Consumption calldata consumption
    ) external override onlyRole(CONTROL_CENTRE_ROLE) {
        uint32 interval = consumption.interval;
        if (commitmentOf[interval] != 0) revert LedgerAlreadyAnchored(interval);
        if (interval < FIRST_INTERVAL) revert LedgerOutOfOrder(interval);
        if (interval > FIRST_INTERVAL && commitmentOf[interval - 1] == 0) {
            revert LedgerOutOfOrder(interval);
        }
        commitmentOf[interval] = _consumptionCommitment(consumption.hash(), msg.sender);
        emit ConsumptionAnchored(interval, msg.sender, consumption);
    }

    /// @inheritdoc IConsumptionLedger
    function anchorBilling(
        address controlCentre,
        Price calldata price,
        Bills calldata bills
    ) external override onlyRole(PROVIDER_ROLE) {
        uint32 interval = price.interval;
        if (bills.interval != interval) revert LedgerIntervalMismatch(interval, bills.interval);
        bytes32 anchored = commitmentOf[interval];
        if (anchored == 0) revert LedgerConsumptionMissing(interval);
        if (_isBilled(anchored)) revert LedgerAlreadyBilled(interval);
        if (interval > FIRST_INTERVAL && !isBilled(interval - 1)) revert LedgerOutOfOrder(interval);
        if (anchored != _consumptionCommitment(price.consumption, controlCentre)) {
            revert LedgerConsumptionMismatch(interval, price.consumption, controlCentre);
        }
        commitmentOf[interval] = _billedCommitment(anchored, price, bills, msg.sender);
        emit PriceAnchored(interval, msg.sender, price);
        emit BillsAnchored(interval, msg.sender, bills);
    }

    /// @inheritdoc IConsumptionLedger
    function isBilled(uint32 interval) public view override returns (bool) {
        return _isBilled(commitmentOf[interval]);
    }

    // ---------------------------------------------------------------------------------------------
    // Commitments
    // ---------------------------------------------------------------------------------------------

    function _isBilled(bytes32 commitment) private pure returns (bool) {
        return uint256(commitment) & 1 == 1;
    }

    /// @dev Even.
    function _consumptionCommitment(
        bytes32 consumption,
        address controlCentre
    ) private pure returns (bytes32) {
        bytes32 word = keccak256(abi.encode(consumption, controlCentre));
        return bytes32((uint256(word) >> 1) << 1);
    }

    /// @dev Odd.
    function _billedCommitment(
        bytes32 anchored,
        Price calldata price,
        Bills calldata bills,
        address provider
    ) private pure returns (bytes32) {
        bytes32 word = keccak256(abi.encode(anchored, price.hash(), bills.hash(), provider));
        return bytes32(uint256(word) | 1);
    }

    function _requireAnchored(Page calldata page) internal view returns (uint32 interval) {
        (interval, ) = _requirePage(page);
    }

    function _requireBilled(Page calldata page) internal view returns (uint32) {
        (uint32 interval, bool billed) = _requirePage(page);
        if (!billed) revert LedgerNotBilled(interval);
        return interval;
    }

    function _requirePage(Page calldata page) private view returns (uint32 interval, bool billed) {
        interval = page.consumption.interval;
        bytes32 found = commitmentOf[interval];
        bytes32 expected = _consumptionCommitment(page.consumption.hash(), page.controlCentre);
        billed = _isBilled(found);
        if (billed) {
            expected = _billedCommitment(expected, page.price, page.bills, page.provider);
        }
        // An interval that is not anchored has the word zero, which is no hash anybody can find.
        if (found != expected) revert LedgerPageUnknown(interval);
    }
}
