// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBillSettlement} from "../interfaces/IBillSettlement.sol";

/// @notice ECDSA signatures in the compact form of EIP-2098, r and vs: each message has one valid form.
library CompactSignature {
    /// @dev Half of the order of secp256k1, rounded down: the largest s of a canonical signature.
    uint256 private constant HALF_ORDER =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @notice The address that signed, never zero.
    /// @dev    vs carries the recovery bit on top, so v is 27 or 28 by construction.
    function recover(bytes32 digest, bytes32 r, bytes32 vs) internal pure returns (address) {
        uint256 s = uint256(vs) & (type(uint256).max >> 1);
        if (s > HALF_ORDER) revert IBillSettlement.SettlementSignatureHighS(bytes32(s));
        address signer = ecrecover(digest, uint8(uint256(vs) >> 255) + 27, r, bytes32(s));
        if (signer == address(0)) revert IBillSettlement.SettlementSignatureUnrecoverable(digest);
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
