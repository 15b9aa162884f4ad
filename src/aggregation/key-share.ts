/**
 * How the aggregator gets the sum of the members' keys and nothing else: every pair adds the same
 * pseudorandom vector, one with plus and one with minus (an n-out-of-n sharing of zero, as in
 * K. Kursawe, G. Danezis, M. Kohlweiss, *Privacy-Friendly Aggregation for the Smart-Grid*, PETS
 * 2011), so that each masked key is uniform to whoever misses one secret and the masks cancel in
 * the sum over all.
 */
import { sha3_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes, intToBytes } from "../algebra/index.js";
import {
  encodeEnvelope,
  envelopeErrors,
  isSigned,
  readEnvelope,
  signLetter,
  type KeyPair,
  type Letter,
} from "../envelope/index.js";
import { aggregationErrors } from "./errors.js";
import { shake256 } from "./kernel.js";
import type { PairwiseSecrets } from "./pairwise.js";
import { KEY_BYTES } from "./parameters.js";
import { KeySum, parsePrfKey, type PrfKey } from "./prf.js";
import type { Roster } from "./roster.js";
import { sized, tagged, tags } from "./tags.js";

/** What a key is for: one stream of values of one group during one epoch. */
export interface KeyContext {
  readonly rosterHash: Uint8Array;
  /** What the values are, e.g. `"load-wh"`. */
  readonly stream: string;
  /** Counts the keys of this stream: a new one at the latest every `LABELS_PER_KEY` labels. */
  readonly epoch: number;
  /** 32 bytes that stand for all of the above. */
  readonly id: Uint8Array;
}

export function keyContext(roster: Roster, stream: string, epoch: number): KeyContext {
  const id = sha3_256(
    tagged(tags.keyContext, roster.hash, sized(utf8ToBytes(stream)), intToBytes(epoch, 4)),
  );
  return { rosterHash: roster.hash, stream, epoch, id };
}

/** @throws aggregation/wrong-roster */
export function checkContext(context: KeyContext, id: Uint8Array, what: string): void {
  if (!equalBytes(context.id, id)) {
    throw aggregationErrors.error(
      "wrong-roster",
      `${what} belongs to another roster, stream or epoch than "${context.stream}", epoch ${context.epoch}`,
      { stream: context.stream, epoch: context.epoch, got: bytesToHex(id) },
    );
  }
}

/** A member's masked key, sent to the aggregator once an epoch (33.6 kB). */
export interface KeyShare {
  readonly context: Uint8Array;
  readonly member: number;
  readonly masked: PrfKey;
  readonly signature: Uint8Array;
}

/** kᵢ + Σ_{j>i} G(sᵢⱼ) − Σ_{j<i} G(sᵢⱼ) with G by SHAKE256. */
export function maskKey(
  context: KeyContext,
  index: number,
  key: PrfKey,
  pairwise: PairwiseSecrets,
): PrfKey {
  const sum = new KeySum().add(key);
  pairwise.forEach((secret, j) => {
    if (secret === null) return;
    const mask = shake256(KEY_BYTES, tagged(tags.keyMask, context.id, secret)) as PrfKey;
    if (j > index) sum.add(mask);
    else sum.subtract(mask);
  });
  return sum.total();
}

export function makeKeyShare(
  context: KeyContext,
  index: number,
  key: PrfKey,
  pairwise: PairwiseSecrets,
  identity: KeyPair,
): KeyShare {
  const masked = maskKey(context, index, key, pairwise);
  const signature = signLetter(keyShareLetter(context.id, index, masked), identity);
  return { context: context.id, member: index, masked, signature };
}

/** Adds the members' key shares as they come in, and gives the sum of the keys when all are there. */
export class KeyCollector {
  readonly #sum = new KeySum();
  readonly #missing: Set<number>;

  constructor(
    private readonly roster: Roster,
    private readonly context: KeyContext,
  ) {
    this.#missing = new Set(roster.members.keys());
  }

  /** @throws aggregation/wrong-roster, bad-key-share */
  add(share: KeyShare): void {
    checkContext(this.context, share.context, "the key share");
    const member = this.roster.members[share.member];
    const { signature } = share;
    const letter = keyShareLetter(share.context, share.member, share.masked);
    if (
      member === undefined ||
      !this.#missing.has(share.member) ||
      !isSigned({ ...letter, sender: member.identityKey, signature })
    ) {
      throw aggregationErrors.error(
        "bad-key-share",
        `the key share of member ${share.member} is not signed by it, or came before`,
        { member: share.member },
      );
    }
    this.#sum.add(parsePrfKey(share.masked));
    this.#missing.delete(share.member);
  }

  /** Σkᵢ, the decryption key. @throws aggregation/members-missing */
  total(): PrfKey {
    if (this.#missing.size > 0) {
      const names = [...this.#missing].map((i) => this.roster.members[i]!.member);
      throw aggregationErrors.error(
        "members-missing",
        `key shares are missing of ${names.join(", ")}`,
        { missing: names.join(" ") },
      );
    }
    return this.#sum.total();
  }
}

/** The sequence is the index of the member. */
function keyShareLetter(
  context: Uint8Array,
  index: number,
  masked: Uint8Array,
): Letter<"aggregation"> {
  const sequence = BigInt(index);
  return { system: "aggregation", kind: "key-share", context, sequence, body: masked };
}

/** A key share as it travels. */
export function encodeKeyShare(roster: Roster, share: KeyShare): Uint8Array {
  const { context, member, masked, signature } = share;
  const sender = roster.members[member]!.identityKey;
  return encodeEnvelope({ ...keyShareLetter(context, member, masked), sender, signature });
}

/** Reads a key share; `KeyCollector.add` checks it. @throws envelope/malformed, wrong-place; aggregation/bad-length */
export function decodeKeyShare(message: Uint8Array): KeyShare {
  const { system, kind, context, sequence, body, signature } = readEnvelope(message);
  if (system !== "aggregation" || kind !== "key-share") {
    throw envelopeErrors.error("wrong-place", "the message is not a key share");
  }
  return { context, member: Number(sequence), masked: parsePrfKey(body), signature };
}
