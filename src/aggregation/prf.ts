/**
 * The key-homomorphic pseudorandom function of the scheme, from learning with rounding:
 * F(k, label) = ⌊(p/q)·⟨H(label), k⟩⌋ (Boneh, Lewi, Montgomery, Raghunathan, *Key Homomorphic PRFs
 * and Their Applications*, CRYPTO 2013; in this form Ernst and Koch, PoPETs 2021).
 *
 * Almost homomorphic in the key: F(k₁ + … + k_N) − ΣF(kᵢ) is one of 0, …, N − 1 modulo p.
 * H is a function of the label and its context alone: no state, no order of calls.
 */
import { randomBytes } from "@noble/hashes/utils.js";
import { aggregationErrors } from "./errors.js";
import { addVector, hashedInnerProduct, innerProduct, shake256, subtractVector } from "./kernel.js";
import { labelBytes } from "./label.js";
import { DROPPED_BITS, KEY_BYTES } from "./parameters.js";
import { tagged, tags } from "./tags.js";

declare const prfKey: unique symbol;
/** A vector of `DIMENSION` integers modulo 2^128, 16 bytes each, little-endian. */
export type PrfKey = Uint8Array & { readonly [prfKey]: true };

/** A copy of `bytes` as a key. @throws aggregation/bad-length */
export function parsePrfKey(bytes: Uint8Array): PrfKey {
  if (bytes.length !== KEY_BYTES) {
    throw aggregationErrors.error(
      "bad-length",
      `a key has ${KEY_BYTES} bytes, this has ${bytes.length}`,
      { expected: KEY_BYTES, got: bytes.length },
    );
  }
  return Uint8Array.from(bytes) as PrfKey;
}

/** A uniform key. */
export function randomPrfKey(): PrfKey {
  return parsePrfKey(randomBytes(KEY_BYTES));
}

/** The key that a seed of 32 bytes stands for, so that a meter need only keep the seed. */
export function prfKeyFromSeed(seed: Uint8Array): PrfKey {
  if (seed.length !== 32) {
    throw aggregationErrors.error("bad-length", `a seed has 32 bytes, this has ${seed.length}`, {
      expected: 32,
      got: seed.length,
    });
  }
  return shake256(KEY_BYTES, tagged(tags.keySeed, seed)) as PrfKey;
}

/** A running sum of keys: it takes one at a time, so that no list of keys is held in memory. */
export class KeySum {
  readonly #sum = new Uint8Array(KEY_BYTES);

  add(key: PrfKey): this {
    addVector(this.#sum, key);
    return this;
  }

  subtract(key: PrfKey): this {
    subtractVector(this.#sum, key);
    return this;
  }

  total(): PrfKey {
    return parsePrfKey(this.#sum);
  }
}

/**
 * F(key, label) in [0, 2^85). `context` is 32 bytes that name what the key is for (see
 * `keyContext`); labels of different contexts are unrelated.
 * Constant-time in the key up to the conversion of the 85-bit result.
 * @throws aggregation/label-out-of-range
 */
export function prf(key: PrfKey, context: Uint8Array, label: bigint): bigint {
  const message = tagged(tags.label, context, labelBytes(label));
  return hashedInnerProduct(message, key) >> DROPPED_BITS;
}

/** H(label), 33,536 bytes: what `prfOfHash` takes, for anyone who knows the label early. */
export function hashLabel(context: Uint8Array, label: bigint): Uint8Array {
  return shake256(KEY_BYTES, tagged(tags.label, context, labelBytes(label)));
}

/** F(key, label) from H(label). */
export function prfOfHash(key: PrfKey, hash: Uint8Array): bigint {
  return innerProduct(hash, key) >> DROPPED_BITS;
}
