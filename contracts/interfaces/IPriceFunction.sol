// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title  The published function that gives an interval's price
/// @notice Immutable: who knows its address knows every price it will ever give.
interface IPriceFunction {
    /// @notice A function that cannot be: no points or levels, loads that do not rise, or a level that does
    ///         not exist.
    error PriceFunctionInvalid();

    /// @notice The function has no price for this interval.
    error PriceIntervalOutOfRange(uint32 interval, uint32 first, uint32 last);

    /**
     * @notice The price of an interval.
     * @param interval Number of the interval: whole interval lengths since 1970-01-01T00:00Z.
     * @param load     Sum of the interval's consumption in watt-hours.
     * @return price   Millionths of the currency's minor unit per watt-hour.
     */
    function priceAt(uint32 interval, uint64 load) external view returns (uint64 price);
}
