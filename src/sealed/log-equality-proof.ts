/**
 * Proof that two points have the same discrete logarithm to two bases, DLEQ (Chaum, Pedersen, *Wallet
 * Databases with Observers*, CRYPTO 1992), non-interactive.
 *
 * Statement: for given X, B, Y the prover knows x with X = x·G and Y = x·B.
 *   T = b·G,  U = b·B;  e = hash(context, X, B, Y, T, U);  z = b + e·x;
 *   z·G = T + e·X,  z·B = U + e·Y.
 */
import { SECP256K1_ORDER } from "../algebra/index.js";
import { Writer, type Reader } from "./encoding.js";
import { Equations } from "./equations.js";
import { mod, randomScalars } from "./scalars.js";
import { Base, type Point, type SealedSystem } from "./system.js";
import { openTranscript } from "./transcripts.js";

/** X = x·G and Y = x·B for one x. */
export interface LogEqualityStatement {
  /** X. */
  readonly publicKey: Point;
  /** B. */
  readonly base: Point;
  /** Y. */
  readonly image: Point;
}

export interface LogEqualityProof {
  readonly t: Point;
  readonly u: Point;
  readonly z: bigint;
}

function challenge({
  system,
  context,
  statement: { publicKey, base, image },
  t,
  u,
}: {
  readonly system: SealedSystem;
  readonly context: Uint8Array;
  readonly statement: LogEqualityStatement;
  readonly t: Point;
  readonly u: Point;
}): bigint {
  return openTranscript("log-equality-proof", context)
    .append("X, B, Y", new Writer(system).points(publicKey, base, image).done())
    .append("T, U", new Writer(system).points(t, u).done())
    .challenge("e", SECP256K1_ORDER);
}

/**
 * Makes the proof; a false statement gives one that does not hold. The base may be chosen by
 * others: it meets only the fresh b here, never `secret`.
 */
export function proveLogEquality({
  system,
  context,
  statement,
  secret,
}: {
  readonly system: SealedSystem;
  readonly context: Uint8Array;
  readonly statement: LogEqualityStatement;
  readonly secret: bigint;
}): LogEqualityProof {
  const [b] = randomScalars(1) as [bigint];
  const t = system.generator.multiScalarMul([b]);
  const u = system.group.mulSecret(statement.base, b);
  return { t, u, z: mod(b + challenge({ system, context, statement, t, u }) * secret) };
}

/** Does the proof hold? */
export function verifyLogEquality({
  system,
  context,
  statement,
  proof: { t, u, z },
}: {
  readonly system: SealedSystem;
  readonly context: Uint8Array;
  readonly statement: LogEqualityStatement;
  readonly proof: LogEqualityProof;
}): boolean {
  const e = challenge({ system, context, statement, t, u });
  const equations = new Equations(system);
  equations.equation().point(t, 1n).point(statement.publicKey, e).base(Base.Generator, -z);
  equations.equation().point(u, 1n).point(statement.image, e).point(statement.base, -z);
  return equations.hold();
}

export function encodeLogEqualityProof(
  system: SealedSystem,
  { t, u, z }: LogEqualityProof,
): Uint8Array {
  return new Writer(system).points(t, u).scalars(z).done();
}

/** @throws sealed/bad-encoding, identity-point, scalar-out-of-range */
export function readLogEqualityProof(reader: Reader): LogEqualityProof {
  return { t: reader.point(), u: reader.point(), z: reader.scalar() };
}
