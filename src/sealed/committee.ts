/** Who takes part in a key ceremony: n trustees, of whom any t together decrypt. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { ed25519KeyPair, type KeyPair } from "../envelope/index.js";
import { Writer } from "./encoding.js";
import { sealedErrors } from "./errors.js";
import { proveKnowledge, verifyKnowledge, type KnowledgeProof } from "./knowledge-proof.js";
import { randomScalars } from "./scalars.js";
import type { Point, SealedSystem } from "./system.js";

/** A trustee's public keys. */
export interface TrusteeKeys {
  /** Ed25519, 32 bytes: signs the trustee's messages. Registered before the ceremony. */
  readonly identityKey: Uint8Array;
  /** For receiving shares. */
  readonly exchangeKey: Point;
  /** That the trustee knows the secret of `exchangeKey`. */
  readonly proof: KnowledgeProof;
}

/** A trustee's own side of {@link TrusteeKeys}. */
export interface TrusteeSecrets extends TrusteeKeys {
  readonly identity: KeyPair;
  readonly exchangeSecret: bigint;
}

/** Trustees are numbered 1 … n in the order of `members`. */
export interface Committee {
  readonly threshold: number;
  /** f: how many corrupt trustees the choice of n and t tolerates. */
  readonly tolerated: number;
  readonly members: readonly TrusteeKeys[];
  /** Hash of the ceremony's name, the threshold and all keys: every message of the ceremony is bound to it. */
  readonly context: Uint8Array;
}

/** What a committee is made of. `name` is used once: a repeated ceremony gets another. */
export interface CommitteeTerms {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly TrusteeKeys[];
}

/** Four trustees, three decrypt: one may be corrupt. */
export const DEFAULT_TRUSTEES = 4;

const MEMBER_CONTEXT = utf8ToBytes("sipster/sealed/member@1");

/** A fresh exchange key, with the identity that signs messages. */
export function createMember(
  system: SealedSystem,
  identity: KeyPair = ed25519KeyPair(),
): TrusteeSecrets {
  const [exchangeSecret] = randomScalars(1) as [bigint];
  return {
    identity,
    identityKey: identity.publicKey,
    exchangeSecret,
    exchangeKey: system.generator.multiScalarMul([exchangeSecret]),
    proof: proveKnowledge(system, MEMBER_CONTEXT, exchangeSecret),
  };
}

/**
 * The greatest f with t ≥ ⌈(n + f + 1)/2⌉ and n ≥ t + f; negative if there is none. Any two sets of t
 * trustees then have an honest one in common, and the honest ones alone are t.
 */
export function toleratedTrustees(trustees: number, threshold: number): number {
  return Math.min(2 * threshold - trustees - 1, trustees - threshold);
}

/** The least t that tolerates as many corrupt trustees as n allows: ⌊(n − 1)/3⌋. */
export function defaultThreshold(trustees: number): number {
  const tolerated = Math.floor((trustees - 1) / 3);
  return Math.ceil((trustees + tolerated + 1) / 2);
}

/** A committee for one ceremony. @throws sealed/bad-committee */
export function createCommittee(system: SealedSystem, terms: CommitteeTerms): Committee {
  const { name, threshold, members } = terms;
  const refuse = (why: string): never => {
    throw sealedErrors.error("bad-committee", why, { threshold, trustees: members.length });
  };
  const tolerated = toleratedTrustees(members.length, threshold);
  if (!Number.isInteger(threshold) || tolerated < 0) {
    refuse(
      `a threshold of ${threshold} does not fit ${members.length} trustees: it is more than half of them and at most all`,
    );
  }
  if (members.length > 255) refuse(`${members.length} trustees are more than 255`);
  const encoded = members.map((m) => [
    bytesToHex(m.identityKey),
    bytesToHex(system.encode(m.exchangeKey)),
  ]);
  encoded.forEach((keys, i) => {
    const isTaken = keys.some((key, k) => encoded.findIndex((other) => other[k] === key) !== i);
    if (isTaken) refuse(`trustee ${i + 1} has a key of another`);
    const { exchangeKey, proof, identityKey } = members[i]!;
    if (identityKey.length !== 32) refuse(`the identity key of trustee ${i + 1} is not 32 bytes`);
    if (!verifyKnowledge({ system, context: MEMBER_CONTEXT, point: exchangeKey, proof })) {
      refuse(`trustee ${i + 1} does not prove knowledge of its key`);
    }
  });
  const text = utf8ToBytes(name);
  const writer = new Writer(system).bytes(utf8ToBytes("sipster/sealed/committee@2"));
  writer.int(text.length, 4).bytes(text).int(threshold, 1).int(members.length, 1);
  for (const m of members) writer.bytes(m.identityKey).points(m.exchangeKey);
  return { threshold, tolerated, members, context: keccak_256(writer.done()) };
}

/**
 * The committee for the next attempt after a ceremony ended: without the trustee at fault, with the same
 * threshold, under a name not used before. @throws sealed/bad-committee
 */
export function committeeWithout({
  system,
  committee: { threshold, members },
  excluded,
  name,
}: {
  readonly system: SealedSystem;
  readonly committee: Committee;
  readonly excluded: readonly number[];
  readonly name: string;
}): Committee {
  const left = members.filter((_, i) => !excluded.includes(i + 1));
  return createCommittee(system, { name, threshold, members: left });
}
