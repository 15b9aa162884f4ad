// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SumTree} from "../../contracts/libraries/SumTree.sol";

/// @notice The sum tree against one built level by level; what holds of any order of calls is in {LedgerInvariantsTest}.
contract ConsumptionLedgerTest {
    struct Claim {
        bytes32 root;
        uint256 total;
        uint256 leaves;
        uint256 index;
        bytes32 hash;
        uint256 load;
        bytes32[] path;
    }

    /// @dev Each leaf has its path and its position; no other position, leaf, load, total or count is accepted.
    function testFuzz_sumTreeBindsPositionLoadAndTotal(
        uint8 count,
        uint8 at,
        uint64[40] memory loads,
        uint8 other
    ) public view {
        uint256 leaves = 1 + (count % 40);
        uint256 index = at % leaves;
        Claim memory claim;
        (claim.leaves, claim.index) = (leaves, index);
        (claim.hash, claim.load) = (_leaf(index), loads[index]);
        (claim.root, claim.total, claim.path) = _build(loads, leaves, index);
        require(this.holds(claim), "right");
        uint256 width = 1 << SumTree.depth(leaves);
        claim.index = other % width;
        require(claim.index == index || !this.holds(claim), "position");
        claim.index = index + width;
        require(!this.holds(claim), "beyond");
        claim.index = index;
        ++claim.total;
        require(!this.holds(claim), "total");
        ++claim.load;
        require(!this.holds(claim), "load and total");
        --claim.total;
        require(!this.holds(claim), "load");
        --claim.load;
        claim.leaves = leaves * 2 + 1;
        require(!this.holds(claim), "count");
        claim.leaves = leaves;
        uint256 word = other % claim.path.length;
        claim.path[word] = bytes32(uint256(claim.path[word]) ^ 1);
        require(!this.holds(claim), "path");
    }

    /// @dev Loads that would wrap around to the total are refused.
    function test_sumsDoNotWrapAround() public view {
        bytes32[] memory path = new bytes32[](2);
        path[1] = bytes32(type(uint256).max);
        bytes32 root = SumTree.nodeHash(_leaf(0), 6, 0, type(uint256).max);
        require(!this.holds(Claim(root, 5, 2, 0, _leaf(0), 6, path)), "wrapped");
        SumTree.Node[] memory nodes = new SumTree.Node[](1);
        nodes[0] = SumTree.Node(_leaf(0), 6, 0, type(uint256).max);
        (bool isWrong, bool isReal) = this.descend(root, 5, 2, 0, nodes);
        require(isWrong && isReal, "not shown");
    }

    function test_depthIsThatOfTheLeastTree() public pure {
        uint16[9] memory counts = [0, 1, 2, 3, 4, 5, 8, 9, 1024];
        uint8[9] memory depths = [1, 1, 1, 2, 2, 3, 3, 4, 10];
        for (uint256 i = 0; i < 9; ++i) require(SumTree.depth(counts[i]) == depths[i], "depth");
    }

    function holds(Claim calldata c) external pure returns (bool) {
        return SumTree.verify(c.root, c.total, c.leaves, c.index, c.hash, c.load, c.path);
    }

    function descend(
        bytes32 root,
        uint256 total,
        uint256 leaves,
        uint256 index,
        SumTree.Node[] calldata nodes
    ) external pure returns (bool isWrong, bool isReal) {
        (isWrong, isReal, , ) = SumTree.descend(root, total, leaves, index, nodes);
    }

    function _leaf(uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode("leaf", index));
    }

    function _build(
        uint64[40] memory loads,
        uint256 leaves,
        uint256 index
    ) private pure returns (bytes32 root, uint256 total, bytes32[] memory path) {
        uint256 levels = SumTree.depth(leaves);
        uint256 width = 1 << levels;
        bytes32[] memory hashes = new bytes32[](width);
        uint256[] memory sums = new uint256[](width);
        for (uint256 i = 0; i < leaves; ++i) (hashes[i], sums[i]) = (_leaf(i), loads[i]);
        path = new bytes32[](2 * levels);
        for (uint256 level = 0; level < levels; ++level) {
            path[2 * level] = hashes[index ^ 1];
            path[2 * level + 1] = bytes32(sums[index ^ 1]);
            for (uint256 i = 0; i < width / 2; ++i) {
                hashes[i] = SumTree.nodeHash(
                    hashes[2 * i],
                    sums[2 * i],
                    hashes[2 * i + 1],
                    sums[2 * i + 1]
                );
                sums[i] = sums[2 * i] + sums[2 * i + 1];
            }
            (width, index) = (width / 2, index / 2);
        }
        (root, total) = (hashes[0], sums[0]);
    }
}
