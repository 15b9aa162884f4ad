/**
 * Batch verification of BLS equations e(Sᵢ, P2) = e(Tᵢ, A2) under one key by random weights
 * (Bellare, Garay, Rabin, *Fast Batch Verification for Modular Exponentiation and Digital
 * Signatures*, EUROCRYPT 1998, small-exponents test): e(Σδᵢ·Sᵢ, P2) = e(Σδᵢ·Tᵢ, A2). Without
 * weights, +Δ on one signature and −Δ on another would pass.
 */
import { pairingsEqual, type Bn254, type G1Point, type G2Point } from "./bn254.js";
import { randomWeights } from "../random.js";

export interface SignedPoint {
  /** T: the hashed message. */
  readonly message: G1Point;
  /** S, claimed to be a·T. */
  readonly signature: G1Point;
}

/**
 * Is every signature right under the key a·P2? A wrong batch passes with probability at most 2⁻¹²⁸.
 * True for an empty batch.
 */
export function batchVerify(
  curve: Bn254,
  items: readonly SignedPoint[],
  publicKey: G2Point,
): boolean {
  const { g1, g2 } = curve;
  if (items.length === 1) {
    const [{ message, signature }] = items as readonly [SignedPoint];
    return pairingsEqual(curve, [signature, g2.generator], [message, publicKey]);
  }
  const weights = randomWeights(items.length);
  const signatures = items.map((i) => i.signature);
  const messages = items.map((i) => i.message);
  return pairingsEqual(
    curve,
    [g1.multiScalarMul(signatures, weights), g2.generator],
    [g1.multiScalarMul(messages, weights), publicKey],
  );
}

/**
 * The indices of the items that fail, found by halving: `ok` says whether a sub-list passes as a
 * whole. Costs about 2·b·log₂(n) calls for b bad items, and one if there is none.
 */
export function bisect<T>(items: readonly T[], ok: (part: readonly T[]) => boolean): number[] {
  const bad: number[] = [];
  const search = (from: number, to: number): void => {
    if (from === to || ok(items.slice(from, to))) return;
    if (to - from === 1) {
      bad.push(from);
      return;
    }
    const middle = (from + to) >> 1;
    search(from, middle);
    search(middle, to);
  };
  search(0, items.length);
  return bad;
}
