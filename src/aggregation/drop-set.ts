/**
 * Which members are missing at one label, signed by the aggregator and posted where every member sees it. A
 * member that is named there although it contributed objects with its signed contribution, and with the
 * aggregator's receipt if it has one. Nobody repairs past an objection; receipt and drop-set together prove that
 * the aggregator lied.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { ByteReader, equalBytes, intToBytes } from "../algebra/index.js";
import type { KeyPair } from "../envelope/index.js";
import { aggregationErrors } from "./errors.js";
import {
  messageDigest,
  readFromAggregator,
  readFromMember,
  readReceipt,
  write,
  type ContributionKind,
  type GroupPlace,
} from "./messages.js";

export interface DropSet {
  readonly label: bigint;
  /** Indices of the missing members, ascending. */
  readonly missing: readonly number[];
  /** 32 bytes that stand for the message: context, label and members. */
  readonly digest: Uint8Array;
}

/** The signed message. */
export function writeDropSet({
  place,
  label,
  missing,
  aggregator,
}: {
  readonly place: GroupPlace;
  readonly label: bigint;
  readonly missing: readonly number[];
  readonly aggregator: KeyPair;
}): Uint8Array {
  const body = concatBytes(intToBytes(missing.length, 4), ...missing.map((m) => intToBytes(m, 4)));
  return write({ place, kind: "drop-set", label, body, key: aggregator });
}

/**
 * Everything about a drop-set that can be checked without memory of earlier ones.
 *
 * @param quorum least number of members that it may leave; the roster's unless given
 * @throws aggregation/wrong-roster, not-in-roster, bad-drop-set, too-few-present;
 *   envelope/malformed, wrong-place, bad-signature
 */
export function readDropSet(
  place: GroupPlace,
  message: Uint8Array,
  quorum: number = place.roster.quorum,
): DropSet {
  const { roster } = place;
  const { sequence: label, body } = readFromAggregator(place, "drop-set", message);
  const reader = new ByteReader(body, (why) => badDropSet(label, `cannot be read: ${why}`));
  const count = reader.number(4);
  if (count > roster.size) throw badDropSet(label, "names more members than there are");
  const missing = Array.from({ length: count }, () => reader.number(4));
  reader.end();
  const ascending = missing.every(
    (m, i) => m < roster.size && m > (i === 0 ? -1 : missing[i - 1]!),
  );
  if (!ascending) throw badDropSet(label, "does not list members in order");
  checkQuorum({ label, present: roster.size - missing.length, size: roster.size, quorum });
  return { label, missing, digest: messageDigest(message) };
}

/** @throws aggregation/too-few-present */
export function checkQuorum({
  label,
  present,
  size,
  quorum,
}: {
  readonly label: bigint;
  readonly present: number;
  readonly size: number;
  readonly quorum: number;
}): void {
  if (present >= quorum) return;
  throw aggregationErrors.error(
    "too-few-present",
    `at label ${label} only ${present} of ${size} members are present, ${quorum} are needed`,
    { label, present, quorum },
  );
}

export function badDropSet(label: bigint, why: string): Error {
  return aggregationErrors.error("bad-drop-set", `the drop-set of label ${label} ${why}`, {
    label,
  });
}

/** What an objection holds. */
export interface Evidence {
  /** The objector's signed contribution. */
  readonly contribution: Uint8Array;
  /** The aggregator's receipt for it; `null` if the member got none. */
  readonly receipt: Uint8Array | null;
}

/** A member's objection to a drop-set that names it. */
export function writeObjection({
  place,
  label,
  evidence: { contribution, receipt },
  key,
}: {
  readonly place: GroupPlace;
  readonly label: bigint;
  readonly evidence: Evidence;
  readonly key: KeyPair;
}): Uint8Array {
  const body = concatBytes(
    intToBytes(contribution.length, 4),
    contribution,
    receipt ?? new Uint8Array(),
  );
  return write({ place, kind: "objection", label, body, key });
}

export interface Objection {
  readonly member: number;
  /** Does it prove that the aggregator had the contribution? */
  readonly isProof: boolean;
}

/**
 * An objection to a drop-set that holds: by a member it names, with that member's contribution to the label.
 * @throws aggregation/bad-objection, and what reading its messages throws
 */
export function readObjection({
  place,
  kind,
  dropSet,
  message,
}: {
  readonly place: GroupPlace;
  readonly kind: ContributionKind;
  readonly dropSet: DropSet;
  readonly message: Uint8Array;
}): Objection {
  const bad = (why: string): Error =>
    aggregationErrors.error("bad-objection", `the objection at label ${dropSet.label} ${why}`, {
      label: dropSet.label,
    });
  const { member, label, body } = readFromMember(place, "objection", message);
  if (label !== dropSet.label || !dropSet.missing.includes(member)) {
    throw bad("is not by a member that the drop-set names");
  }
  const reader = new ByteReader(body, (why) => bad(`cannot be read: ${why}`));
  const sent = reader.take(reader.number(4));
  const contribution = readFromMember(place, kind, sent);
  if (contribution.member !== member || contribution.label !== label) {
    throw bad("holds a contribution of another member or label");
  }
  if (reader.left === 0) return { member, isProof: false };
  const receipt = readReceipt(place, reader.take(reader.left));
  const isProof =
    receipt.label === label &&
    receipt.member === member &&
    equalBytes(receipt.contribution, messageDigest(sent));
  if (!isProof) throw bad("holds a receipt for something else");
  return { member, isProof };
}
