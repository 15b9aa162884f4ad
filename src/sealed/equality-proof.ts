/**
 * Proof that ciphertexts and commitments hold the same values, for any number of pairs at once.
 *
 * Statement: for given (C1ⱼ, C2ⱼ), Vⱼ and the key D, j = 1 … m, the prover knows vⱼ, kⱼ, rⱼ with
 *   C1ⱼ = kⱼ·G,  C2ⱼ = vⱼ·H + kⱼ·D,  Vⱼ = vⱼ·H′ + rⱼ·J.
 * A sigma protocol for the preimage of a homomorphism (Maurer, *Unifying Zero-Knowledge Proofs of
 * Knowledge*, AFRICACRYPT 2009), made non-interactive over a transcript of every public value and the
 * context. The m statements are folded with powers of the challenge e (Attema, Cramer, *Compressed
 * Σ-Protocol Theory*, CRYPTO 2020, §3.2): from m + 1 accepting answers every witness follows,
 * so a false statement passes with probability m/n for each challenge asked of the random oracle.
 *
 *   T1 = b·G,  T2 = a·H + b·D,  T3 = a·H′ + c·J;  e = hash;
 *   z_v = a + Σ eʲ·vⱼ,  z_k = b + Σ eʲ·kⱼ,  z_r = c + Σ eʲ·rⱼ;
 *   z_k·G = T1 + Σ eʲ·C1ⱼ,  z_v·H + z_k·D = T2 + Σ eʲ·C2ⱼ,  z_v·H′ + z_r·J = T3 + Σ eʲ·Vⱼ.
 */
import { SECP256K1_ORDER } from "../algebra/index.js";
import { commit, type Opening } from "./commitment.js";
import type { Ciphertext, EncryptionKey } from "./elgamal.js";
import { Writer, type Reader } from "./encoding.js";
import { Equations } from "./equations.js";
import { mod, powers, randomScalars } from "./scalars.js";
import { Base, type Point, type SealedSystem } from "./system.js";
import { openTranscript } from "./transcripts.js";

export interface EqualityStatement {
  readonly ciphertext: Ciphertext;
  readonly commitment: Point;
}

/** What the prover knows: the opening of the commitment and the nonce of the ciphertext. */
export interface EqualityWitness extends EqualityStatement {
  readonly opening: Opening;
  readonly nonce: bigint;
}

export interface EqualityProof {
  readonly t1: Point;
  readonly t2: Point;
  readonly t3: Point;
  readonly zValue: bigint;
  readonly zNonce: bigint;
  readonly zBlinding: bigint;
}

/** Bytes of an encoded proof. */
export const EQUALITY_PROOF_BYTES = 3 * 33 + 3 * 32;

function challenge({
  system,
  context,
  key,
  statements,
  announcements,
}: {
  readonly system: SealedSystem;
  readonly context: Uint8Array;
  readonly key: Point;
  readonly statements: readonly EqualityStatement[];
  readonly announcements: readonly Point[];
}): bigint {
  const statement = new Writer(system).points(key);
  for (const { ciphertext, commitment } of statements) {
    statement.points(ciphertext.c1, ciphertext.c2, commitment);
  }
  return openTranscript("equality-proof", context)
    .append("statement", statement.done())
    .append("T1, T2, T3", new Writer(system).points(...announcements).done())
    .challenge("e", SECP256K1_ORDER);
}

/**
 * Makes the proof. A false witness gives a proof that does not hold. Group operations follow a
 * pattern independent of the secrets.
 */
export function proveEquality({
  system,
  context,
  key,
  witnesses,
}: {
  readonly system: SealedSystem;
  readonly context: Uint8Array;
  readonly key: EncryptionKey;
  readonly witnesses: readonly EqualityWitness[];
}): EqualityProof {
  const [a, b, c] = randomScalars(3) as [bigint, bigint, bigint];
  const { c1: t1, c2: t2 } = key.encrypt(a, b);
  const t3 = commit(system, { value: a, blinding: c });
  const e = challenge({
    system,
    context,
    key: key.point,
    statements: witnesses,
    announcements: [t1, t2, t3],
  });
  const ePowers = powers(e, witnesses.length + 1);
  const answer = (mask: bigint, secret: (w: EqualityWitness) => bigint): bigint =>
    mod(witnesses.reduce((sum, w, j) => sum + ePowers[j + 1]! * secret(w), mask));
  return {
    t1,
    t2,
    t3,
    zValue: answer(a, (w) => w.opening.value),
    zNonce: answer(b, (w) => w.nonce),
    zBlinding: answer(c, (w) => w.opening.blinding),
  };
}

/** Adds the three equations of a proof. `key` is D. */
export function addEqualityEquations({
  system,
  equations,
  context,
  key,
  statements,
  proof,
}: {
  readonly system: SealedSystem;
  readonly equations: Equations;
  readonly context: Uint8Array;
  readonly key: Point;
  readonly statements: readonly EqualityStatement[];
  readonly proof: EqualityProof;
}): void {
  const { t1, t2, t3, zValue, zNonce, zBlinding } = proof;
  const e = challenge({ system, context, key, statements, announcements: [t1, t2, t3] });
  const nonce = equations.equation().point(t1, 1n).base(Base.Generator, -zNonce);
  const message = equations
    .equation()
    .point(t2, 1n)
    .base(Base.Message, -zValue)
    .point(key, -zNonce);
  const value = equations
    .equation()
    .point(t3, 1n)
    .base(Base.Value, -zValue)
    .base(Base.Blinding, -zBlinding);
  let power = 1n;
  for (const { ciphertext, commitment } of statements) {
    power = mod(power * e);
    nonce.point(ciphertext.c1, power);
    message.point(ciphertext.c2, power);
    value.point(commitment, power);
  }
}

/** Does the proof hold? */
export function verifyEquality({
  system,
  context,
  key,
  statements,
  proof,
}: {
  readonly system: SealedSystem;
  readonly context: Uint8Array;
  readonly key: Point;
  readonly statements: readonly EqualityStatement[];
  readonly proof: EqualityProof;
}): boolean {
  const equations = new Equations(system);
  addEqualityEquations({ system, equations, context, key, statements, proof });
  return equations.hold();
}

export function encodeEqualityProof(system: SealedSystem, proof: EqualityProof): Uint8Array {
  return new Writer(system)
    .points(proof.t1, proof.t2, proof.t3)
    .scalars(proof.zValue, proof.zNonce, proof.zBlinding)
    .done();
}

/** @throws sealed/bad-encoding, identity-point, scalar-out-of-range */
export function readEqualityProof(reader: Reader): EqualityProof {
  return {
    t1: reader.point(),
    t2: reader.point(),
    t3: reader.point(),
    zValue: reader.scalar(),
    zNonce: reader.scalar(),
    zBlinding: reader.scalar(),
  };
}
