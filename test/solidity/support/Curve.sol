// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "../../../contracts/libraries/BN254.sol";

/// @notice Arithmetic in G1 by the precompiles, and two key pairs of the utility.
library Curve {
    /// @notice Number of key pairs.
    uint256 internal constant SECRETS = 2;

    function mul(
        BN254.G1Point memory point,
        uint256 scalar
    ) internal view returns (BN254.G1Point memory product) {
        (bool done, bytes memory answer) = address(7).staticcall(
            abi.encode(point.x, point.y, scalar)
        );
        require(done, "ecMul");
        (product.x, product.y) = abi.decode(answer, (uint256, uint256));
    }

    function add(
        BN254.G1Point memory a,
        BN254.G1Point memory b
    ) internal view returns (BN254.G1Point memory sum) {
        (bool done, bytes memory answer) = address(6).staticcall(abi.encode(a.x, a.y, b.x, b.y));
        require(done, "ecAdd");
        (sum.x, sum.y) = abi.decode(answer, (uint256, uint256));
    }

    function generator() internal pure returns (BN254.G1Point memory) {
        return BN254.G1Point(1, 2);
    }

    /// @notice Secret `which` of the utility, in [1, ℓ).
    function secret(uint256 which) internal pure returns (uint256) {
        uint256 ones = type(uint256).max / 15;
        return (which == 0 ? ones : 2 * ones) % BN254.ORDER;
    }

    /// @notice The public key of {secret}; the halves in G2 were computed with @noble/curves, and registering
    ///         checks them.
    function publicKey(
        uint256 which
    ) internal view returns (BN254.G1Point memory a1, BN254.G2Point memory a2) {
        a1 = mul(generator(), secret(which));
        a2 =
            which == 0
                ? BN254.G2Point(
                    0x2388c1eddf0eab73f647e9b03e418598b1b80a0484f11c60e1bf77e2165835e5,
                    0x0747ef8f530bdce85ed9097e3756f77fc89b9b384355e81974b4c1469b6d3439,
                    0x26927fa4b30451fd4578629be13b6d430f4512183dd8321e241ecc3dfb7e7336,
                    0x1bf6b1cf8c05d594f375801bfebaf6e12d82766c5ee5e5d50749daf3938f89d1
                )
                : BN254.G2Point(
                    0x104a73c57e32d0fdbabefd4895de1495911da5fc734f04a78b0e0449b9632622,
                    0x1d27262e8d6f0b7fee53f0d842169cfe6e5dc2e208c7ddbf70dda72f9c44a6e1,
                    0x0e542276211a5a83c06a0549fa5762bfa86b785fbd78ac075b357f9eb7b30344,
                    0x2d7b0306a1c1abd01123790f7cd373d941cceec761c30c9bc03d1747c834af80
                );
    }
}
