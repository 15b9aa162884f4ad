// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "./BN254.sol";
import {DomainTags} from "./DomainTags.sol";

/**
 * @title  DepositTree
 * @notice The Merkle trees over a deposit's blinded messages and over the blind signatures on them.
 *
 * @dev The trees are positional: leaf `index` of `count` sits at that place of a tree of depth ⌈log2 count⌉, the
 *      places after the last leaf hold 32 zero bytes, and the bits of the index say on which side each step of a
 *      path joins. Trees of sorted pairs would not do: the path of message 3 would also be one of message 5, and
 *      message 3 beside signature 5 would prove a fault where there is none. Leaves of messages, leaves of
 *      signatures and nodes have a tag each, so none passes for another.
 */
library DepositTree {
    /// @notice Most leaves of a tree.
    uint256 internal constant MAX_COUNT = 256;

    /// @notice Number of steps from a leaf to the root of a tree of `count` leaves, 1 to {MAX_COUNT}.
    function depth(uint256 count) internal pure returns (uint256 steps) {
        while ((1 << steps) < count) ++steps;
    }

    /// @notice keccak256(tag ‖ denomination u32 ‖ x ‖ y).
    function messageLeaf(
        uint32 denomination,
        BN254.G1Point calldata message
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(DomainTags.DEPOSIT_MESSAGE, denomination, message.x, message.y)
            );
    }

    /// @notice keccak256(tag ‖ x ‖ y).
    function signatureLeaf(BN254.G1Point calldata signature) internal pure returns (bytes32) {
        return _hash(DomainTags.DEPOSIT_SIGNATURE, bytes32(signature.x), bytes32(signature.y));
    }

    /// @notice Root of the tree over signatures, of which there are 1 to {MAX_COUNT}.
    function signaturesRoot(BN254.G1Point[] calldata signatures) internal pure returns (bytes32) {
        uint256 width = 1 << depth(signatures.length);
        bytes32[] memory nodes = new bytes32[](width);
        for (uint256 i = 0; i < signatures.length; ++i) nodes[i] = signatureLeaf(signatures[i]);
        for (; width > 1; width >>= 1) {
            for (uint256 i = 0; i < width; i += 2) {
                nodes[i >> 1] = _hash(DomainTags.DEPOSIT_NODE, nodes[i], nodes[i + 1]);
            }
        }
        return nodes[0];
    }

    /// @notice Whether `path`, from the leaf's sibling upwards, leads from this leaf at this index to the root of a
    ///         tree of `count` leaves. The caller has checked index < count.
    function isAt(
        bytes32 root,
        uint256 count,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        if (path.length != depth(count)) return false;
        bytes32 node = leaf;
        for (uint256 i = 0; i < path.length; ++i) {
            node =
                (index >> i) & 1 == 0
                    ? _hash(DomainTags.DEPOSIT_NODE, node, path[i])
                    : _hash(DomainTags.DEPOSIT_NODE, path[i], node);
        }
        return node == root;
    }

    function _hash(bytes32 tag, bytes32 left, bytes32 right) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            // 96 bytes past the free pointer, which nobody is using.
            let scratch := mload(0x40)
            mstore(scratch, tag)
            mstore(add(scratch, 0x20), left)
            mstore(add(scratch, 0x40), right)
            hash := keccak256(scratch, 0x60)
        }
    }
}
