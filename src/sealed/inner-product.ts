/**
 * The inner-product argument (Bünz et al., *Bulletproofs*, IEEE S&P 2018, §3). The vectors are
 * halved in every round. The bases are not: each folded base is kept as its coefficients on the
 * original bases, for which tables exist.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { SECP256K1_ORDER, type FixedBaseSum, type Transcript } from "../algebra/index.js";
import { innerProduct, mod } from "./scalars.js";
import { Base, leftBase, rightBase, type Point, type SealedSystem } from "./system.js";

/** The commitments of one round. */
export interface Round {
  readonly l: Point;
  readonly r: Point;
}

/** One pair for each halving, then the two scalars that are left. */
export interface InnerProductProof {
  readonly rounds: readonly Round[];
  readonly a: bigint;
  readonly b: bigint;
}

/** Absorbs a round and draws its challenge. */
export function roundChallenge(
  system: SealedSystem,
  transcript: Transcript,
  { l, r }: Round,
): bigint {
  const message = concatBytes(system.encode(l), system.encode(r));
  return transcript.challenge("L, R to x", SECP256K1_ORDER, message);
}

/** A sum being put together: scalars and the bases they meet. */
interface Terms extends FixedBaseSum {
  readonly scalars: bigint[];
  readonly indices: number[];
}

/**
 * Proves knowledge of a, b with P = Σ aᵢ·Gᵢ + Σ bᵢ·cᵢ·Hᵢ + ⟨a, b⟩·w·Q, where Q is the base of the
 * inner product and cᵢ are `rightCoefficients`. The vectors have one length, a power of two.
 */
export function proveInnerProduct({
  system,
  transcript,
  w,
  rightCoefficients,
  left,
  right,
}: {
  readonly system: SealedSystem;
  readonly transcript: Transcript;
  readonly w: bigint;
  readonly rightCoefficients: readonly bigint[];
  readonly left: readonly bigint[];
  readonly right: readonly bigint[];
}): InnerProductProof {
  const total = left.length;
  const bases = system.bases(total);
  let a = left;
  let b = right;
  const g = new Array<bigint>(total).fill(1n);
  const h = [...rightCoefficients];
  const rounds: Round[] = [];

  for (let half = total >> 1; half >= 1; half >>= 1) {
    const [aLow, aHigh] = [a.slice(0, half), a.slice(half)];
    const [bLow, bHigh] = [b.slice(0, half), b.slice(half)];
    // L = ⟨aLow, GHigh⟩ + ⟨bHigh, HLow⟩ + …, R = ⟨aHigh, GLow⟩ + ⟨bLow, HHigh⟩ + …
    const l: Terms = { scalars: [w * innerProduct(aLow, bHigh)], indices: [Base.InnerProduct] };
    const r: Terms = { scalars: [w * innerProduct(aHigh, bLow)], indices: [Base.InnerProduct] };
    for (let i = 0; i < total; i++) {
      // The folded base at position p is a sum over the original bases at p, p + 2·half, …
      const q = i & (half - 1);
      const low = (i & half) === 0;
      const [gTerms, hTerms] = low ? [r, l] : [l, r];
      gTerms.scalars.push(g[i]! * (low ? aHigh[q]! : aLow[q]!));
      gTerms.indices.push(leftBase(i));
      hTerms.scalars.push(h[i]! * (low ? bHigh[q]! : bLow[q]!));
      hTerms.indices.push(rightBase(i));
    }
    const [lPoint, rPoint] = bases.multiScalarMuls([l, r]);
    const round = { l: lPoint!, r: rPoint! };
    rounds.push(round);

    const x = roundChallenge(system, transcript, round);
    const xInverse = system.group.invertScalar(x);
    a = aLow.map((v, i) => mod(v * x + aHigh[i]! * xInverse));
    b = bLow.map((v, i) => mod(v * xInverse + bHigh[i]! * x));
    for (let i = 0; i < total; i++) {
      const low = (i & half) === 0;
      g[i] = mod(g[i]! * (low ? xInverse : x));
      h[i] = mod(h[i]! * (low ? x : xInverse));
    }
  }
  return { rounds, a: a[0]!, b: b[0]! };
}

/**
 * The coefficients sᵢ of the one folded left base on the original ones (§3.1): the product of xⱼ or
 * 1/xⱼ by the bits of i. Those of the right base are their inverses, sᵢ⁻¹ = s_(length−1−i).
 */
export function foldedCoefficients(
  challenges: readonly bigint[],
  challengeInverses: readonly bigint[],
): bigint[] {
  const s = [challengeInverses.reduce((product, x) => mod(product * x), 1n)];
  // The last challenge belongs to the lowest bit.
  for (let j = challenges.length - 1; j >= 0; j--) {
    const square = mod(challenges[j]! * challenges[j]!);
    s.push(...s.map((v) => mod(v * square)));
  }
  return s;
}
