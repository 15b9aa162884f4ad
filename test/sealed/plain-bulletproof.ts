/**
 * A second, slow verifier of range proofs, written from the paper (Bünz et al. 2018, §4.2 and the
 * recursion of §3, Protocol 2) with @noble/curves alone: the bases are really folded in every round
 * and nothing is batched. It shares with the fast one only the transcript and the layout of bits.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { roundChallenge } from "../../src/sealed/inner-product.js";
import {
  bitChallenges,
  polynomialChallenge,
  productChallenge,
  rangeTranscript,
} from "../../src/sealed/range-proof.js";
import type { RangeClaim } from "../../src/sealed/range-verifier.js";
import { rangeWeights } from "../../src/sealed/ranges.js";
import {
  Base,
  leftBase,
  rightBase,
  type Point,
  type SealedSystem,
} from "../../src/sealed/system.js";

const { Point: Curve } = secp256k1;
const { Fn } = Curve;
type NoblePoint = typeof Curve.BASE;

const times = (p: NoblePoint, k: bigint): NoblePoint => p.multiplyUnsafe(Fn.create(k));
const sum = (points: readonly NoblePoint[]): NoblePoint =>
  points.reduce((total, p) => total.add(p), Curve.ZERO);

export function plainVerify(system: SealedSystem, claim: RangeClaim): boolean {
  const { context, statements, proof } = claim;
  const read = (p: Point): NoblePoint => Curve.fromBytes(system.group.encode(p));
  const weights = statements.map((s) => rangeWeights(s.range));
  let size = 1;
  while (size < weights.flat().length) size *= 2;
  const bases = system.bases(size).points;
  const value = read(bases[Base.Value]!);
  const blinding = read(bases[Base.Blinding]!);
  let left = Array.from({ length: size }, (_, i) => read(bases[leftBase(i)]!));
  let right = Array.from({ length: size }, (_, i) => read(bases[rightBase(i)]!));

  const transcript = rangeTranscript(system, context, statements);
  const { y, z } = bitChallenges({ system, transcript, a: proof.a, s: proof.s });
  const x = polynomialChallenge({ system, transcript, t1: proof.t1, t2: proof.t2 });
  const { tHat, tauX, mu } = proof;
  const w = productChallenge({ system, transcript, tHat, tauX, mu });

  // d: z², z³ … times the weights of the first, second … value.
  const d = weights.flatMap((list, j) =>
    list.map((weight) => Fn.mul(Fn.pow(z, BigInt(j + 2)), weight)),
  );
  while (d.length < size) d.push(0n);
  const yPowers = d.map((_, i) => Fn.pow(y, BigInt(i)));

  // (65), and δ(y, z) of (39) for weighted bits.
  let delta = 0n;
  for (let i = 0; i < size; i++) {
    delta = Fn.add(delta, Fn.mul(Fn.sub(z, Fn.sqr(z)), yPowers[i]!));
    delta = Fn.sub(delta, Fn.mul(z, d[i]!));
  }
  const committed = statements.map(({ commitment, range }, j) =>
    times(read(commitment).subtract(times(value, range.lo)), Fn.pow(z, BigInt(j + 2))),
  );
  const polynomial = sum([
    ...committed,
    times(value, delta),
    times(read(proof.t1), x),
    times(read(proof.t2), Fn.sqr(x)),
  ]);
  if (!times(value, tHat).add(times(blinding, tauX)).equals(polynomial)) return false;

  // (66): P = A + x·S − z·ΣGᵢ + Σ (z·yⁱ + dᵢ)·H′ᵢ with H′ᵢ = y⁻ⁱ·Hᵢ; minus μ·J; plus t̂·U.
  right = right.map((h, i) => times(h, Fn.inv(yPowers[i]!)));
  const u = times(read(bases[Base.InnerProduct]!), w);
  let p = sum([
    read(proof.a),
    times(read(proof.s), x),
    ...left.map((g) => times(g, Fn.neg(z))),
    ...right.map((h, i) => times(h, Fn.add(Fn.mul(z, yPowers[i]!), d[i]!))),
    times(blinding, Fn.neg(mu)),
    times(u, tHat),
  ]);

  // §3, Protocol 2.
  for (const round of proof.innerProduct.rounds) {
    const e = roundChallenge(system, transcript, round);
    const inverse = Fn.inv(e);
    const half = left.length / 2;
    if (half < 1) return false;
    const fold = (points: NoblePoint[], low: bigint, high: bigint): NoblePoint[] =>
      points.slice(0, half).map((q, i) => times(q, low).add(times(points[half + i]!, high)));
    left = fold(left, inverse, e);
    right = fold(right, e, inverse);
    p = p.add(times(read(round.l), Fn.sqr(e))).add(times(read(round.r), Fn.sqr(inverse)));
  }
  if (left.length !== 1) return false;
  const { a, b } = proof.innerProduct;
  return p.equals(sum([times(left[0]!, a), times(right[0]!, b), times(u, Fn.mul(a, b))]));
}
