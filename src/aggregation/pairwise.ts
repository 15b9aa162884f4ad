/**
 * One secret for each pair of members, from X25519 and ML-KEM-768 together: who records the set-up
 * today and breaks either of them later still learns nothing. X25519 is static on both sides, so it
 * authenticates the pair; for ML-KEM the member of lower index encapsulates to the other and signs
 * what it sends, so that the aggregator, who carries the messages, cannot put itself in between.
 *
 * Both secrets go through HKDF-SHA256 with the hash of the roster as salt and the pair, and the
 * encapsulation, in the context.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { equalBytes, intToBytes } from "../algebra/index.js";
import {
  encodeEnvelope,
  envelopeErrors,
  isSigned,
  readEnvelope,
  sharedSecret,
  signLetter,
  type Letter,
} from "../envelope/index.js";
import { aggregationErrors } from "./errors.js";
import type { MemberSecrets, Roster } from "./roster.js";
import { tagged, tags } from "./tags.js";

/** What one member sends to all of higher index. */
export interface Introduction {
  readonly rosterHash: Uint8Array;
  /** Index of the sender. */
  readonly from: number;
  /** ML-KEM-768 ciphertexts (1,088 bytes each), for the members from + 1, from + 2, … */
  readonly encapsulations: readonly Uint8Array[];
  /** Ed25519 over all of the above. */
  readonly signature: Uint8Array;
}

/** Of ML-KEM-768. */
const ENCAPSULATION_BYTES = 1088;

/** 32 bytes for every other member by index; `null` in the own place. */
export type PairwiseSecrets = readonly (Uint8Array | null)[];

/** A member's part in the agreement: it introduces itself once, then takes the others' introductions. */
export class KeyAgreement {
  readonly introduction: Introduction;
  readonly #encapsulated: readonly Uint8Array[];

  private readonly roster: Roster;
  private readonly index: number;
  private readonly secrets: MemberSecrets;

  /**
   * `sealed` is what an earlier process of the member encapsulated; fresh unless given.
   * @throws aggregation/bad-enrolment for a member whose ML-KEM key is malformed
   */
  constructor({
    roster,
    index,
    secrets,
    sealed = encapsulate(roster, index),
  }: {
    readonly roster: Roster;
    readonly index: number;
    readonly secrets: MemberSecrets;
    readonly sealed?: readonly Encapsulation[];
  }) {
    this.roster = roster;
    this.index = index;
    this.secrets = secrets;

    this.#encapsulated = sealed.map((s) => s.sharedSecret);
    const encapsulations = sealed.map((s) => s.cipherText);
    const letter = introductionLetter(roster.hash, index, encapsulations);
    this.introduction = {
      rosterHash: roster.hash,
      from: index,
      encapsulations,
      signature: signLetter(letter, secrets.identity),
    };
  }

  /**
   * The secrets with all other members. `introductions` holds at least those of every member of
   * lower index, in any order.
   * @throws aggregation/missing-introduction, wrong-roster, bad-introduction, bad-enrolment
   */
  finish(introductions: readonly Introduction[]): PairwiseSecrets {
    const { roster, index } = this;
    const byIndex = new Map(introductions.map((i) => [i.from, i]));
    return roster.members.map((other, j) => {
      if (j === index) return null;
      const curve = sharedSecret(this.secrets.agreement, other.agreementKey);
      if (curve === null) throw badKey(other.member);
      const { encapsulation, secret } =
        j > index
          ? {
              encapsulation: this.introduction.encapsulations[j - index - 1]!,
              secret: this.#encapsulated[j - index - 1]!,
            }
          : this.#open(byIndex.get(j), j);
      return hkdf(
        sha256,
        concatBytes(curve, secret),
        roster.hash,
        tagged(
          tags.pairwise,
          intToBytes(Math.min(index, j), 4),
          intToBytes(Math.max(index, j), 4),
          sha256(encapsulation),
        ),
        32,
      );
    });
  }

  #open(
    introduction: Introduction | undefined,
    from: number,
  ): { encapsulation: Uint8Array; secret: Uint8Array } {
    const { roster, index } = this;
    const { member, identityKey } = roster.members[from]!;
    if (introduction === undefined) {
      throw aggregationErrors.error(
        "missing-introduction",
        `"${member}" has not introduced itself`,
        { member },
      );
    }
    if (!equalBytes(introduction.rosterHash, roster.hash)) {
      throw aggregationErrors.error("wrong-roster", `"${member}" holds another roster`, {
        member,
      });
    }
    const { encapsulations, signature } = introduction;
    const letter = introductionLetter(roster.hash, from, encapsulations);
    const encapsulation = encapsulations[index - from - 1];
    if (
      encapsulations.length !== roster.size - from - 1 ||
      encapsulation === undefined ||
      !isSigned({ ...letter, sender: identityKey, signature })
    ) {
      throw badIntroduction(member);
    }
    try {
      const secret = ml_kem768.decapsulate(encapsulation, this.secrets.decapsulationKey);
      return { encapsulation, secret };
    } catch (error) {
      throw badIntroduction(member, error);
    }
  }
}

/** An ML-KEM secret for another member, and what opens it there. */
export interface Encapsulation {
  readonly sharedSecret: Uint8Array;
  readonly cipherText: Uint8Array;
}

/** A fresh secret for every member of higher index. @throws aggregation/bad-enrolment */
export function encapsulate(roster: Roster, index: number): Encapsulation[] {
  return roster.members.slice(index + 1).map((other) => {
    try {
      return ml_kem768.encapsulate(other.encapsulationKey);
    } catch (error) {
      throw badKey(other.member, error);
    }
  });
}

/** For the member's store, before its introduction leaves. */
export function encodeEncapsulations(encapsulated: readonly Encapsulation[]): Uint8Array {
  return concatBytes(...encapsulated.flatMap((e) => [e.sharedSecret, e.cipherText]));
}

/** As `encodeEncapsulations` wrote them. */
export function decodeEncapsulations(bytes: Uint8Array): Encapsulation[] {
  const each = 32 + ENCAPSULATION_BYTES;
  return Array.from({ length: bytes.length / each }, (_, i) => ({
    sharedSecret: bytes.slice(each * i, each * i + 32),
    cipherText: bytes.slice(each * i + 32, each * (i + 1)),
  }));
}

/** The context is the roster, the sequence the index of the sender. */
function introductionLetter(
  rosterHash: Uint8Array,
  from: number,
  encapsulations: readonly Uint8Array[],
): Letter<"aggregation"> {
  const body = concatBytes(...encapsulations);
  const sequence = BigInt(from);
  return { system: "aggregation", kind: "introduction", context: rosterHash, sequence, body };
}

/** An introduction as it travels. */
export function encodeIntroduction(roster: Roster, introduction: Introduction): Uint8Array {
  const { from, encapsulations, signature } = introduction;
  const sender = roster.members[from]!.identityKey;
  return encodeEnvelope({
    ...introductionLetter(introduction.rosterHash, from, encapsulations),
    sender,
    signature,
  });
}

/**
 * Reads an introduction to the members of a roster; `KeyAgreement.finish` checks its signature.
 * @throws envelope/malformed, wrong-place
 */
export function decodeIntroduction(roster: Roster, message: Uint8Array): Introduction {
  const { system, kind, context, sender, sequence, body, signature } = readEnvelope(message);
  const member = roster.members[Number(sequence)];
  const isHere =
    system === "aggregation" &&
    kind === "introduction" &&
    equalBytes(context, roster.hash) &&
    member !== undefined &&
    equalBytes(sender, member.identityKey);
  if (!isHere) {
    throw envelopeErrors.error("wrong-place", "the message is not an introduction in this roster");
  }
  const encapsulations = Array.from(
    { length: Math.ceil(body.length / ENCAPSULATION_BYTES) },
    (_, i) => body.slice(ENCAPSULATION_BYTES * i, ENCAPSULATION_BYTES * (i + 1)),
  );
  return { rosterHash: context, from: Number(sequence), encapsulations, signature };
}

/** 32 bytes for each member by index; zeros in the own place. */
export function encodePairwise(pairwise: PairwiseSecrets): Uint8Array {
  return concatBytes(...pairwise.map((secret) => secret ?? new Uint8Array(32)));
}

/** As `encodePairwise` wrote them. */
export function decodePairwise(bytes: Uint8Array, index: number): PairwiseSecrets {
  return Array.from({ length: bytes.length / 32 }, (_, j) =>
    j === index ? null : bytes.slice(32 * j, 32 * (j + 1)),
  );
}

function badKey(member: string, cause?: unknown): Error {
  return aggregationErrors.errorFrom({
    key: "bad-enrolment",
    message: `a key-agreement key of "${member}" is malformed or of low order`,
    details: { member },
    cause,
  });
}

function badIntroduction(member: string, cause?: unknown): Error {
  return aggregationErrors.errorFrom({
    key: "bad-introduction",
    message: `the introduction of "${member}" is malformed or not signed by it`,
    details: { member },
    cause,
  });
}
