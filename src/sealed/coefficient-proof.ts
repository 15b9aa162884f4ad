/**
 * Proof that a dealer who publishes A_k = a_k·G keeps to what it dealt: knowledge of every a_k, b_k with
 *
 *     A_k = a_k·G   and   E_k − A_k = b_k·J
 *
 * (two Schnorr proofs for each k under one challenge; Cramer, Damgård, Schoenmakers, CRYPTO 1994, for the
 * conjunction). E_k = a_k·G + b_k·J was dealt before anybody published an A_k. Without the proof, a dealer
 * that has seen the others' A_0 can add δ·Π(1 − X/j) over the honest j to its own polynomial: every honest
 * check of a share still holds, and the dealer has chosen the sum of all A_0.
 *
 * T_k = u_k·G, S_k = w_k·J; e = hash(committee, dealer, t, all dealings, E, A, T, S);
 * y_k = u_k + e·a_k, z_k = w_k + e·b_k; y_k·G = T_k + e·A_k, z_k·J = S_k + e·(E_k − A_k).
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { intToBytes, SECP256K1_ORDER } from "../algebra/index.js";
import { Writer, type Reader } from "./encoding.js";
import { Equations } from "./equations.js";
import { mod, randomScalars } from "./scalars.js";
import { Base, type Point, type SealedSystem } from "./system.js";
import { openTranscript } from "./transcripts.js";

/** One entry of each list for every coefficient. */
export interface CoefficientProof {
  readonly t: readonly Point[];
  readonly s: readonly Point[];
  readonly y: readonly bigint[];
  readonly z: readonly bigint[];
}

/** What the proof is about, beside E and A. */
export interface CoefficientStatement {
  /** Names the committee. */
  readonly context: Uint8Array;
  readonly dealer: number;
  readonly threshold: number;
  /** Hash of all dealings that were accepted. */
  readonly dealings: Uint8Array;
  /** E_k. */
  readonly commitments: readonly Point[];
  /** A_k. */
  readonly coefficients: readonly Point[];
}

function challenge({
  system,
  statement: { context, dealer, threshold, dealings, commitments, coefficients },
  t,
  s,
}: {
  readonly system: SealedSystem;
  readonly statement: CoefficientStatement;
  readonly t: readonly Point[];
  readonly s: readonly Point[];
}): bigint {
  const numbers = concatBytes(intToBytes(dealer, 1), intToBytes(threshold, 1));
  return openTranscript("coefficient-proof", context)
    .append("dealer, t", numbers)
    .append("dealings", dealings)
    .append("E", new Writer(system).points(...commitments).done())
    .append("A", new Writer(system).points(...coefficients).done())
    .append("T, S", new Writer(system).points(...t, ...s).done())
    .challenge("e", SECP256K1_ORDER);
}

/** `a` and `b` are the coefficients of the statement, in its order. */
export function proveCoefficients({
  system,
  statement,
  a,
  b,
}: {
  readonly system: SealedSystem;
  readonly statement: CoefficientStatement;
  readonly a: readonly bigint[];
  readonly b: readonly bigint[];
}): CoefficientProof {
  const u = randomScalars(a.length);
  const w = randomScalars(b.length);
  const moves = system
    .bases(0)
    .multiScalarMuls([
      ...u.map((k) => ({ scalars: [k], indices: [Base.Generator] })),
      ...w.map((k) => ({ scalars: [k], indices: [Base.Blinding] })),
    ]);
  const [t, s] = [moves.slice(0, a.length), moves.slice(a.length)];
  const e = challenge({ system, statement, t, s });
  return {
    t,
    s,
    y: u.map((k, i) => mod(k + e * a[i]!)),
    z: w.map((k, i) => mod(k + e * b[i]!)),
  };
}

export function verifyCoefficients(
  system: SealedSystem,
  statement: CoefficientStatement,
  { t, s, y, z }: CoefficientProof,
): boolean {
  const { commitments, coefficients } = statement;
  const length = commitments.length;
  if ([coefficients, t, s, y, z].some((list) => list.length !== length)) return false;
  const e = challenge({ system, statement, t, s });
  const equations = new Equations(system);
  for (const [k, a] of coefficients.entries()) {
    equations.equation().point(t[k]!, 1n).point(a, e).base(Base.Generator, -y[k]!);
    equations
      .equation()
      .point(s[k]!, 1n)
      .point(commitments[k]!, e)
      .point(a, -e)
      .base(Base.Blinding, -z[k]!);
  }
  return equations.hold();
}

export function encodeCoefficientProof(
  system: SealedSystem,
  { t, s, y, z }: CoefficientProof,
): Uint8Array {
  return new Writer(system)
    .points(...t, ...s)
    .scalars(...y, ...z)
    .done();
}

/** @throws sealed/bad-encoding, identity-point, scalar-out-of-range */
export function readCoefficientProof(reader: Reader, length: number): CoefficientProof {
  const points = (): Point[] => Array.from({ length }, () => reader.point());
  const scalars = (): bigint[] => Array.from({ length }, () => reader.scalar());
  return { t: points(), s: points(), y: scalars(), z: scalars() };
}
