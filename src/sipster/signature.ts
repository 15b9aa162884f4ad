/**
 * Signatures of bills and classic tokens: ECDSA over secp256k1 in the 64-byte compact form of
 * EIP-2098 (r ‖ vs: s in the lower half, the parity bit on top of it), checked as the EVM does, by
 * recovering the signer's address.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { wasmEcdsa, type Ecdsa } from "../algebra/index.js";
import { sipsterErrors } from "./errors.js";
import type { HexAddress } from "./system.js";

export const COMPACT_SIGNATURE_BYTES = 64;

/** Signs a 32-byte digest with a 32-byte secret key; the nonce is that of RFC 6979. */
export function signDigest(digest: Uint8Array, secretKey: Uint8Array): Uint8Array {
  const signature = wasmEcdsa.sign(digest, secretKey);
  const compact = signature.slice(0, COMPACT_SIGNATURE_BYTES);
  compact[32]! |= (signature[64]! - 27) << 7;
  return compact;
}

/**
 * The address whose key made this signature on a 32-byte digest.
 * @throws sipster/bad-signature if the bytes are not a signature, or s is in the upper half
 */
export function recoverSigner(
  digest: Uint8Array,
  compact: Uint8Array,
  ecdsa: Ecdsa = wasmEcdsa,
): HexAddress {
  if (compact.length !== COMPACT_SIGNATURE_BYTES) {
    throw sipsterErrors.error(
      "bad-signature",
      `a compact signature has ${COMPACT_SIGNATURE_BYTES} bytes, not ${compact.length}`,
    );
  }
  const signature = new Uint8Array(COMPACT_SIGNATURE_BYTES + 1);
  signature.set(compact);
  signature[64] = 27 + (compact[32]! >> 7);
  signature[32]! &= 0x7f;
  const signer = ecdsa.recover(digest, signature);
  if (signer === null) {
    throw sipsterErrors.error("bad-signature", "the signature recovers to no address");
  }
  return toHex(signer);
}

/** The address of a secret key. */
export function addressOf(secretKey: Uint8Array): HexAddress {
  return toHex(wasmEcdsa.address(secretKey));
}

function toHex(address: Uint8Array): HexAddress {
  return `0x${bytesToHex(address)}` as HexAddress;
}
