/**
 * secp256k1 (SEC 2, §2.4.1): y² = x³ + 7, of prime order, without a pairing.
 *
 * Two implementations stand behind this interface: `createMclSecp256k1` (fast) and `nobleSecp256k1`
 * (independent; used by tests and audits).
 */
import type { FixedBases, FixedBaseUse } from "../fixed-bases.js";
import type { Group } from "../group.js";

/** p: the prime of the base field, 2²⁵⁶ − 2³² − 977. */
export const SECP256K1_FIELD_PRIME =
  0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;
/** n: the prime order of the group. */
export const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Bytes of an encoded point. */
export const SECP256K1_POINT_BYTES = 33;

/** A point that has passed its curve check. */
export abstract class Secp256k1Point {
  protected abstract readonly secp256k1: true;
}

/** An encoded point, and what spares its reader a square root. */
export interface HintedPoint {
  /** 33 bytes, as SEC 1 compresses a point. */
  readonly encoded: Uint8Array;
  /** The y coordinate, 32 bytes big-endian. */
  readonly y: Uint8Array;
}

/**
 * The group, encoded in 33 bytes as SEC 1 §2.3.3 compresses points: 2 + parity of y, then x
 * big-endian. The identity, which SEC 1 writes as one zero byte, is 33 zero bytes here so that every
 * encoding has one length.
 */
export interface Secp256k1Group extends Group<Secp256k1Point> {
  /**
   * As {@link Group.decode}, without a square root if `y` is the point's y coordinate, 32 bytes big-endian. A hint: any
   * other `y` costs the square root and changes nothing.
   * @throws as decode
   */
  decodeHinted(bytes: Uint8Array, y: Uint8Array): Secp256k1Point;
  /** Each point's encoding with its y coordinate, for less than one after the other. None is the identity. */
  encodeHinted(points: readonly Secp256k1Point[]): HintedPoint[];
  /** 1/k modulo the order, for a public k that is not a multiple of it: variable time. */
  invertScalar(k: bigint): bigint;
  /** Prepares points that will be multiplied many times. */
  fixedBases(points: readonly Secp256k1Point[], use: FixedBaseUse): FixedBases<Secp256k1Point>;
  /**
   * Hashes to the curve with RFC 9380, suite secp256k1_XMD:SHA-256_SSWU_RO_: nobody knows the
   * logarithm of the result to any base. Variable time: for public messages.
   */
  hashToCurve(message: Uint8Array, domainSeparationTag: string): Secp256k1Point;
}
