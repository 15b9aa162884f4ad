// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * @title  BN254
 * @notice Points of the curve y² = x³ + 3 over the field of p elements and of its sextic twist, and the
 *         precompiles on them: EIP-196 (addition, multiplication), EIP-197 (pairing), at the prices of
 *         EIP-1108.
 *
 * @dev A precompile that refuses its input burns all the gas it was given and returns nothing, and it takes
 *      (0, 0) for the identity. So every point is judged here first, for about a hundred
 *      gas, and the precompiles see only points that they accept.
 */
library BN254 {
    /// @notice What is wrong with a point.
    enum Defect {
        None,
        Identity,
        CoordinateTooLarge,
        NotOnCurve,
        NotInSubgroup
    }

    /// @notice A point of G1 in affine coordinates, both in [0, p). (0, 0) stands for the identity.
    struct G1Point {
        uint256 x;
        uint256 y;
    }

    /// @notice A point of the twist over F_p[i]/(i² + 1), coordinate x = xC0 + xC1·i, in the order of EIP-197.
    struct G2Point {
        uint256 xC1;
        uint256 xC0;
        uint256 yC1;
        uint256 yC0;
    }

    /// @notice A precompile was given valid points and failed: the transaction had too little gas.
    error BN254PrecompileFailed(address precompile, uint256 gasLeft);
    /// @notice The call needs `needed` gas at this point, to tell a bad point from too little gas.
    error BN254GasTooLow(uint256 gasLeft, uint256 needed);

    /// @notice p, the number of elements of the base field.
    uint256 internal constant P =
        0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47;
    /// @notice ℓ, the prime order of G1, G2 and GT.
    uint256 internal constant ORDER =
        0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    /// @notice 3/(9 + i), the constant of the twist y² = x³ + 3/(9 + i).
    uint256 private constant TWIST_B_C0 =
        0x2b149d40ceb8aaae81be18991be06ac3b5b4c5e559dbefa33267e6dc24a138e5;
    uint256 private constant TWIST_B_C1 =
        0x009713b03af0fed4cd2cafadeed8fdf4a74fa084e52d1852e4a2bd0685c315d2;

    // Addresses of the precompiles.
    uint256 internal constant EC_ADD = 6;
    uint256 internal constant EC_MUL = 7;
    uint256 internal constant PAIRING = 8;

    // Gas given to a precompile: about four times today's price (150; 6,000; 45,000 + 34,000 a pair), so
    // that a repricing does not end a contract that cannot be upgraded, and that a failing call cannot eat
    // all there is. Gas not used comes back.
    uint256 internal constant EC_ADD_GAS = 1_000;
    uint256 internal constant EC_MUL_GAS = 24_000;
    uint256 internal constant TWO_PAIRINGS_GAS = 450_000;

    /// @notice Whether (x, y) is a point of G1 other than the identity. No precompile is called.
    /// @dev    The curve has prime order: every point on it but the identity generates G1. The identity's
    ///         (0, 0) does not satisfy the equation and needs no check of its own.
    function isPoint(uint256 x, uint256 y) internal pure returns (bool result) {
        assembly ("memory-safe") {
            // One expression without jumps: about 80 gas where the compiler's short-circuits take 150.
            result := and(
                and(lt(x, P), lt(y, P)),
                eq(mulmod(y, y, P), addmod(mulmod(mulmod(x, x, P), x, P), 3, P))
            )
        }
    }

    /// @notice What is wrong with (x, y) as a point of G1 other than the identity: None exactly if {isPoint}.
    function defect(uint256 x, uint256 y) internal pure returns (Defect) {
        if (isPoint(x, y)) return Defect.None;
        if (x >= P || y >= P) return Defect.CoordinateTooLarge;
        return x | y == 0 ? Defect.Identity : Defect.NotOnCurve;
    }

    /// @notice What is wrong with a point of the twist other than the identity, short of its subgroup.
    /// @dev    y² = x³ + 3/(9 + i) with (c0 + c1·i)² = (c0 + c1)(c0 − c1) + 2·c0·c1·i.
    function defect(G2Point memory point) internal pure returns (Defect) {
        (uint256 x1, uint256 x0) = (point.xC1, point.xC0);
        (uint256 y1, uint256 y0) = (point.yC1, point.yC0);
        if (x1 >= P || x0 >= P || y1 >= P || y0 >= P) return Defect.CoordinateTooLarge;
        if (x1 | x0 | y1 | y0 == 0) return Defect.Identity;
        (uint256 left0, uint256 left1) = _square(y0, y1);
        (uint256 square0, uint256 square1) = _square(x0, x1);
        (uint256 cube0, uint256 cube1) = _multiply(square0, square1, x0, x1);
        bool isOnTwist =
            left0 == addmod(cube0, TWIST_B_C0, P) && left1 == addmod(cube1, TWIST_B_C1, P);
        return isOnTwist ? Defect.None : Defect.NotOnCurve;
    }

    function _square(uint256 c0, uint256 c1) private pure returns (uint256 r0, uint256 r1) {
        r0 = mulmod(addmod(c0, c1, P), addmod(c0, P - c1, P), P);
        r1 = mulmod(c0, addmod(c1, c1, P), P);
    }

    function _multiply(
        uint256 a0,
        uint256 a1,
        uint256 b0,
        uint256 b1
    ) private pure returns (uint256 r0, uint256 r1) {
        r0 = addmod(mulmod(a0, b0, P), P - mulmod(a1, b1, P), P);
        r1 = addmod(mulmod(a0, b1, P), mulmod(a1, b0, P), P);
    }
}
