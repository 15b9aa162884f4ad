/**
 * Proof of knowledge of a discrete logarithm (Schnorr, *Efficient Identification and Signatures for
 * Smart Cards*, CRYPTO 1989), non-interactive.
 *
 * Statement: for the given X the prover knows x with X = x·G.
 *   T = b·G;  e = hash(context, X, T);  z = b + e·x;  z·G = T + e·X.
 */
import { SECP256K1_ORDER } from "../algebra/index.js";
import { Writer, type Reader } from "./encoding.js";
import { Equations } from "./equations.js";
import { mod, randomScalars } from "./scalars.js";
import { Base, type Point, type SealedSystem } from "./system.js";
import { openTranscript } from "./transcripts.js";

export interface KnowledgeProof {
  readonly t: Point;
  readonly z: bigint;
}

function challenge({
  system,
  context,
  x,
  t,
}: {
  readonly system: SealedSystem;
  readonly context: Uint8Array;
  readonly x: Point;
  readonly t: Point;
}): bigint {
  return openTranscript("knowledge-proof", context)
    .append("X, T", new Writer(system).points(x, t).done())
    .challenge("e", SECP256K1_ORDER);
}

/** Proves knowledge of `secret`; its public point is secret·G. */
export function proveKnowledge(
  system: SealedSystem,
  context: Uint8Array,
  secret: bigint,
): KnowledgeProof {
  const [b] = randomScalars(1) as [bigint];
  const [t, x] = system.generator.multiScalarMuls([{ scalars: [b] }, { scalars: [secret] }]);
  return { t: t!, z: mod(b + challenge({ system, context, x: x!, t: t! }) * secret) };
}

/** Does the proof hold for `point`? */
export function verifyKnowledge({
  system,
  context,
  point,
  proof: { t, z },
}: {
  readonly system: SealedSystem;
  readonly context: Uint8Array;
  readonly point: Point;
  readonly proof: KnowledgeProof;
}): boolean {
  const equations = new Equations(system);
  equations
    .equation()
    .point(t, 1n)
    .point(point, challenge({ system, context, x: point, t }))
    .base(Base.Generator, -z);
  return equations.hold();
}

export function encodeKnowledgeProof(system: SealedSystem, { t, z }: KnowledgeProof): Uint8Array {
  return new Writer(system).points(t).scalars(z).done();
}

/** @throws sealed/bad-encoding, identity-point, scalar-out-of-range */
export function readKnowledgeProof(reader: Reader): KnowledgeProof {
  return { t: reader.point(), z: reader.scalar() };
}
