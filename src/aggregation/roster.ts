/**
 * Who belongs to a group, fixed before any key is made: each member signs its key-agreement keys
 * under its registered identity, everybody checks all of them, and the hash of the whole enters
 * every later derivation. Two members who saw different rosters share no secret.
 */
import { sha3_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { ByteReader, equalBytes, intToBytes } from "../algebra/index.js";
import {
  ed25519KeyPair,
  encodeEnvelope,
  envelopeErrors,
  isSigned,
  readEnvelope,
  secretBytes,
  signLetter,
  x25519KeyPair,
  type KeyPair,
  type Letter,
} from "../envelope/index.js";
import { aggregationErrors } from "./errors.js";
import { checkBounds, type GroupBounds } from "./psa.js";
import { sized, tagged, tags } from "./tags.js";

/** What every member agrees to by signing: part of each enrolment and of the roster's hash. */
export interface RosterTerms {
  /** Name of the group, e.g. `"feeder-12/group-3"`, at most 1,000 bytes. */
  readonly group: string;
  /** Counts the rosters of this group. */
  readonly version: number;
  /** Ed25519 key under which the aggregator says who is missing. */
  readonly aggregatorKey: Uint8Array;
  /** Greatest value a member may send. */
  readonly maxValue: bigint;
  /** Members repair a sum only when at least this many are present. */
  readonly quorum: number;
}

/** One member's signed keys, sent to all others. */
export interface Enrolment {
  /** Identifier of the member, unique in the group, at most 1,000 bytes. */
  readonly member: string;
  /** Ed25519, registered with the utility before. */
  readonly identityKey: Uint8Array;
  /** X25519, 32 bytes. */
  readonly agreementKey: Uint8Array;
  /** ML-KEM-768 (FIPS 203), 1,184 bytes. */
  readonly encapsulationKey: Uint8Array;
  /** Ed25519 over the terms and all of the above. */
  readonly signature: Uint8Array;
}

/** What a member keeps to itself. */
export interface MemberSecrets {
  readonly identity: KeyPair;
  readonly agreement: KeyPair;
  readonly decapsulationKey: Uint8Array;
}

export interface Roster extends RosterTerms, GroupBounds {
  /** Sorted by identifier; a member's place is its index in all that follows. */
  readonly members: readonly Enrolment[];
  /** SHA3-256 over the terms and every enrolment. */
  readonly hash: Uint8Array;
}

/**
 * The quorum when none is chosen: four fifths. An aggregator with quorum − 1 members reads one home, and
 * size − quorum + 1 silent homes lose a label.
 */
export function defaultQuorum(size: number): number {
  return Math.max(2, Math.ceil((4 * size) / 5));
}

/** Fresh key-agreement keys for one roster, signed by the member's identity. */
export function enrol(
  terms: RosterTerms,
  member: string,
  identity: KeyPair = ed25519KeyPair(),
): { readonly enrolment: Enrolment; readonly secrets: MemberSecrets } {
  const agreement = x25519KeyPair();
  const kem = ml_kem768.keygen();
  const unsigned = {
    member,
    identityKey: identity.publicKey,
    agreementKey: agreement.publicKey,
    encapsulationKey: kem.publicKey,
  };
  return {
    enrolment: { ...unsigned, signature: signLetter(enrolmentLetter(terms, unsigned), identity) },
    secrets: { identity, agreement, decapsulationKey: kem.secretKey },
  };
}

/** For the member's store, before its enrolment leaves. */
export function encodeMemberSecrets(secrets: MemberSecrets): Uint8Array {
  const { identity, agreement, decapsulationKey } = secrets;
  return concatBytes(secretBytes(identity), secretBytes(agreement), decapsulationKey);
}

/** As `encodeMemberSecrets` wrote them. @throws aggregation/bad-length */
export function decodeMemberSecrets(bytes: Uint8Array): MemberSecrets {
  const reader = new ByteReader(bytes, (why) =>
    aggregationErrors.error("bad-length", `the member's secrets cannot be read: ${why}`),
  );
  const identity = ed25519KeyPair(reader.take(32));
  const agreement = x25519KeyPair(reader.take(32));
  return { identity, agreement, decapsulationKey: reader.take(reader.left) };
}

/**
 * The roster of these members. Every member does this for itself on what it received.
 *
 * @param registered identity keys by member, from the utility's register: without it the aggregator
 *   could invent members and so single one out
 * @throws aggregation/group-too-small, range-too-large, bad-terms, bad-enrolment, duplicate-member,
 *   not-registered
 */
export function fixRoster(
  terms: RosterTerms,
  enrolments: readonly Enrolment[],
  registered: ReadonlyMap<string, Uint8Array>,
): Roster {
  const bounds = { size: enrolments.length, maxValue: terms.maxValue };
  checkBounds(bounds);
  if (!Number.isInteger(terms.quorum) || terms.quorum < 2 || terms.quorum > bounds.size) {
    throw aggregationErrors.error(
      "bad-terms",
      `a quorum of ${terms.quorum} does not suit a group of ${bounds.size}`,
      { quorum: terms.quorum, size: bounds.size },
    );
  }
  const members = [...enrolments].sort((a, b) =>
    a.member < b.member ? -1 : a.member > b.member ? 1 : 0,
  );
  const seen = new Set<string>();
  for (const e of members) {
    checkEnrolment(terms, e, registered);
    for (const unique of [`name ${e.member}`, `key ${e.identityKey}`, `key ${e.agreementKey}`]) {
      if (seen.has(unique)) {
        throw aggregationErrors.error("duplicate-member", `two members share the ${unique}`, {
          member: e.member,
        });
      }
      seen.add(unique);
    }
  }
  const hash = sha3_256(
    tagged(tags.roster, encodeTerms(terms), intToBytes(members.length, 4), ...members.map(encode)),
  );
  return { ...terms, ...bounds, members, hash };
}

/** A member's place in the roster. @throws aggregation/not-in-roster */
export function indexOf(roster: Roster, member: string): number {
  const index = roster.members.findIndex((m) => m.member === member);
  if (index >= 0) return index;
  throw aggregationErrors.error(
    "not-in-roster",
    `"${member}" is not a member of group "${roster.group}"`,
    { member, group: roster.group },
  );
}

function checkEnrolment(
  terms: RosterTerms,
  e: Enrolment,
  registered: ReadonlyMap<string, Uint8Array>,
): void {
  const identity = registered.get(e.member);
  if (identity === undefined || !equalBytes(identity, e.identityKey)) {
    throw aggregationErrors.error(
      "not-registered",
      identity === undefined
        ? `"${e.member}" is not in the register`
        : `"${e.member}" enrolled under another key than the registered one`,
      { member: e.member },
    );
  }
  const letter = enrolmentLetter(terms, e);
  if (!isSigned({ ...letter, sender: e.identityKey, signature: e.signature })) {
    throw aggregationErrors.error(
      "bad-enrolment",
      `the signature on the enrolment of "${e.member}" does not verify`,
      { member: e.member },
    );
  }
}

/** 32 bytes that stand for the terms: the context of enrolments, when there is no roster yet. */
export function termsContext(terms: RosterTerms): Uint8Array {
  return sha3_256(tagged(tags.enrolment, encodeTerms(terms)));
}

function enrolmentLetter(
  terms: RosterTerms,
  { member, agreementKey, encapsulationKey }: Omit<Enrolment, "signature">,
): Letter<"aggregation"> {
  const body = concatBytes(name(member), agreementKey, encapsulationKey);
  return {
    system: "aggregation",
    kind: "enrolment",
    context: termsContext(terms),
    sequence: BigInt(terms.version),
    body,
  };
}

/** An enrolment as it travels. */
export function encodeEnrolment(terms: RosterTerms, e: Enrolment): Uint8Array {
  const letter = enrolmentLetter(terms, e);
  return encodeEnvelope({ ...letter, sender: e.identityKey, signature: e.signature });
}

/**
 * Reads an enrolment under these terms; `fixRoster` checks its signature.
 * @throws envelope/malformed, wrong-place; aggregation/bad-length
 */
export function decodeEnrolment(terms: RosterTerms, message: Uint8Array): Enrolment {
  const { system, kind, context, sender, sequence, body, signature } = readEnvelope(message);
  if (
    system !== "aggregation" ||
    kind !== "enrolment" ||
    !equalBytes(context, termsContext(terms)) ||
    sequence !== BigInt(terms.version)
  ) {
    throw envelopeErrors.error("wrong-place", "the message is not an enrolment under these terms");
  }
  const reader = new ByteReader(body, (why) =>
    aggregationErrors.error("bad-length", `the enrolment cannot be read: ${why}`),
  );
  const member = decodeName(reader.take(reader.number(2)));
  const agreementKey = reader.take(32);
  const encapsulationKey = reader.take(reader.left);
  return { member, identityKey: sender, agreementKey, encapsulationKey, signature };
}

function encodeTerms(t: RosterTerms): Uint8Array {
  return concatBytes(
    name(t.group),
    intToBytes(t.version, 4),
    sized(t.aggregatorKey),
    intToBytes(t.maxValue, 16),
    intToBytes(t.quorum, 4),
  );
}

function encode(e: Omit<Enrolment, "signature">): Uint8Array {
  return concatBytes(
    name(e.member),
    sized(e.identityKey),
    sized(e.agreementKey),
    sized(e.encapsulationKey),
  );
}

/** @throws aggregation/bad-terms for bytes that are not UTF-8 */
function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw aggregationErrors.errorFrom({
      key: "bad-terms",
      message: "a name is not UTF-8",
      cause: error,
    });
  }
}

function name(text: string): Uint8Array {
  const bytes = utf8ToBytes(text);
  if (bytes.length === 0 || bytes.length > 1000) {
    throw aggregationErrors.error("bad-terms", `the name "${text}" is empty or over 1,000 bytes`, {
      name: text,
    });
  }
  return sized(bytes);
}
