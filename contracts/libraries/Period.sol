// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * @title  Period
 * @notice Calendar months in UTC as numbers: YYYYMM, 201303 for March 2013.
 */
library Period {
    /// @notice The month of a time in Unix seconds.
    /// @dev    The civil-from-days algorithm of H. Hinnant, "chrono-compatible low-level date algorithms", for days
    ///         after 1970: years begin in March, so that a leap day is the last day of its year.
    function ofTimestamp(uint256 timestamp) internal pure returns (uint32) {
        uint256 daysSinceEra = timestamp / 1 days + 719_468;
        uint256 era = daysSinceEra / 146_097;
        uint256 dayOfEra = daysSinceEra % 146_097;
        uint256 yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        uint256 monthFromMarch = (5 * dayOfYear + 2) / 153;
        uint256 month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        uint256 year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
        return uint32(year * 100 + month);
    }

    /// @notice The month that many months later.
    function plus(uint32 period, uint32 months) internal pure returns (uint32) {
        uint32 index = (period / 100) * 12 + (period % 100) - 1 + months;
        return (index / 12) * 100 + (index % 12) + 1;
    }

    /// @notice Whether the last two digits are a month.
    function isMonth(uint32 period) internal pure returns (bool) {
        uint32 month = period % 100;
        return month >= 1 && month <= 12;
    }
}
