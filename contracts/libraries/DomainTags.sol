// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The domain separation tags of the hashes that contracts compute: ASCII, padded with zeros to a word.
library DomainTags {
    /// @notice H1, the hash of a token to G1.
    bytes32 internal constant TOKEN_H1 = "SIPSTER-V1-TOKEN-H1";
    /// @notice Weights of a batch of bills.
    bytes32 internal constant BATCH = "SIPSTER-V1-BATCH";
    /// @notice A deposit and all that the mint relies on.
    bytes32 internal constant DEPOSIT = "SIPSTER-V1-DEPOSIT";
    /// @notice Leaf of the tree of a deposit's blinded messages.
    bytes32 internal constant DEPOSIT_MESSAGE = "SIPSTER-V1-DEPOSIT-MESSAGE";
    /// @notice Leaf of the tree of a deposit's blind signatures.
    bytes32 internal constant DEPOSIT_SIGNATURE = "SIPSTER-V1-DEPOSIT-SIGNATURE";
    /// @notice Inner node of either tree.
    bytes32 internal constant DEPOSIT_NODE = "SIPSTER-V1-DEPOSIT-NODE";
}
