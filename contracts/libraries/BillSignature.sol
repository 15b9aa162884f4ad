// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBillSettlement} from "../interfaces/IBillSettlement.sol";

/// @notice The EIP-712 message a meter signs, and who signed it.
library BillSignature {
    bytes32 internal constant BILL_TYPEHASH = keccak256(
        "Bill(uint32 period,uint32 keyEpoch,uint256 rx,uint256 ry)"
    );

    /// @dev Half of the order of secp256k1, rounded down: the largest s of a canonical signature.
    uint256 private constant HALF_ORDER =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice EIP-712 digest of a bill: keccak256(0x1901 ‖ domain separator ‖ hash of the bill).
    /// @dev    The caller has read `period` and `keyEpoch` through Solidity, which refuses values beyond 32 bits.
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

    /// @notice The address that signed, never zero.
    /// @dev    vs carries the recovery bit on top, so v is 27 or 28 by construction (EIP-2098).
    function recover(bytes32 billDigest, bytes32 r, bytes32 vs) internal pure returns (address) {
        uint256 s = uint256(vs) & (type(uint256).max >> 1);
        if (s > HALF_ORDER) revert IBillSettlement.SettlementSignatureHighS(bytes32(s));
        address signer = ecrecover(billDigest, uint8(uint256(vs) >> 255) + 27, r, bytes32(s));
        if (signer == address(0)) {
            revert IBillSettlement.SettlementSignatureUnrecoverable(billDigest);
        }
        return signer;
    }

    /// @notice Brings a signature of 65 bytes (r, s, v) or 64 bytes (r, vs) into the compact form.
    function compact(bytes calldata signature) internal pure returns (bytes32 r, bytes32 vs) {
        if (signature.length == 64) {
            return (bytes32(signature[:32]), bytes32(signature[32:64]));
        }
        if (signature.length != 65) {
            revert IBillSettlement.SettlementSignatureLength(signature.length);
        }
        uint8 v = uint8(signature[64]);
        if (v != 27 && v != 28) revert IBillSettlement.SettlementSignatureV(v);
        bytes32 s = bytes32(signature[32:64]);
        // Judged here, because the compact form has no room for the top bit of such an s.
        if (uint256(s) > HALF_ORDER) revert IBillSettlement.SettlementSignatureHighS(s);
        return (bytes32(signature[:32]), bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }
}
