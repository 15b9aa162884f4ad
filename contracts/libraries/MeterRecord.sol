// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What is registered for a meter, in one word: 1 bit registered, then index, validFrom and validUntil of
///         32 bits each, from the top down. Zero when nothing is.
type MeterRecord is uint256;

using MeterRecords for MeterRecord global;

/// @notice Packing by hand: the compiler's struct is read into memory field by field, at 300 gas more a bill.
library MeterRecords {
    function pack(
        uint32 index_,
        uint32 validFrom_,
        uint32 validUntil_
    ) internal pure returns (MeterRecord) {
        return
            MeterRecord.wrap(
                (1 << 96) |
                    (uint256(index_) << 64) |
                    (uint256(validFrom_) << 32) |
                    uint256(validUntil_)
            );
    }

    function isRegistered(MeterRecord record) internal pure returns (bool) {
        return MeterRecord.unwrap(record) != 0;
    }

    function index(MeterRecord record) internal pure returns (uint32) {
        return uint32(MeterRecord.unwrap(record) >> 64);
    }

    function validFrom(MeterRecord record) internal pure returns (uint32) {
        return uint32(MeterRecord.unwrap(record) >> 32);
    }

    function validUntil(MeterRecord record) internal pure returns (uint32) {
        return uint32(MeterRecord.unwrap(record));
    }

    /// @notice Whether the meter may settle the period.
    function isValidFor(MeterRecord record, uint32 period) internal pure returns (bool result) {
        assembly ("memory-safe") {
            // One expression without jumps.
            result := iszero(
                or(
                    lt(period, and(shr(32, record), 0xffffffff)),
                    gt(period, and(record, 0xffffffff))
                )
            )
        }
    }
}
