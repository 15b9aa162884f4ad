/**
 * Hashing to BN254's G1 by try-and-increment with a published counter (Boneh, Lynn, Shacham, *Short
 * Signatures from the Weil Pairing*, 2001, §3.3). Anyone who makes the input tries counters; everyone
 * else hashes once, and a contract needs no exponentiation when it is told y.
 *
 * For a digest h: x = h mod 2²⁵⁴, refused if x ≥ p or x³ + 3 is not a square; y is the root whose
 * parity is bit 255 of h. A digest is accepted with probability 0.378 (2.65 tries on average).
 * Variable time: the inputs are public to anyone who learns the number of tries.
 */
import type { Bn254, G1Point } from "./bn254.js";
import { FIELD_PRIME } from "./bn254.js";
import { bytesToInt } from "../bytes.js";
import { algebraErrors } from "../errors.js";

/** The point of a 32-byte digest, or `null` if this digest gives none. @throws algebra/bad-length */
export function digestToG1(curve: Bn254, digest: Uint8Array): G1Point | null {
  if (digest.length !== 32) {
    throw algebraErrors.error("bad-length", `a digest has 32 bytes, not ${digest.length}`);
  }
  const x = Uint8Array.from(digest);
  x[0]! &= 0x3f;
  // The first byte decides nearly always; p begins with 0x30.
  if (x[0]! >= 0x30 && bytesToInt(x) >= FIELD_PRIME) return null;
  return curve.g1.liftX(x, (digest[0]! & 0x80) !== 0);
}
