// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {BN254} from "./BN254.sol";
import {DomainTags} from "./DomainTags.sol";

/// @notice The digests that tie a deposit to its blinded messages and to the blind signatures on them.
library DepositDigest {
    /// @notice keccak256(tag ‖ systemId ‖ mintKeyId ‖ for each message: denomination ‖ x ‖ y).
    /// @dev    Every part has a fixed size, so no two lists of messages give the same bytes.
    function ofMessages(
        bytes32 systemId,
        uint32 mintKeyId,
        ICreditVault.BlindedMessage[] calldata messages
    ) internal pure returns (bytes32) {
        bytes memory packed = new bytes(68 + 68 * messages.length);
        bytes32 tag = DomainTags.DEPOSIT;
        assembly ("memory-safe") {
            let to := add(packed, 0x20)
            mstore(to, tag)
            mstore(add(to, 0x20), systemId)
            mstore(add(to, 0x40), shl(224, mintKeyId))
            // A message lies in calldata as three words, the denomination in the last four bytes of the
            // first: from byte 28 on, its 68 bytes are already packed.
            let from := add(messages.offset, 28)
            for {
                let i := 0
            } lt(i, messages.length) {
                i := add(i, 1)
            } {
                to := add(to, 68)
                calldatacopy(to, from, 68)
                from := add(from, 0x60)
            }
        }
        return keccak256(packed);
    }

    /// @notice keccak256 of all coordinates x ‖ y, in order.
    function ofSignatures(
        BN254.G1Point[] calldata signatures
    ) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            // Points lie in calldata as x ‖ y, one after the other: they are hashed as they lie, in memory
            // past the free pointer that nobody is using.
            let scratch := mload(0x40)
            let size := shl(6, signatures.length)
            calldatacopy(scratch, signatures.offset, size)
            hash := keccak256(scratch, size)
        }
    }
}
