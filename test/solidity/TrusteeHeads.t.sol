// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TrusteeHeads} from "../../contracts/TrusteeHeads.sol";
import {vm} from "./support/Vm.sol";

/// @notice Fuzz tests: the latest head of each trustee is kept, and its count only grows.
contract TrusteeHeadsTest {
    TrusteeHeads private _heads = new TrusteeHeads();

    function testFuzz_keepsTheLatestHeadOfEach(
        address a,
        address b,
        uint64 count,
        bytes32 head
    ) public {
        vm.assume(a != b && count > 0);
        vm.prank(a);
        _heads.anchor(count, head);
        (uint64 anchored, bytes32 known) = _heads.latest(a);
        assert(anchored == count && known == head);
        (uint64 other, bytes32 none) = _heads.latest(b);
        assert(other == 0 && none == 0);
    }

    function testFuzz_takesOnlyACountThatGrows(uint64 first, uint64 second) public {
        vm.assume(first > 0);
        _heads.anchor(first, bytes32(uint256(1)));
        bool isTaken;
        try _heads.anchor(second, bytes32(uint256(2))) {
            isTaken = true;
        } catch {}
        assert(isTaken == (second > first));
        (uint64 count, bytes32 head) = _heads.latest(address(this));
        assert(count == (isTaken ? second : first));
        assert(head == bytes32(uint256(isTaken ? 2 : 1)));
    }
}
