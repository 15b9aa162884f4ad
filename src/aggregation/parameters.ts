/**
 * Parameters of the lattice scheme (J. Ernst, A. Koch, *Private Stream Aggregation with Labels in
 * the Standard Model*, PoPETs 2021(4), section 6): learning with rounding of dimension 2096 from
 * 128-bit to 85-bit integers. What they are worth is worked out in docs/aggregation.md.
 */

/** n: elements of a key. */
export const DIMENSION = 2096;
/** q = 2^128: the modulus of keys and hashed labels. */
export const LOG2_Q = 128;
/** p = 2^85: the modulus of ciphertexts. */
export const LOG2_P = 85;
export const P = 1n << BigInt(LOG2_P);
/** Bits that rounding drops: ⌊(p/q)·x⌋ = x >> 43. */
export const DROPPED_BITS = BigInt(LOG2_Q - LOG2_P);

/** A key is `DIMENSION` integers of 16 bytes, little-endian. */
export const KEY_BYTES = DIMENSION * (LOG2_Q / 8);
/** A ciphertext is one 85-bit integer, big-endian. */
export const CIPHERTEXT_BYTES = 11;

/**
 * Labels one key may serve: the quarter-hours of 31 days. From 3,156 on, the outputs would hold as
 * many bits as the key (2096·128/85) and begin to determine it.
 */
export const LABELS_PER_KEY = 2976;

/** Homes per group: fewer hide a home among few, more make the set-up and a repair expensive. */
export const RECOMMENDED_GROUP = { least: 50, most: 200 } as const;
