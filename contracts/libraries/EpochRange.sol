// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The periods of a key epoch in one word: its first period in the lower 32 bits, and above it the first
///         period of the next epoch, 2^32 while there is none. Zero when no key is registered for the epoch.
type EpochRange is uint256;

using EpochRanges for EpochRange global;

/// @notice Packing by hand: one storage read tells whether an epoch exists and which periods are under it.
library EpochRanges {
    /// @notice The end of an epoch that no other follows: greater than every period.
    uint64 internal constant OPEN_END = 1 << 32;

    function pack(uint32 first_, uint64 end_) internal pure returns (EpochRange) {
        return EpochRange.wrap((uint256(end_) << 32) | first_);
    }

    function isRegistered(EpochRange range) internal pure returns (bool) {
        return EpochRange.unwrap(range) != 0;
    }

    /// @notice First period under the epoch's key.
    function first(EpochRange range) internal pure returns (uint32) {
        return uint32(EpochRange.unwrap(range));
    }

    /// @notice First period that is not under the epoch's key any more.
    function end(EpochRange range) internal pure returns (uint64) {
        return uint64(EpochRange.unwrap(range) >> 32);
    }

    /// @notice Whether the epoch's key is that of a period. No number beyond 32 bits is contained.
    function contains(EpochRange range, uint256 period) internal pure returns (bool result) {
        assembly ("memory-safe") {
            // One expression without jumps: `end` fills the upper bits alone.
            result := gt(lt(period, shr(32, range)), lt(period, and(range, 0xffffffff)))
        }
    }
}
