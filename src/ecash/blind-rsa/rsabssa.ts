/**
 * RSABSSA-SHA384-PSS-Deterministic of RFC 9474 with moduli of 2,048 bits: blinding and checking. The
 * arithmetic is of bigints and takes time that depends on its numbers; they are public, or a wallet's
 * own blinding factor on its own device. The mint's secret exponent is never used here.
 */
import { sha384 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { bytesToInt, equalBytes, intToBytes } from "../../algebra/index.js";

export const MODULUS_BYTES = 256;
export const SALT_BYTES = 48;
const HASH_BYTES = 48;
const EXPONENT = 65537n;
/** EMSA-PSS encodes to one bit less than the modulus has. */
const TOP_MASK = 0x7f;

/** The modulus; the public exponent is 65537. */
export type RsaPublicKey = bigint;

export interface Blinded {
  /** What the mint signs, 256 bytes. */
  readonly message: Uint8Array;
  /** r⁻¹ mod n. */
  readonly inverse: bigint;
}

/** `Blind`, with the factor r and the salt given. `null` if r or the encoding has no inverse. */
export function blind(
  n: RsaPublicKey,
  message: Uint8Array,
  { r, salt }: { readonly r: bigint; readonly salt: Uint8Array },
): Blinded | null {
  const encoded = bytesToInt(emsaPssEncode(message, salt));
  const inverse = invert(r, n);
  if (inverse === null || invert(encoded, n) === null) return null;
  return { message: intToBytes((encoded * power(r, EXPONENT, n)) % n, MODULUS_BYTES), inverse };
}

/** `Finalize` without its check: the signature on the message that was blinded. */
export function unblind(n: RsaPublicKey, answer: Uint8Array, inverse: bigint): Uint8Array {
  return intToBytes((bytesToInt(answer) * inverse) % n, MODULUS_BYTES);
}

/** RSASSA-PSS-VERIFY with SHA-384, MGF1 and a salt of 48 bytes (RFC 8017, 8.1.2 and 9.1.2). */
export function verify(n: RsaPublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  const s = bytesToInt(signature);
  if (signature.length !== MODULUS_BYTES || s >= n) return false;
  const encoded = intToBytes(power(s, EXPONENT, n), MODULUS_BYTES);
  if (encoded.at(-1) !== 0xbc || (encoded[0]! & ~TOP_MASK) !== 0) return false;
  const split = MODULUS_BYTES - HASH_BYTES - 1;
  const hash = encoded.subarray(split, -1);
  const block = xor(encoded.subarray(0, split), mgf1(hash, split));
  block[0]! &= TOP_MASK;
  const salt = block.subarray(split - SALT_BYTES);
  const padding = block.subarray(0, split - SALT_BYTES);
  if (padding.at(-1) !== 1 || padding.subarray(0, -1).some((byte) => byte !== 0)) return false;
  return equalBytes(hash, saltedHash(message, salt));
}

/** Is a blinded message one that the mint can sign: below n, and not 0? */
export function isSignable(n: RsaPublicKey, message: Uint8Array): boolean {
  const value = bytesToInt(message);
  return message.length === MODULUS_BYTES && value > 0n && value < n;
}

/** Did the mint sign this blinded message: answer^e = message mod n? */
export function isSigned(n: RsaPublicKey, message: Uint8Array, answer: Uint8Array): boolean {
  const value = bytesToInt(answer);
  return value < n && power(value, EXPONENT, n) === bytesToInt(message);
}

/** EMSA-PSS-ENCODE (RFC 8017, 9.1.1). */
function emsaPssEncode(message: Uint8Array, salt: Uint8Array): Uint8Array {
  const hash = saltedHash(message, salt);
  const size = MODULUS_BYTES - HASH_BYTES - 1;
  const block = new Uint8Array(size);
  block[size - SALT_BYTES - 1] = 1;
  block.set(salt, size - SALT_BYTES);
  const masked = xor(block, mgf1(hash, size));
  masked[0]! &= TOP_MASK;
  return concatBytes(masked, hash, Uint8Array.of(0xbc));
}

function saltedHash(message: Uint8Array, salt: Uint8Array): Uint8Array {
  return sha384(concatBytes(new Uint8Array(8), sha384(message), salt));
}

function mgf1(seed: Uint8Array, length: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i * HASH_BYTES < length; i++) {
    parts.push(sha384(concatBytes(seed, intToBytes(i, 4))));
  }
  return concatBytes(...parts).slice(0, length);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!);
}

function power(base: bigint, exponent: bigint, n: bigint): bigint {
  let [result, square] = [1n, base % n];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % n;
    square = (square * square) % n;
  }
  return result;
}

/** The inverse by the extended algorithm of Euclid; `null` if there is none. */
function invert(value: bigint, n: bigint): bigint | null {
  let [a, b, x, y] = [value % n, n, 1n, 0n];
  while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return a === 1n ? ((x % n) + n) % n : null;
}
