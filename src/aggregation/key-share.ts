/**
 * How the aggregator gets the sum of the members' keys and nothing else: every pair adds the same
 * pseudorandom vector, one with plus and one with minus (an n-out-of-n sharing of zero, as in
 * K. Kursawe, G. Danezis, M. Kohlweiss, *Privacy-Friendly Aggregation for the Smart-Grid*, PETS
 * 2011), so that each masked key is uniform to anyone who misses one secret and the masks cancel in
 * the sum over all.
 */
import { equalBytes } from "../algebra/index.js";
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
import { checkContext, type KeyContext } from "./key-context.js";
import type { GroupPlace } from "./messages.js";
import type { PairwiseSecrets } from "./pairwise.js";
import { KEY_BYTES } from "./parameters.js";
import { KeySum, parsePrfKey, type PrfKey } from "./prf.js";
import type { Roster } from "./roster.js";
import { tagged, tags } from "./tags.js";

/** A member's masked key, sent to the aggregator once an epoch (33.6 kB). */
export interface KeyShare {
  readonly context: Uint8Array;
  readonly member: number;
  readonly masked: PrfKey;
  readonly signature: Uint8Array;
}

/** kᵢ + Σ_{j>i} G(sᵢⱼ) − Σ_{j<i} G(sᵢⱼ) with G by SHAKE256. */
export function maskKey({
  context,
  index,
  key,
  pairwise,
}: {
  readonly context: KeyContext;
  readonly index: number;
  readonly key: PrfKey;
  readonly pairwise: PairwiseSecrets;
}): PrfKey {
  const sum = new KeySum().add(key);
  pairwise.forEach((secret, j) => {
    if (secret === null) return;
    const mask = shake256(KEY_BYTES, tagged(tags.keyMask, context.id, secret)) as PrfKey;
    if (j > index) sum.add(mask);
    else sum.subtract(mask);
  });
  return sum.total();
}

export function makeKeyShare({
  context,
  index,
  key,
  pairwise,
  identity,
}: {
  readonly context: KeyContext;
  readonly index: number;
  readonly key: PrfKey;
  readonly pairwise: PairwiseSecrets;
  readonly identity: KeyPair;
}): KeyShare {
  const masked = maskKey({ context, index, key, pairwise });
  const signature = signLetter(keyShareLetter(context.id, index, masked), identity);
  return { context: context.id, member: index, masked, signature };
}

/** Adds the members' key shares as they come in, and gives the sum of the keys when all are there. */
export class KeyCollector {
  readonly #sum = new KeySum();
  readonly #missing: Set<number>;

  /** `earlier`: the shares that another collector of the same key has added. */
  constructor(
    private readonly roster: Roster,
    private readonly context: KeyContext,
    earlier?: { readonly sum: PrfKey; readonly taken: readonly number[] },
  ) {
    this.#missing = new Set(roster.members.keys());
    if (earlier === undefined) return;
    this.#sum.add(earlier.sum);
    for (const member of earlier.taken) this.#missing.delete(member);
  }

  /** The sum of the shares so far: masks of those that are missing do not cancel in it. */
  running(): PrfKey {
    return this.#sum.total();
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

/**
 * Reads a key share of a member of the roster; `KeyCollector.add` checks its signature.
 * @throws envelope/malformed, wrong-place; aggregation/wrong-roster, bad-length
 */
export function decodeKeyShare(place: GroupPlace, message: Uint8Array): KeyShare {
  const { system, kind, context, sender, sequence, body, signature } = readEnvelope(message);
  const member = place.roster.members[Number(sequence)];
  const isHere =
    system === "aggregation" &&
    kind === "key-share" &&
    member !== undefined &&
    equalBytes(sender, member.identityKey);
  if (!isHere) {
    throw envelopeErrors.error("wrong-place", "the message is not a key share of a member");
  }
  checkContext(place.context, context, "the key share");
  return { context, member: Number(sequence), masked: parsePrfKey(body), signature };
}
