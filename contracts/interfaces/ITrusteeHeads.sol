// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * @title  ITrusteeHeads
 * @notice Where each trustee of the sealed readings publishes how long its log of answers is, with a hash over
 *         all of it. A trustee anchors before its answers leave. A trustee that restores or truncates its log later
 *         cannot bring it back to a state before the anchor without everybody seeing it.
 */
interface ITrusteeHeads {
    /// @notice A trustee's log has `count` entries, over which `head` is the hash.
    event TrusteeHeadAnchored(address indexed trustee, uint64 count, bytes32 head);

    /// @notice The count is not above the one anchored before.
    error TrusteeHeadsCountNotIncreasing(uint64 anchored, uint64 given);

    /**
     * @notice Anchors the log of the caller.
     * @param  count Entries of the log: more than anchored before.
     * @param  head  Hash over all of them.
     */
    function anchor(uint64 count, bytes32 head) external;

    /// @notice The last count and head that a trustee anchored; zeros before the first.
    function latest(address trustee) external view returns (uint64 count, bytes32 head);
}
