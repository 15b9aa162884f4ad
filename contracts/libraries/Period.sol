// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Billing periods: calendar months of the Gregorian calendar in UTC, written YYYYMM (202701).
library Period {
    /// @notice 000101, the first month that can be written.
    uint32 internal constant FIRST_MONTH = 101;
    /// @notice 999912, the last one.
    uint32 internal constant LAST_MONTH = 999912;

    /// @notice Whether a number is a calendar month.
    function isMonth(uint32 period) internal pure returns (bool) {
        uint32 month = period % 100;
        return period >= FIRST_MONTH && period <= LAST_MONTH && month != 0 && month <= 12;
    }

    /// @notice The period `count` months after `period`, which is a month.
    function plus(uint32 period, uint32 count) internal pure returns (uint32) {
        uint32 months = (period / 100) * 12 + (period % 100) - 1 + count;
        return (months / 12) * 100 + (months % 12) + 1;
    }

    /**
     * @notice The month in which a time in Unix seconds lies.
     * @dev    `civil_from_days` of H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", for days from
     *         1970 on. Eras of 400 years begin on 1 March, so that the leap day is the last of its year.
     */
    function ofTimestamp(uint256 timestamp) internal pure returns (uint32) {
        uint256 daysFromEraZero = timestamp / 1 days + 719_468;
        uint256 era = daysFromEraZero / 146_097;
        uint256 dayOfEra = daysFromEraZero % 146_097;
        uint256 yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        uint256 monthFromMarch = (5 * dayOfYear + 2) / 153;
        uint256 month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        uint256 year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
        return uint32(year * 100 + month);
    }
}
