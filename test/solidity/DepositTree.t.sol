// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "../../contracts/libraries/BN254.sol";
import {DepositTree} from "../../contracts/libraries/DepositTree.sol";
import {Period} from "../../contracts/libraries/Period.sol";
import {Deposits} from "./support/Deposits.sol";

/// @notice The trees of a deposit, against the recursive ones of {Deposits}, and the arithmetic of months.
contract DepositTreeTest {
    function signaturesRoot(BN254.G1Point[] calldata signatures) external pure returns (bytes32) {
        return DepositTree.signaturesRoot(signatures);
    }

    function isAt(
        bytes32 root,
        uint256 count,
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata path
    ) external pure returns (bool) {
        return DepositTree.isAt(root, count, index, leaf, path);
    }

    /// @dev Every leaf is where it is, and nowhere else, with its own path or another's.
    function testFuzz_leafIsAtItsIndexAlone(
        uint256 seed,
        uint256 count,
        uint256 a,
        uint256 b
    ) public view {
        count = 1 + (count % 256);
        (a, b) = (a % count, b % count);
        BN254.G1Point[] memory points = _points(seed, count);
        bytes32[] memory leaves = Deposits.signatureLeaves(points);
        bytes32 root = this.signaturesRoot(points);
        require(root == Deposits.root(leaves), "root");
        bytes32[] memory path = Deposits.path(leaves, a);
        require(this.isAt(root, count, a, leaves[a], path), "not at its index");
        if (a == b) return;
        require(!this.isAt(root, count, b, leaves[a], path), "at another index");
        require(!this.isAt(root, count, a, leaves[b], path), "another leaf at the index");
        bytes32[] memory other = Deposits.path(leaves, b);
        require(!this.isAt(root, count, a, leaves[a], other), "by another path");
    }

    /// @dev Neither an inner node nor padding passes for a leaf.
    function testFuzz_pathHasTheDepthOfTheTree(uint256 seed, uint256 count) public view {
        count = 3 + (count % 254);
        BN254.G1Point[] memory points = _points(seed, count);
        bytes32[] memory leaves = Deposits.signatureLeaves(points);
        bytes32 root = Deposits.root(leaves);
        bytes32[] memory path = Deposits.path(leaves, 0);
        bytes32[] memory shorter = new bytes32[](path.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) shorter[i] = path[i + 1];
        bytes32 node = keccak256(
            abi.encode(bytes32("SIPSTER-V1-DEPOSIT-NODE"), leaves[0], leaves[1])
        );
        require(!this.isAt(root, count, 0, node, shorter), "an inner node passes for a leaf");
        require(!this.isAt(root, count, 0, root, new bytes32[](0)), "the root passes for a leaf");
    }

    function testFuzz_monthsFollowEachOther(uint32 day) public pure {
        uint256 time = uint256(day % 80_000) * 1 days;
        uint32 period = Period.ofTimestamp(time);
        require(Period.isMonth(period), "no month");
        uint32 tomorrow = Period.ofTimestamp(time + 1 days);
        require(tomorrow == period || tomorrow == Period.plus(period, 1), "a month left out");
        require(Period.ofTimestamp(time + 1 days - 1) == period, "a month ends within a day");
        // 27 days later it is this month or the next; 31 days later it is not this month.
        require(Period.ofTimestamp(time + 31 days) != period, "a month of more than 31 days");
        require(Period.plus(Period.plus(period, 5), 7) == period + 100, "twelve months");
    }

    function test_knownMonths() public pure {
        require(Period.ofTimestamp(0) == 197001, "1970-01-01");
        require(Period.ofTimestamp(951_782_399) == 200002, "2000-02-28T23:59:59");
        require(Period.ofTimestamp(951_868_799) == 200002, "2000-02-29T23:59:59");
        require(Period.ofTimestamp(951_868_800) == 200003, "2000-03-01");
        require(Period.ofTimestamp(4_107_542_399) == 210002, "2100-02-28T23:59:59");
        require(Period.ofTimestamp(4_107_542_400) == 210003, "2100-03-01");
        require(Period.ofTimestamp(1_798_761_600) == 202701, "2027-01-01");
        require(Period.plus(201312, 1) == 201401, "December");
        require(Period.plus(201311, 14) == 201501, "fourteen months");
        require(!Period.isMonth(201300) && !Period.isMonth(201313), "no months");
    }

    function _points(
        uint256 seed,
        uint256 count
    ) private pure returns (BN254.G1Point[] memory points) {
        points = new BN254.G1Point[](count);
        for (uint256 i = 0; i < count; ++i) points[i] = BN254.G1Point(seed, i);
    }
}
