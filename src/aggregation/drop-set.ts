/**
 * Which members are missing at one label, signed by the aggregator. One per label: from two
 * different ones the aggregator would learn the sum over their difference, which may be one home.
 */
import { sha3_256 } from "@noble/hashes/sha3.js";
import { intToBytes } from "../algebra/index.js";
import { sign, verify, type KeyPair } from "../envelope/index.js";
import { aggregationErrors } from "./errors.js";
import { checkContext, type KeyContext } from "./key-share.js";
import { labelBytes } from "./label.js";
import type { Roster } from "./roster.js";
import { tagged, tags } from "./tags.js";

export interface DropSet {
  readonly context: Uint8Array;
  readonly label: bigint;
  /** Indices of the missing members, ascending. */
  readonly missing: readonly number[];
  /** Ed25519 by the aggregator over all of the above. */
  readonly signature: Uint8Array;
}

export function signDropSet(
  context: KeyContext,
  label: bigint,
  missing: readonly number[],
  aggregator: KeyPair,
): DropSet {
  const message = dropSetMessage(context.id, label, missing);
  return { context: context.id, label, missing, signature: sign(message, aggregator) };
}

/** 32 bytes that stand for the drop-set. */
export function dropSetDigest({ context, label, missing }: DropSet): Uint8Array {
  return sha3_256(dropSetMessage(context, label, missing));
}

/**
 * Everything about a drop-set that can be checked without memory of earlier ones.
 * @throws aggregation/wrong-roster, bad-drop-set, too-few-present
 */
export function checkDropSet(roster: Roster, context: KeyContext, dropSet: DropSet): void {
  checkContext(context, dropSet.context, "the drop-set");
  const { label, missing } = dropSet;
  const ascending = missing.every(
    (m, i) => Number.isInteger(m) && m < roster.size && m > (i === 0 ? -1 : missing[i - 1]!),
  );
  if (!ascending) throw badDropSet(label, "does not list members in order");
  const message = dropSetMessage(dropSet.context, label, missing);
  if (!verify(dropSet.signature, message, roster.aggregatorKey)) {
    throw badDropSet(label, "is not signed by the aggregator of the roster");
  }
  checkQuorum(roster, label, roster.size - missing.length);
}

/** @throws aggregation/too-few-present */
export function checkQuorum(roster: Roster, label: bigint, present: number): void {
  if (present >= roster.quorum) return;
  throw aggregationErrors.error(
    "too-few-present",
    `at label ${label} only ${present} of ${roster.size} members are present, ${roster.quorum} are needed`,
    { label, present, quorum: roster.quorum },
  );
}

export function badDropSet(label: bigint, why: string): Error {
  return aggregationErrors.error("bad-drop-set", `the drop-set of label ${label} ${why}`, {
    label,
  });
}

function dropSetMessage(
  context: Uint8Array,
  label: bigint,
  missing: readonly number[],
): Uint8Array {
  const indices = missing.map((m) => intToBytes(m, 4));
  return tagged(
    tags.dropSet,
    context,
    labelBytes(label),
    intToBytes(indices.length, 4),
    ...indices,
  );
}
