// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IKeyRegistry} from "../interfaces/IKeyRegistry.sol";
import {Period} from "../libraries/Period.sol";

/// @notice How long beforehand new keys and new terms are announced, and which periods have begun.
abstract contract LeadTime is IKeyRegistry {
    /// @inheritdoc IKeyRegistry
    uint32 public immutable override lead;

    uint32 private constant MAX_LEAD = 12;

    /// @dev How far the local time of the easternmost zone (UTC+14) is ahead of UTC.
    uint256 private constant EASTERNMOST = 14 hours;

    constructor(uint32 lead_) {
        if (lead_ > MAX_LEAD) revert SettlementLeadTooLong(lead_);
        lead = lead_;
    }

    /**
     * @dev Checks the first period of the next of a row, of which `count` are there, the last from `last` on: it
     *      begins at 0 when it is the first, and otherwise at a month after `last` and `lead` months from now.
     */
    function _requireFirstPeriod(uint32 firstPeriod, uint32 count, uint32 last) internal view {
        if (count == 0) {
            if (firstPeriod != 0) revert SettlementFirstPeriodInvalid(firstPeriod, 0);
            return;
        }
        uint32 earliest = last == 0 ? Period.FIRST_MONTH : Period.plus(last, 1);
        if (!_isDevelopment()) {
            uint32 announced = Period.plus(Period.ofTimestamp(block.timestamp), lead);
            if (announced > earliest) earliest = announced;
        }
        if (firstPeriod < earliest || !Period.isMonth(firstPeriod)) {
            revert SettlementFirstPeriodInvalid(firstPeriod, earliest);
        }
    }

    /// @dev The last period that has begun in any time zone; 0 in a development deployment.
    function _lastBegunPeriod() internal view returns (uint32) {
        return _isDevelopment() ? 0 : Period.ofTimestamp(block.timestamp + EASTERNMOST);
    }

    function _isDevelopment() internal view returns (bool) {
        return lead == 0;
    }
}
