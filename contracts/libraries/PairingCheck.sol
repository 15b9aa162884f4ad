// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "./BN254.sol";

/**
 * @notice Where the input of a pairing check lies in memory: 12 words for the precompile.
 * @dev    A type of its own rather than uint256[12], which the compiler would clear on every allocation.
 */
type PairingInput is uint256;

using PairingCheck for PairingInput global;

/**
 * @title  PairingCheck
 * @notice The equation e(left, P2) = e(right, other), asked of the pairing precompile as
 *         e(left, P2)·e(−right, other) = 1.
 */
library PairingCheck {
    /// @notice P2, the generator of G2 in EIP-197.
    uint256 internal constant P2_X_C1 =
        0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2;
    uint256 internal constant P2_X_C0 =
        0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed;
    uint256 internal constant P2_Y_C1 =
        0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b;
    uint256 internal constant P2_Y_C0 =
        0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa;

    /// @notice Offset of `other` in the input, in bytes: four words in the order of EIP-197.
    uint256 internal constant OTHER_OFFSET = 0x100;
    uint256 private constant SIZE = 0x180;

    /// @notice Room for an input. It is not cleared.
    function allocate() internal pure returns (PairingInput input) {
        assembly ("memory-safe") {
            input := mload(0x40)
            mstore(0x40, add(input, SIZE))
        }
    }

    /// @notice Puts `other` in place.
    function setOther(PairingInput input, BN254.G2Point memory other) internal pure {
        assembly ("memory-safe") {
            mcopy(add(input, OTHER_OFFSET), other, 0x80)
        }
    }

    /**
     * @notice Whether e(left, P2) = e(right, other). The caller has judged all points and set `other`.
     * @dev    Reverts with {BN254.BN254PrecompileFailed} when the precompile runs out of gas.
     */
    function holds(
        PairingInput input,
        uint256 leftX,
        uint256 leftY,
        uint256 rightX,
        uint256 rightY
    ) internal view returns (bool) {
        (bool isDone, bool isEqual) = tryHolds(input, leftX, leftY, rightX, rightY);
        if (!isDone) revert BN254.BN254PrecompileFailed(address(uint160(BN254.PAIRING)), gasleft());
        return isEqual;
    }

    /// @notice As {holds}; `isDone` is false when the precompile failed: `other` is outside the subgroup, or the
    ///         gas ran out.
    function tryHolds(
        PairingInput input,
        uint256 leftX,
        uint256 leftY,
        uint256 rightX,
        uint256 rightY
    ) internal view returns (bool isDone, bool isEqual) {
        (uint256 p, uint256 precompile) = (BN254.P, BN254.PAIRING);
        uint256 gasLimit = BN254.TWO_PAIRINGS_GAS;
        assembly ("memory-safe") {
            mstore(input, leftX)
            mstore(add(input, 0x20), leftY)
            mstore(add(input, 0x40), P2_X_C1)
            mstore(add(input, 0x60), P2_X_C0)
            mstore(add(input, 0x80), P2_Y_C1)
            mstore(add(input, 0xa0), P2_Y_C0)
            mstore(add(input, 0xc0), rightX)
            // −(x, y) = (x, p − y). No point of the curve has y = 0, its order being odd.
            mstore(add(input, 0xe0), sub(p, rightY))
            // The answer goes to scratch space, cleared first: a call that returns nothing must not leave an
            // old word to be read as an answer.
            mstore(0x00, 0)
            isDone := staticcall(gasLimit, precompile, input, 0x180, 0x00, 0x20)
            isDone := and(isDone, eq(returndatasize(), 0x20))
            isEqual := and(isDone, eq(mload(0x00), 1))
        }
    }
}
