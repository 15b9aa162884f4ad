// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "../../../contracts/libraries/BN254.sol";

/// @notice Arithmetic in G1 by the precompiles, and six key pairs of the utility.
library Curve {
    /// @notice Number of key pairs.
    uint256 internal constant SECRETS = 6;

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
        return ((which + 1) * ones) % BN254.ORDER;
    }

    /// @notice The public key of {secret}; the halves in G2 were computed with @noble/curves, and registering
    ///         checks them.
    function publicKey(
        uint256 which
    ) internal view returns (BN254.G1Point memory a1, BN254.G2Point memory a2) {
        a1 = mul(generator(), secret(which));
        BN254.G2Point[SECRETS] memory halves = [
            BN254.G2Point(
                0x2388c1eddf0eab73f647e9b03e418598b1b80a0484f11c60e1bf77e2165835e5,
                0x0747ef8f530bdce85ed9097e3756f77fc89b9b384355e81974b4c1469b6d3439,
                0x26927fa4b30451fd4578629be13b6d430f4512183dd8321e241ecc3dfb7e7336,
                0x1bf6b1cf8c05d594f375801bfebaf6e12d82766c5ee5e5d50749daf3938f89d1
            ),
            BN254.G2Point(
                0x104a73c57e32d0fdbabefd4895de1495911da5fc734f04a78b0e0449b9632622,
                0x1d27262e8d6f0b7fee53f0d842169cfe6e5dc2e208c7ddbf70dda72f9c44a6e1,
                0x0e542276211a5a83c06a0549fa5762bfa86b785fbd78ac075b357f9eb7b30344,
                0x2d7b0306a1c1abd01123790f7cd373d941cceec761c30c9bc03d1747c834af80
            ),
            BN254.G2Point(
                0x1e10eb15140f14a001109663e34ae2d3f6d4cb873248dd4d03c401a3c6d860fa,
                0x1b87de3f0db05d113a78f5ca754b19b39ac9ddf0607820deb6a0b7bd5a06948e,
                0x1e2261d69500eb885cef78a13153bb4393cfe210d41a78ab1de100748671a6a1,
                0x0e577344fb294b6d8add6e3a3632bbc3748939b53715eeaa2033d3e1354f4b50
            ),
            BN254.G2Point(
                0x0ade00f4ca559b3d497a4473a4926d7c910b129ec080e94ae0d3e6d0eacca95f,
                0x0f133a690043806c63a93db079137684df648d060ea5d8b3960ef4e3f333154e,
                0x272c43e127b8c32ddc6b3dde4101e00fd1754b7b7dbbac86ed758c91832eb29e,
                0x1d7f5b5ad6634420dad576119d9b269fa4e480f49f2d4eb06da18f99fe00a6e7
            ),
            BN254.G2Point(
                0x2cb41d52e69f730d7a7f19fddcbc06733d36998b14f3209667758a468eb8aceb,
                0x2199682cd2b440197d311adccedc812f5115a2379665017f7eb4995665d935a9,
                0x195f4e50c227631c2745d3541cc492bfa08ac7d2dc955579b6f883d2eddb32e3,
                0x09609bdb0fabcae0e9470d1455ac419839f4d63e34e60972accb2492811b7205
            ),
            BN254.G2Point(
                0x01e31f3e191d89a10a957fed843be2b3c45d83cd0cb9f2604e62154edeae0858,
                0x2b8e10aa69860723f48a2970d57d400b4a549c02c8e93b7c9cc5689d13755563,
                0x171e5b9e2672e5cecba7b64a6729e7e408a608cc4a5f7762b9c284ac8817966d,
                0x2de47148858552d58451c9b5e36f2dcd44c85294212094a6dbac87411e78424d
            )
        ];
        a2 = halves[which];
    }
}
