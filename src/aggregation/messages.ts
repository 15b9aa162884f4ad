/**
 * The messages between members and the aggregator of a group, all in signed envelopes: context is that of
 * the key (`KeyContext.id`), sequence the label.
 */
import { sha3_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { ByteReader, bytesToInt, equalBytes, intToBytes } from "../algebra/index.js";
import { open, seal, type Kind, type KeyPair, type SignedEnvelope } from "../envelope/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import { aggregationErrors } from "./errors.js";
import type { KeyContext } from "./key-context.js";
import { CIPHERTEXT_BYTES, P } from "./parameters.js";
import type { Roster } from "./roster.js";

/** Which key of which roster. */
export interface GroupPlace {
  readonly roster: Roster;
  readonly context: KeyContext;
}

/** How the contributions of each scheme are called. */
export type ContributionKind = "contribution" | "dmcfe-contribution";

/** A message of a member: its index, and the rest. */
export interface FromMember<T> {
  readonly member: number;
  readonly label: bigint;
  readonly body: T;
}

const indices = new WeakMap<Roster, ReadonlyMap<string, number>>();

/** The index of the member with this identity key; -1 if there is none. */
function memberWith(roster: Roster, identityKey: Uint8Array): number {
  let known = indices.get(roster);
  if (known === undefined) {
    known = new Map(roster.members.map((m, i) => [bytesToHex(m.identityKey), i]));
    indices.set(roster, known);
  }
  return known.get(bytesToHex(identityKey)) ?? -1;
}

/** Signs a message about a label. */
export function write({
  place: { context },
  kind,
  label,
  body,
  key,
}: {
  readonly place: GroupPlace;
  readonly kind: Kind<"aggregation">;
  readonly label: bigint;
  readonly body: Uint8Array;
  readonly key: KeyPair;
}): Uint8Array {
  return seal({ system: "aggregation", kind, context: context.id, sequence: label, body }, key);
}

/** @throws aggregation/wrong-roster for another key; envelope/malformed, wrong-place, bad-signature */
function read(
  { context }: GroupPlace,
  kind: Kind<"aggregation">,
  message: Uint8Array,
): SignedEnvelope<"aggregation"> {
  try {
    return open(message, { system: "aggregation", kind, context: context.id });
  } catch (error) {
    if (!isSipsterError(error, "envelope/wrong-place") || error.details.field !== "context") {
      throw error;
    }
    throw aggregationErrors.errorFrom({
      key: "wrong-roster",
      message: `the ${kind} belongs to another roster, stream or epoch than "${context.stream}", epoch ${context.epoch}`,
      details: { stream: context.stream, epoch: context.epoch },
      cause: error,
    });
  }
}

/** A member's message. @throws as {@link read}; aggregation/not-in-roster */
export function readFromMember(
  place: GroupPlace,
  kind: Kind<"aggregation">,
  message: Uint8Array,
): FromMember<Uint8Array> {
  const { sender, sequence, body } = read(place, kind, message);
  const member = memberWith(place.roster, sender);
  if (member < 0) {
    throw aggregationErrors.error("not-in-roster", `a ${kind} is not signed by a member`, {});
  }
  return { member, label: sequence, body };
}

/** A message of the aggregator. @throws as {@link read} */
export function readFromAggregator(
  place: GroupPlace,
  kind: Kind<"aggregation">,
  message: Uint8Array,
): SignedEnvelope<"aggregation"> {
  const envelope = read(place, kind, message);
  if (!equalBytes(envelope.sender, place.roster.aggregatorKey)) {
    throw aggregationErrors.error("not-in-roster", `the ${kind} is not signed by the aggregator`);
  }
  return envelope;
}

/** Below 2^85, in 11 bytes. */
export function encodeResidue(value: bigint): Uint8Array {
  return intToBytes(value, CIPHERTEXT_BYTES);
}

/** @throws aggregation/bad-ciphertext */
export function decodeResidue(body: Uint8Array): bigint {
  const value = body.length === CIPHERTEXT_BYTES ? bytesToInt(body) : P;
  if (value >= P) {
    throw aggregationErrors.error("bad-ciphertext", "the value is not 11 bytes below 2^85");
  }
  return value;
}

/** That the aggregator holds a contribution. */
export interface Receipt {
  readonly label: bigint;
  readonly member: number;
  /** SHA3-256 of the contribution's message. */
  readonly contribution: Uint8Array;
}

export function writeReceipt(
  place: GroupPlace,
  { label, member, contribution }: Receipt,
  key: KeyPair,
): Uint8Array {
  return write({
    place,
    kind: "receipt",
    label,
    body: concatBytes(intToBytes(member, 4), contribution),
    key,
  });
}

/** @throws as {@link readFromAggregator}; aggregation/bad-receipt */
export function readReceipt(place: GroupPlace, message: Uint8Array): Receipt {
  const { sequence, body } = readFromAggregator(place, "receipt", message);
  const reader = new ByteReader(body, (why) => aggregationErrors.error("bad-receipt", why));
  const receipt = { label: sequence, member: reader.number(4), contribution: reader.take(32) };
  reader.end();
  return receipt;
}

export function messageDigest(message: Uint8Array): Uint8Array {
  return sha3_256(message);
}
