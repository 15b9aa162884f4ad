// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceFunction} from "../interfaces/IPriceFunction.sol";

/// @title  A price that is linear between points of the load
/// @notice Constant before the first point and after the last; the interval plays no part.
contract PiecewiseLinearPrice is IPriceFunction {
    /// @param load  Watt-hours.
    /// @param price Millionths of the minor unit per watt-hour.
    struct Point {
        uint64 load;
        uint64 price;
    }

    /// @dev So that a price has a bounded cost for its challenger.
    uint256 private constant MAX_POINTS = 64;

    Point[] private _points;

    /// @param points_ 1 to 64, with strictly rising loads.
    constructor(Point[] memory points_) {
        if (points_.length == 0 || points_.length > MAX_POINTS) revert PriceFunctionInvalid();
        for (uint256 i = 0; i < points_.length; ++i) {
            if (i > 0 && points_[i].load <= points_[i - 1].load) revert PriceFunctionInvalid();
            _points.push(points_[i]);
        }
    }

    /// @notice The points that the function was deployed with.
    function points() external view returns (Point[] memory) {
        return _points;
    }

    /// @inheritdoc IPriceFunction
    function priceAt(uint32, uint64 load) external view override returns (uint64) {
        Point memory a = _points[0];
        if (load < a.load) return a.price;
        for (uint256 i = 1; i < _points.length; ++i) {
            Point memory b = _points[i];
            if (load < b.load) return _between(a, b, load);
            a = b;
        }
        return a.price;
    }

    /// @dev a.load ≤ load < b.load. The product of two differences of 64 bits fits, and division
    ///      truncates towards zero, so the result lies between the two prices.
    function _between(Point memory a, Point memory b, uint64 load) private pure returns (uint64) {
        int256 rise = int256(uint256(b.price)) - int256(uint256(a.price));
        int256 step = int256(uint256(load - a.load));
        int256 run = int256(uint256(b.load - a.load));
        return uint64(uint256(int256(uint256(a.price)) + (rise * step) / run));
    }
}
