// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBillSettlement} from "../interfaces/IBillSettlement.sol";

/// @notice The EIP-712 message that a meter signs.
library BillDigest {
    bytes32 internal constant BILL_TYPEHASH = keccak256(
        "Bill(uint32 period,uint32 keyEpoch,uint256 rx,uint256 ry)"
    );

    /// @notice EIP-712 digest of a bill: keccak256(0x1901 ‖ domain separator ‖ hash of the bill).
    /// @dev    The caller has checked that `period` and `keyEpoch` do not go beyond 32 bits.
    function digest(
        bytes32 domainSeparator,
        IBillSettlement.SignedBill calldata bill
    ) internal pure returns (bytes32 result) {
        bytes32 typehash = BILL_TYPEHASH;
        assembly ("memory-safe") {
            // The four signed fields lie in calldata as the message encodes them, so one copy behind the type
            // hash replaces four reads and an allocation. Memory past the free pointer is scratch.
            let scratch := mload(0x40)
            mstore(scratch, typehash)
            calldatacopy(add(scratch, 0x20), bill, 0x80)
            let structHash := keccak256(scratch, 0xa0)
            mstore(scratch, hex"1901")
            mstore(add(scratch, 0x02), domainSeparator)
            mstore(add(scratch, 0x22), structHash)
            result := keccak256(scratch, 0x42)
        }
    }

    /// @notice Whether the bill is under this key epoch. A word beyond 32 bits is under none.
    function isUnder(
        IBillSettlement.SignedBill calldata bill,
        uint32 keyEpoch
    ) internal pure returns (bool result) {
        assembly ("memory-safe") {
            // keyEpoch is the second of a bill's six words.
            result := eq(calldataload(add(bill, 0x20)), keyEpoch)
        }
    }

    /// @notice The word of the bill's period as it was sent: the caller checks its range.
    function periodWord(
        IBillSettlement.SignedBill calldata bill
    ) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(bill)
        }
    }
}
