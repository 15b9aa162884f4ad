/**
 * BN254 (alt_bn128), the pairing-friendly curve of the EVM precompiles: EIP-196 (addition and
 * multiplication in G1) and EIP-197 (pairing check). Its security is about 100 bits
 * (Barbulescu and Duquesne, *Updating Key Size Estimations for Pairings*, 2017).
 *
 * Two implementations stand behind this interface: `createMclBn254` (fast) and `nobleBn254`
 * (independent; used by tests and by the auditor).
 */
import type { FixedBases, FixedBaseUse } from "../fixed-bases.js";
import type { Group, SearchableGroup } from "../group.js";

/** p: the prime of the base field. */
export const FIELD_PRIME = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
/** ℓ: the prime order of G1, G2 and GT. */
export const GROUP_ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;

/** A point of G1 that has passed its curve check: E(Fp): y² = x³ + 3, cofactor 1. */
export abstract class G1Point {
  protected abstract readonly g1: true;
}

/** A point of G2 that has passed its curve and subgroup checks: E'(Fp²): y² = x³ + 3/(9 + i). */
export abstract class G2Point {
  protected abstract readonly g2: true;
}

/** A value of the pairing: an ℓ-th root of unity in Fp¹². */
export abstract class GtElement {
  protected abstract readonly gt: true;
}

/** G1: encoded in 64 bytes as EIP-196 has it: x ‖ y, big-endian; the identity is 64 zero bytes. */
export interface G1Group extends Group<G1Point> {
  /**
   * The point with this x whose y is odd, or even; `null` if x³ + 3 is not a square.
   * `x` is 32 bytes, big-endian. Variable time in x.
   * @throws algebra/bad-length, coordinate-out-of-range
   */
  liftX(x: Uint8Array, yOdd: boolean): G1Point | null;
  /** Tables for points that are multiplied many times. */
  fixedBases(points: readonly G1Point[], use: FixedBaseUse): FixedBases<G1Point>;
}

/**
 * GT, written additively like the other groups: `add` is the multiplication in Fp¹², `mul` the
 * power. Encoded in 384 bytes: the twelve coefficients over Fp, big-endian, in the order of the
 * tower Fp²(i² = −1), Fp⁶(v³ = 9 + i), Fp¹²(w² = v). Nothing here is constant-time.
 */
export interface GtGroup extends SearchableGroup<GtElement> {
  readonly name: string;
  /** e(P1, P2). */
  readonly generator: GtElement;
  equals(a: GtElement, b: GtElement): boolean;
}

export interface Bn254 {
  /** `"mcl"` or `"noble"`. */
  readonly name: string;
  readonly g1: G1Group;
  /**
   * G2: encoded in 128 bytes as EIP-197 has it: x.imaginary ‖ x.real ‖ y.imaginary ‖ y.real,
   * big-endian; the identity is 128 zero bytes.
   */
  readonly g2: Group<G2Point>;
  readonly gt: GtGroup;
  /** Π e(aᵢ, bᵢ), as a sum in GT; the identity for no pairs. */
  pairingProduct(pairs: readonly (readonly [G1Point, G2Point])[]): GtElement;
  /** Is Π e(aᵢ, bᵢ) = 1? True for no pairs, as the precompile has it. */
  pairingProductIsOne(pairs: readonly (readonly [G1Point, G2Point])[]): boolean;
}

/** Does e(a, b) = e(c, d) hold? One product of two pairings. */
export function pairingsEqual(
  curve: Bn254,
  [a, b]: readonly [G1Point, G2Point],
  [c, d]: readonly [G1Point, G2Point],
): boolean {
  return curve.pairingProductIsOne([
    [a, b],
    [curve.g1.neg(c), d],
  ]);
}
