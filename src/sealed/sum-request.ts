/**
 * What trustees are asked to decrypt: one meter's bill for a period, or one neighbourhood's sum for an
 * interval. The control centre signs a statement that names every report; the reports travel beside it.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes, toAddress, type Address, type LogRange } from "../algebra/index.js";
import { isSigned, open, readEnvelope, type AnySigned } from "../envelope/index.js";
import { weightedSum, type Ciphertext } from "./elgamal.js";
import { Reader, Writer } from "./encoding.js";
import { sealedErrors } from "./errors.js";
import { INTERVAL_BYTES, type Span } from "./interval.js";
import { decodeGroup } from "./notices.js";
import { reportDigest, type SealedReading, type SealedReport } from "./report.js";
import { provedRange, rulesDigest, type ReportingRules } from "./rules.js";
import type { SealedSystem } from "./system.js";

/** A meter's whole calendar period. */
export interface BillStatement {
  readonly kind: "bill";
  readonly meter: Address;
  /** YYYYMM. */
  readonly period: number;
  /** Digest of the tariff. */
  readonly tariff: Uint8Array;
  /** Stretches of the period for which the meter has no reading. */
  readonly gaps: readonly Span[];
  /** Digests of the meter's reports that cover the period, in order. */
  readonly reports: readonly Uint8Array[];
}

/** A group's interval. */
export interface GroupStatement {
  readonly kind: "group";
  /** Number of the group. */
  readonly group: number;
  /** Digest of its notice. */
  readonly notice: Uint8Array;
  /** Number of the interval (`interval.ts`). */
  readonly interval: number;
  /** Digests of one report of each member, in the order of the notice. */
  readonly reports: readonly Uint8Array[];
}

export type Statement = BillStatement | GroupStatement;
export type RequestKind = Statement["kind"];

/** What travels to the trustees. */
export interface SumRequest {
  /** The signed statement. */
  readonly message: Uint8Array;
  readonly reports: readonly SealedReport[];
}

/** A reading that is in the sum. */
export interface SumTerm {
  readonly reading: SealedReading;
  /** Not 0. */
  readonly weight: bigint;
}

const KIND_NUMBER = { bill: 1, group: 2 } as const;

export function encodeStatement(system: SealedSystem, statement: Statement): Uint8Array {
  const writer = new Writer(system).int(KIND_NUMBER[statement.kind], 1);
  if (statement.kind === "bill") {
    const { meter, period, tariff, gaps } = statement;
    writer.bytes(meter).int(period, 4).bytes(tariff).int(gaps.length, 4);
    for (const { from, to } of gaps) writer.int(from, INTERVAL_BYTES).int(to, INTERVAL_BYTES);
  } else {
    const { group, notice, interval } = statement;
    writer.int(group, 6).bytes(notice).int(interval, INTERVAL_BYTES);
  }
  return writer
    .int(statement.reports.length, 4)
    .bytes(concatBytes(...statement.reports))
    .done();
}

/** @throws sealed/bad-encoding */
export function decodeStatement(system: SealedSystem, bytes: Uint8Array): Statement {
  const reader = new Reader(system, bytes);
  const list = <T>(read: () => T): T[] => {
    const count = reader.int(4);
    if (count > bytes.length) throw sealedErrors.error("bad-encoding", "the request ends early");
    return Array.from({ length: count }, read);
  };
  const digests = (): Uint8Array[] => list(() => reader.bytes(32));
  const kind = reader.int(1);
  let statement: Statement;
  if (kind === KIND_NUMBER.bill) {
    const [meter, period] = [toAddress(reader.bytes(20)), reader.int(4)];
    const tariff = reader.bytes(32);
    const gaps = list(() => ({ from: reader.int(INTERVAL_BYTES), to: reader.int(INTERVAL_BYTES) }));
    statement = { kind: "bill", meter, period, tariff, gaps, reports: digests() };
  } else if (kind === KIND_NUMBER.group) {
    const [group, notice] = [reader.int(6), reader.bytes(32)];
    const interval = reader.int(INTERVAL_BYTES);
    statement = { kind: "group", group, notice, interval, reports: digests() };
  } else throw sealedErrors.error("bad-encoding", `a request of kind ${kind} is not known`);
  reader.end();
  return statement;
}

/** Names a request: what it asks, no matter who signed it when. Answers are bound to it. */
export function requestDigest(
  system: SealedSystem,
  rules: ReportingRules,
  statement: Statement,
): Uint8Array {
  const tag = utf8ToBytes("sipster/sealed/request@2");
  return keccak_256(
    concatBytes(tag, rulesDigest(system, rules), encodeStatement(system, statement)),
  );
}

/**
 * The statement of a request, if the control centre signed it and the reports are those it names.
 * @throws envelope/malformed, wrong-place, bad-signature; sealed/bad-encoding, sealed/other-reports
 */
export function openRequest(
  system: SealedSystem,
  rules: ReportingRules,
  { message, reports }: SumRequest,
): Statement {
  const { body } = open(message, {
    system: "sealed",
    kind: "request",
    context: rulesDigest(system, rules),
    sender: rules.authority,
  });
  const statement = decodeStatement(system, body);
  const isSame =
    reports.length === statement.reports.length &&
    reports.every((r, i) => equalBytes(reportDigest(system, rules, r), statement.reports[i]!));
  if (!isSame) {
    throw sealedErrors.error("other-reports", "the reports are not those that the request names");
  }
  return statement;
}

/** Enc(Σ weight·reading): what the trustees decrypt. */
export function sealedSum(system: SealedSystem, terms: readonly SumTerm[]): Ciphertext {
  return weightedSum(
    system,
    terms.map(({ reading, weight }) => ({ ciphertext: reading.ciphertext, weight })),
  );
}

/** Between which values the sum lies, as the range proofs of its readings show. */
export function sumRange(rules: ReportingRules, terms: readonly SumTerm[]): LogRange {
  let [lo, hi] = [0n, 0n];
  for (const { reading, weight } of terms) {
    const range = provedRange(rules, reading.flagged);
    lo += weight * (weight > 0n ? range.lo : range.hi);
    hi += weight * (weight > 0n ? range.hi : range.lo);
  }
  return { lo, hi };
}

/**
 * Do two signed requests prove that the control centre asked for two sums over one reading, of one kind?
 * For sums of groups, `groups` are the signed notices of both; without them two groups count as disjoint.
 */
export function provesConflict({
  system,
  rules,
  requests,
  groups = [],
}: {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly requests: readonly [Uint8Array, Uint8Array];
  readonly groups?: readonly Uint8Array[];
}): boolean {
  const read = (message: Uint8Array): Statement | null => {
    const envelope = readEnvelope(message);
    return isOurs({ system, rules, envelope, kind: "request" })
      ? decodeStatement(system, envelope.body)
      : null;
  };
  const [a, b] = [read(requests[0]), read(requests[1])];
  if (a === null || b === null) return false;
  const digest = (s: Statement): Uint8Array => requestDigest(system, rules, s);
  if (equalBytes(digest(a), digest(b))) return false;
  if (a.kind === "bill") {
    return b.kind === "bill" && a.period === b.period && equalBytes(a.meter, b.meter);
  }
  if (b.kind === "bill" || a.interval !== b.interval) return false;
  if (a.group === b.group) return true;
  const membersOf = (group: number): ReadonlySet<string> => {
    for (const message of groups) {
      const envelope = readEnvelope(message);
      if (!isOurs({ system, rules, envelope, kind: "group" })) continue;
      const notice = decodeGroup(system, envelope.body);
      if (notice.group === group) return new Set(notice.members.map((m) => m.join()));
    }
    return new Set();
  };
  const others = membersOf(b.group);
  return [...membersOf(a.group)].some((m) => others.has(m));
}

function isOurs({
  system,
  rules,
  envelope,
  kind,
}: {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly envelope: AnySigned;
  readonly kind: "request" | "group";
}): boolean {
  return (
    envelope.system === "sealed" &&
    envelope.kind === kind &&
    equalBytes(envelope.context, rulesDigest(system, rules)) &&
    equalBytes(envelope.sender, rules.authority) &&
    isSigned(envelope)
  );
}
