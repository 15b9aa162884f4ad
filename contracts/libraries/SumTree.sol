// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * @title  Positional Merkle-sum trees
 * @notice A node is keccak256(left hash ‖ left load ‖ right hash ‖ right load), its load the sum of the two. Depth
 *         follows from the number of leaves (at least 1), the side at each step from the leaf's index, and leaves
 *         behind the last one are zero. So a leaf has one position, and a total is the sum of what is beneath it.
 * @dev    Hashing the children's loads apart, not only their sum, is what makes the total binding. Loads are words
 *         and every sum is checked in 256 bits.
 */
library SumTree {
    /// @notice An inner node: what its hash is of.
    struct Node {
        bytes32 leftHash;
        uint256 leftLoad;
        bytes32 rightHash;
        uint256 rightLoad;
    }

    /// @notice Levels above the leaves: the least d ≥ 1 with 2^d ≥ `leaves`.
    function depth(uint256 leaves) internal pure returns (uint256 d) {
        d = 1;
        while (1 << d < leaves) ++d;
    }

    /**
     * @notice Does the path lead from a leaf to this root and this total?
     * @param path For each level from the leaves up the sibling's hash and its load, two words.
     */
    function verify(
        bytes32 root,
        uint256 total,
        uint256 leaves,
        uint256 index,
        bytes32 hash,
        uint256 load,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        uint256 levels = path.length / 2;
        if (path.length != 2 * depth(leaves) || index >> levels != 0) return false;
        for (uint256 i = 0; i < path.length; i += 2) {
            uint256 other = uint256(path[i + 1]);
            hash =
                index & 1 == 0
                    ? nodeHash(hash, load, path[i], other)
                    : nodeHash(path[i], other, hash, load);
            // No tree has a load beyond 256 bits.
            if (other > type(uint256).max - load) return false;
            load += other;
            index >>= 1;
        }
        return hash == root && load == total;
    }

    /// @notice Does a path pass something that is not empty, though it lies wholly behind the last leaf?
    function passesStray(
        uint256 leaves,
        uint256 index,
        bytes32[] calldata path
    ) internal pure returns (bool isStray) {
        bytes32 empty;
        for (uint256 level = 0; level < path.length / 2; ++level) {
            uint256 start = ((index >> level) ^ 1) << level;
            bool isEmpty = path[2 * level] == empty && path[2 * level + 1] == 0;
            isStray = isStray || (start >= leaves && !isEmpty);
            empty = nodeHash(empty, 0, empty, 0);
        }
    }

    /// @notice The hash of an inner node.
    function nodeHash(
        bytes32 leftHash,
        uint256 leftLoad,
        bytes32 rightHash,
        uint256 rightLoad
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(leftHash, leftLoad, rightHash, rightLoad));
    }

    /**
     * @notice Walks down from a root along nodes that hash as they should, towards leaf `index`.
     * @return isWrong Whether some node's load is not the sum of its children's.
     * @return isReal  Whether every node has the hash that the one above it states.
     * @return hash    Of the child that the last node leads to.
     * @return load    That the last node states for this child.
     */
    function descend(
        bytes32 root,
        uint256 total,
        uint256 leaves,
        uint256 index,
        Node[] calldata nodes
    ) internal pure returns (bool isWrong, bool isReal, bytes32 hash, uint256 load) {
        uint256 levels = depth(leaves);
        (hash, load, isReal) = (root, total, nodes.length <= levels && index >> levels == 0);
        for (uint256 i = 0; i < nodes.length && isReal; ++i) {
            Node calldata node = nodes[i];
            isReal = nodeHash(node.leftHash, node.leftLoad, node.rightHash, node.rightLoad) == hash;
            unchecked {
                uint256 sum = node.leftLoad + node.rightLoad;
                isWrong = isWrong || sum < node.leftLoad || sum != load;
            }
            bool isLeft = (index >> (levels - 1 - i)) & 1 == 0;
            (hash, load) = isLeft
                ? (node.leftHash, node.leftLoad)
                : (node.rightHash, node.rightLoad);
        }
    }
}
