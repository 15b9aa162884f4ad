/**
 * ECDSA over secp256k1 as Ethereum has it: 65-byte signatures r ‖ s ‖ v with v ∈ {27, 28} and s in
 * the lower half of the order (EIP-2), nonces by RFC 6979, signers named by their address.
 *
 * `wasmEcdsa` (ecdsa-wasm.ts) is libsecp256k1 compiled to WebAssembly, used everywhere; `nobleEcdsa`
 * (ecdsa-noble.ts) is the independent one, and that of browsers. They give the same bytes.
 * `bench/algebra` compares them.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToInt } from "../bytes.js";
import { algebraErrors } from "../errors.js";

declare const addressBrand: unique symbol;
/** An Ethereum address: 20 bytes. */
export type Address = Uint8Array & { readonly [addressBrand]: true };

export const SIGNATURE_BYTES = 65;

const ORDER = secp256k1.Point.Fn.ORDER;

/** Digests are 32 bytes, secret keys 32 bytes with a value in [1, order − 1]. */
export interface Ecdsa {
  readonly name: string;
  /** The address of a secret key. @throws algebra/bad-length, scalar-out-of-range */
  address(secretKey: Uint8Array): Address;
  /** Signs a digest. @throws algebra/bad-length, scalar-out-of-range */
  sign(digest: Uint8Array, secretKey: Uint8Array): Uint8Array;
  /**
   * The signer's address; `null` if the bytes are not a signature: wrong length, v not 27 or 28, r or s
   * out of range, s in the upper half, or no key to recover. Public data: variable time.
   * @throws algebra/bad-length for the digest
   */
  recover(digest: Uint8Array, signature: Uint8Array): Address | null;
}

/** Did `signer` sign the digest? False for malformed signatures. @throws algebra/bad-length */
export function verifyEcdsa({
  ecdsa,
  digest,
  signature,
  signer,
}: {
  readonly ecdsa: Ecdsa;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly signer: Address;
}): boolean {
  const recovered = ecdsa.recover(digest, signature);
  return recovered !== null && recovered.every((byte, i) => byte === signer[i]);
}

/** The address with these 20 bytes. @throws algebra/bad-length */
export function toAddress(bytes: Uint8Array): Address {
  checkLength(bytes, 20, "an address");
  return Uint8Array.from(bytes) as Address;
}

/** A fresh secret key. */
export function randomSecretKey(): Uint8Array {
  return secp256k1.utils.randomSecretKey();
}

/**
 * Are the bytes shaped like a signature: 65 of them, v 27 or 28, r and s in range, s in the lower
 * half?
 */
export function isWellFormed(signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  if (signature[64] !== 27 && signature[64] !== 28) return false;
  const r = bytesToInt(signature.subarray(0, 32));
  const s = bytesToInt(signature.subarray(32, 64));
  return r > 0n && r < ORDER && s > 0n && s <= ORDER / 2n;
}

/** r ‖ s ‖ v of r ‖ s and a recovery id. */
export function withV(compact: Uint8Array, recoveryId: number): Uint8Array {
  // A recovery id of 2 or 3 (r above the order) has probability 2⁻¹²⁷ and no v.
  const out = new Uint8Array(SIGNATURE_BYTES);
  out.set(compact, 0);
  out[64] = 27 + recoveryId;
  return out;
}

/** The address of a public key in its 65 uncompressed bytes. */
export function addressOfPublicKey(uncompressedKey: Uint8Array): Address {
  return keccak_256(uncompressedKey.subarray(1)).subarray(12) as Address;
}

/** @throws algebra/bad-length */
export function checkLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) {
    throw algebraErrors.error("bad-length", `${what} has ${length} bytes, not ${bytes.length}`, {
      expected: length,
      got: bytes.length,
    });
  }
}

/** @throws algebra/bad-length, scalar-out-of-range */
export function checkSecretKey(secretKey: Uint8Array): void {
  checkLength(secretKey, 32, "a secret key");
  if (!secp256k1.utils.isValidSecretKey(secretKey)) {
    throw algebraErrors.error("scalar-out-of-range", "the secret key is 0 or not below the order");
  }
}
