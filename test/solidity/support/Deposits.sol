// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreditVault} from "../../../contracts/interfaces/ICreditVault.sol";
import {BN254} from "../../../contracts/libraries/BN254.sol";
import {Curve} from "./Curve.sol";

/// @notice Blinded messages, the mint's signatures on them, and the trees over both: written apart from the contract,
///         from the words of the documentation, by recursion from the root.
library Deposits {
    bytes32 private constant TAG_MESSAGE = "SIPSTER-V1-DEPOSIT-MESSAGE";
    bytes32 private constant TAG_SIGNATURE = "SIPSTER-V1-DEPOSIT-SIGNATURE";
    bytes32 private constant TAG_NODE = "SIPSTER-V1-DEPOSIT-NODE";

    /// @notice The denomination of message `i`: 1 and 10 in turn.
    function denomination(uint256 i) internal pure returns (uint32) {
        return i % 2 == 0 ? 1 : 10;
    }

    function message(uint256 seed, uint256 i) internal view returns (BN254.G1Point memory) {
        uint256 scalar = 1 + (uint256(keccak256(abi.encode(seed, i))) % (BN254.ORDER - 1));
        return Curve.mul(Curve.generator(), scalar);
    }

    /// @notice The right signature on message `i`.
    function signature(uint256 seed, uint256 i) internal view returns (BN254.G1Point memory) {
        return Curve.mul(message(seed, i), Curve.secret(i % 2));
    }

    /// @notice `count` signatures, right but for the last if `isWrong`.
    function signatures(
        uint256 seed,
        uint256 count,
        bool isWrong
    ) internal view returns (BN254.G1Point[] memory all) {
        all = new BN254.G1Point[](count);
        for (uint256 i = 0; i < count; ++i) all[i] = signature(seed, i);
        if (isWrong && count > 0) all[count - 1] = Curve.generator();
    }

    function messageLeaves(
        uint256 seed,
        uint256 count
    ) internal view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            BN254.G1Point memory point = message(seed, i);
            leaves[i] = keccak256(abi.encodePacked(TAG_MESSAGE, denomination(i), point.x, point.y));
        }
    }

    function signatureLeaves(
        BN254.G1Point[] memory points
    ) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](points.length);
        for (uint256 i = 0; i < points.length; ++i) {
            leaves[i] = keccak256(abi.encodePacked(TAG_SIGNATURE, points[i].x, points[i].y));
        }
    }

    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        return _node(leaves, 0, _width(leaves.length));
    }

    /// @notice Siblings of leaf `index`, from the leaf upwards.
    function path(
        bytes32[] memory leaves,
        uint256 index
    ) internal pure returns (bytes32[] memory siblings) {
        uint256 steps;
        uint256 width = _width(leaves.length);
        while ((1 << steps) < width) ++steps;
        siblings = new bytes32[](steps);
        for (uint256 i = 0; i < steps; ++i) {
            uint256 size = 1 << i;
            uint256 from = ((index / size) ^ 1) * size;
            siblings[i] = _node(leaves, from, size);
        }
    }

    function _width(uint256 count) private pure returns (uint256 width) {
        width = 1;
        while (width < count) width *= 2;
    }

    function _node(
        bytes32[] memory leaves,
        uint256 from,
        uint256 size
    ) private pure returns (bytes32) {
        if (size == 1) return from < leaves.length ? leaves[from] : bytes32(0);
        size /= 2;
        bytes32 left = _node(leaves, from, size);
        bytes32 right = _node(leaves, from + size, size);
        return keccak256(abi.encode(TAG_NODE, left, right));
    }
}
