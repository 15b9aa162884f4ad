/** Who takes part in a key ceremony: n trustees, of whom any t together decrypt. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { Writer } from "./encoding.js";
import { sealedErrors } from "./errors.js";
import { proveKnowledge, verifyKnowledge, type KnowledgeProof } from "./knowledge-proof.js";
import { randomScalars } from "./scalars.js";
import type { Point, SealedSystem } from "./system.js";

/** A trustee's public key for receiving shares, with proof that it knows the secret. */
export interface Member {
  readonly exchangeKey: Point;
  readonly proof: KnowledgeProof;
}

/** A trustee's own side of {@link Member}. */
export interface MemberSecret extends Member {
  readonly exchangeSecret: bigint;
}

/** Trustees are numbered 1 … n in the order of `members`. */
export interface Committee {
  readonly threshold: number;
  readonly members: readonly Member[];
  /** Hash of the ceremony's name, the threshold and all keys: every proof of the ceremony is bound to it. */
  readonly context: Uint8Array;
}

const MEMBER_CONTEXT = utf8ToBytes("sipster/sealed/member@1");

/** A fresh exchange key. */
export function createMember(system: SealedSystem): MemberSecret {
  const [exchangeSecret] = randomScalars(1) as [bigint];
  return {
    exchangeSecret,
    exchangeKey: system.generator.multiScalarMul([exchangeSecret]),
    proof: proveKnowledge(system, MEMBER_CONTEXT, exchangeSecret),
  };
}

/**
 * A committee for one ceremony. `name` is used once: a repeated ceremony gets another. With
 * 2t − 1 ≤ n the ceremony succeeds whatever t − 1 trustees do; with a larger threshold they can make it
 * fail, which is noticed. @throws sealed/bad-committee
 */
export function createCommittee(
  system: SealedSystem,
  name: string,
  threshold: number,
  members: readonly Member[],
): Committee {
  const refuse = (why: string): never => {
    throw sealedErrors.error("bad-committee", why, { threshold, trustees: members.length });
  };
  if (!Number.isInteger(threshold) || threshold < 1 || threshold > members.length) {
    refuse(`a threshold of ${threshold} does not fit ${members.length} trustees`);
  }
  if (members.length > 255) refuse(`${members.length} trustees are more than 255`);
  const keys = members.map((m) => bytesToHex(system.encode(m.exchangeKey)));
  keys.forEach((key, i) => {
    if (keys.indexOf(key) !== i) refuse(`trustee ${i + 1} has the key of another`);
    const { exchangeKey, proof } = members[i]!;
    if (!verifyKnowledge(system, MEMBER_CONTEXT, exchangeKey, proof)) {
      refuse(`trustee ${i + 1} does not prove knowledge of its key`);
    }
  });
  const text = utf8ToBytes(name);
  const writer = new Writer(system).bytes(utf8ToBytes("sipster/sealed/committee@1"));
  writer.int(text.length, 4).bytes(text).int(threshold, 1);
  writer.points(...members.map((m) => m.exchangeKey));
  return { threshold, members, context: keccak_256(writer.done()) };
}
