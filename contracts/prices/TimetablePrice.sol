// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceFunction} from "../interfaces/IPriceFunction.sol";

/// @title  A tariff announced in advance
/// @notice One of up to sixteen levels for each interval; the load plays no part.
contract TimetablePrice is IPriceFunction {
    /// @notice The interval of the first entry.
    uint32 public immutable FIRST;
    /// @notice The interval of the last entry.
    uint32 public immutable LAST;

    uint64[] private _levels;
    /// @dev Two entries a byte, the earlier one in the upper half.
    bytes private _schedule;

    /**
     * @param first     The interval of the first entry.
     * @param count     Number of entries.
     * @param levels_   1 to 16 prices in millionths of the minor unit per watt-hour.
     * @param schedule_ Index of each interval's level, four bits each, the earlier in the upper half.
     */
    constructor(uint32 first, uint32 count, uint64[] memory levels_, bytes memory schedule_) {
        bool isSound = count > 0 && levels_.length > 0 && levels_.length <= 16;
        if (!isSound || schedule_.length != (uint256(count) + 1) / 2) revert PriceFunctionInvalid();
        for (uint256 i = 0; i < count; ++i) {
            if (_entry(schedule_[i / 2], i) >= levels_.length) revert PriceFunctionInvalid();
        }
        (FIRST, LAST, _levels, _schedule) = (first, first + count - 1, levels_, schedule_);
    }

    /// @notice The prices that the schedule chooses from.
    function levels() external view returns (uint64[] memory) {
        return _levels;
    }

    /// @inheritdoc IPriceFunction
    function priceAt(uint32 interval, uint64) external view override returns (uint64) {
        if (interval < FIRST || interval > LAST) {
            revert PriceIntervalOutOfRange(interval, FIRST, LAST);
        }
        uint256 i = interval - FIRST;
        return _levels[_entry(_schedule[i / 2], i)];
    }

    function _entry(bytes1 pair, uint256 i) private pure returns (uint8) {
        return i % 2 == 0 ? uint8(pair) >> 4 : uint8(pair) & 0x0f;
    }
}
