// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * @title  Nullifiers
 * @notice One bit for each (period, meter number), set when that meter's period is settled and never cleared.
 *
 * @dev Meters 256·w to 256·w + 255 share one word for each period, so that only the first of them to settle pays
 *      for fresh storage. One mapping with a packed key takes one hash where a mapping of bitmaps takes two.
 */
library Nullifiers {
    struct Store {
        mapping(uint256 key => uint256 word) words;
    }

    /// @notice Not the key of any word: those have 64 bits.
    uint256 internal constant NO_WORD = type(uint256).max;

    /// @notice The word of a meter's bit: period in the upper, index / 256 in the lower 32 bits of the key.
    function keyOf(uint32 period, uint32 index) internal pure returns (uint256 key) {
        return (uint256(period) << 32) | (index >> 8);
    }

    /// @notice A word with the meter's bit alone set.
    function bitOf(uint32 index) internal pure returns (uint256 bit) {
        return 1 << (index & 0xff);
    }

    /// @notice Whether the meter's bit is set.
    function isSpent(
        Store storage store,
        uint32 period,
        uint32 index
    ) internal view returns (bool) {
        return store.words[keyOf(period, index)] & bitOf(index) != 0;
    }
}
