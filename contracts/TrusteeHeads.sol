// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITrusteeHeads} from "./interfaces/ITrusteeHeads.sol";

/**
 * @title  TrusteeHeads
 * @notice Keeps the latest log head of each trustee: see {ITrusteeHeads}. It has no owner and holds no money;
 *         anybody may anchor in their own name.
 */
contract TrusteeHeads is ITrusteeHeads {
    struct Anchor {
        uint64 count;
        bytes32 head;
    }

    mapping(address trustee => Anchor) private _latest;

    /// @inheritdoc ITrusteeHeads
    function anchor(uint64 count, bytes32 head) external override {
        Anchor storage last = _latest[msg.sender];
        if (count <= last.count) revert TrusteeHeadsCountNotIncreasing(last.count, count);
        last.count = count;
        last.head = head;
        emit TrusteeHeadAnchored(msg.sender, count, head);
    }

    /// @inheritdoc ITrusteeHeads
    function latest(address trustee) external view override returns (uint64 count, bytes32 head) {
        Anchor storage last = _latest[trustee];
        return (last.count, last.head);
    }
}
