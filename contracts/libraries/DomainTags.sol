// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The domain separation tags of the hashes that contracts compute: ASCII, padded with zeros to a word.
library DomainTags {
    /// @notice H1, the hash of a token to G1.
    bytes32 internal constant TOKEN_H1 = "SIPSTER-V1-TOKEN-H1";
    /// @notice Weights of a batch of bills.
    bytes32 internal constant BATCH = "SIPSTER-V1-BATCH";
    /// @notice Blinded messages of a deposit.
    bytes32 internal constant DEPOSIT = "SIPSTER-V1-DEPOSIT";
}
