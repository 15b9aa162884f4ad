/**
 * Aggregated range proofs: Bünz, Bootle, Boneh, Poelstra, Wuille, Maxwell, *Bulletproofs: Short Proofs
 * for Confidential Transactions and More*, IEEE S&P 2018, §4.2 and §4.3, with weights instead of
 * powers of two (`ranges.ts`).
 *
 * Statement: for given commitments Vⱼ and ranges [loⱼ, hiⱼ] the prover knows vⱼ, γⱼ with
 * Vⱼ = vⱼ·H′ + γⱼ·J and loⱼ ≤ vⱼ ≤ hiⱼ, for every j. Sound under the discrete-logarithm assumption
 * in the random-oracle model; zero-knowledge.
 */
import { SECP256K1_ORDER, type Transcript } from "../algebra/index.js";
import { Reader, Writer } from "./encoding.js";
import type { InnerProductProof } from "./inner-product.js";
import { layoutBits, type Range } from "./ranges.js";
import type { Point, SealedSystem } from "./system.js";
import { openTranscript } from "./transcripts.js";

/** What is proved of one value. */
export interface RangeStatement {
  readonly commitment: Point;
  readonly range: Range;
}

/** Names are those of the paper. */
export interface RangeProof {
  readonly a: Point;
  readonly s: Point;
  readonly t1: Point;
  readonly t2: Point;
  readonly tHat: bigint;
  readonly tauX: bigint;
  readonly mu: bigint;
  readonly innerProduct: InnerProductProof;
}

/** The transcript of a range proof with its statement. */
export function rangeTranscript(
  system: SealedSystem,
  context: Uint8Array,
  statements: readonly RangeStatement[],
): Transcript {
  const writer = new Writer(system);
  for (const { commitment, range } of statements) {
    writer.points(commitment).signed(range.lo).signed(range.hi);
  }
  return openTranscript("range-proof", context).append("statement", writer.done());
}

/** y and z, drawn after the commitments to the bits and to their masks. */
export function bitChallenges({
  system,
  transcript,
  a,
  s,
}: {
  readonly system: SealedSystem;
  readonly transcript: Transcript;
  readonly a: Point;
  readonly s: Point;
}): { readonly y: bigint; readonly z: bigint } {
  const message = new Writer(system).points(a, s).done();
  const y = transcript.challenge("A, S to y", SECP256K1_ORDER, message);
  return { y, z: transcript.challenge("z", SECP256K1_ORDER) };
}

/** x, drawn after the commitments to the coefficients of t(X). */
export function polynomialChallenge({
  system,
  transcript,
  t1,
  t2,
}: {
  readonly system: SealedSystem;
  readonly transcript: Transcript;
  readonly t1: Point;
  readonly t2: Point;
}): bigint {
  const message = new Writer(system).points(t1, t2).done();
  return transcript.challenge("T1, T2 to x", SECP256K1_ORDER, message);
}

/** The factor w of the inner product's base, drawn after t(x) and the blinding factors. */
export function productChallenge({
  system,
  transcript,
  tHat,
  tauX,
  mu,
}: {
  readonly system: SealedSystem;
  readonly transcript: Transcript;
  readonly tHat: bigint;
  readonly tauX: bigint;
  readonly mu: bigint;
}): bigint {
  const message = new Writer(system).scalars(tHat, tauX, mu).done();
  return transcript.challenge("t, tau, mu to w", SECP256K1_ORDER, message);
}

/** Bytes of a proof for these ranges: 33·(4 + 2·log₂ bits) + 160. @throws sealed/bad-range */
export function rangeProofBytes(ranges: readonly Range[]): number {
  return 33 * (4 + 2 * Math.log2(layoutBits(ranges).length)) + 5 * 32;
}

export function encodeRangeProof(system: SealedSystem, proof: RangeProof): Uint8Array {
  const { innerProduct } = proof;
  const writer = new Writer(system)
    .points(proof.a, proof.s, proof.t1, proof.t2)
    .scalars(proof.tHat, proof.tauX, proof.mu);
  for (const { l, r } of innerProduct.rounds) writer.points(l, r);
  return writer.scalars(innerProduct.a, innerProduct.b).done();
}

/**
 * Reads a proof for these ranges, which fix its length.
 * @throws sealed/bad-encoding, identity-point, scalar-out-of-range, bad-range
 */
export function readRangeProof(reader: Reader, ranges: readonly Range[]): RangeProof {
  const [a, s, t1, t2] = [reader.point(), reader.point(), reader.point(), reader.point()];
  const [tHat, tauX, mu] = [reader.scalar(), reader.scalar(), reader.scalar()];
  const rounds = Array.from({ length: Math.log2(layoutBits(ranges).length) }, () => ({
    l: reader.point(),
    r: reader.point(),
  }));
  const innerProduct = { rounds, a: reader.scalar(), b: reader.scalar() };
  return { a, s, t1, t2, tHat, tauX, mu, innerProduct };
}

/** As {@link readRangeProof}, for bytes that hold the proof and nothing else. */
export function decodeRangeProof(
  system: SealedSystem,
  bytes: Uint8Array,
  ranges: readonly Range[],
): RangeProof {
  const reader = new Reader(system, bytes);
  const proof = readRangeProof(reader, ranges);
  reader.end();
  return proof;
}
