/**
 * A meter's report: it says that between two instants the meter read exactly these intervals, and holds
 * for each the encrypted reading and a commitment to it; one proof that each pair holds the same value, proofs
 * that each value is in its range; and a signature over all of it. Reports of a meter follow each other without
 * a hole, so nobody between the meter and the trustees can leave readings out.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes, intToBytes, type Address } from "../algebra/index.js";
import {
  addressSender,
  encodeEnvelope,
  envelopeDigest,
  envelopeErrors,
  readEnvelope,
  senderAddress,
  type Envelope,
} from "../envelope/index.js";
import type { Ciphertext } from "./elgamal.js";
import { Reader, Writer } from "./encoding.js";
import { encodeEqualityProof, readEqualityProof, type EqualityProof } from "./equality-proof.js";
import { sealedErrors } from "./errors.js";
import { INTERVAL_BYTES, type Span } from "./interval.js";
import {
  encodeRangeProof,
  readRangeProof,
  type RangeProof,
  type RangeStatement,
} from "./range-proof.js";
import { rangesPerProof } from "./ranges.js";
import { provedRange, rulesDigest, type ReportingRules } from "./rules.js";
import type { Point, SealedSystem } from "./system.js";

/** One reading as it travels. */
export interface SealedReading {
  /** Its number (`interval.ts`). */
  readonly interval: number;
  /** Is the reading abnormal? Then it is proved to be possible, and nothing else. */
  readonly flagged: boolean;
  readonly ciphertext: Ciphertext;
  readonly commitment: Point;
}

type Mark = Pick<SealedReading, "interval" | "flagged">;

/** Everything but the signature. */
export interface UnsignedReport {
  readonly meter: Address;
  /** From the end of the meter's last report: these are all readings that begin within it. */
  readonly span: Span;
  readonly readings: readonly SealedReading[];
  readonly equality: EqualityProof;
  /** As many as `rangesPerProof` says. */
  readonly ranges: readonly RangeProof[];
}

export interface SealedReport extends UnsignedReport {
  /** 65 bytes, over {@link reportDigest}. */
  readonly signature: Uint8Array;
}

/** Readings of one report: a month of quarter-hours, drawn and fed in. */
export const MAX_READINGS = 2 * 31 * 96;

function writeMarks(writer: Writer, span: Span, readings: readonly Mark[]): Writer {
  writer.int(span.from, INTERVAL_BYTES).int(span.to, INTERVAL_BYTES).int(readings.length, 2);
  for (const { interval, flagged } of readings) {
    writer.int(interval, INTERVAL_BYTES).int(flagged ? 1 : 0, 1);
  }
  return writer;
}

/** What the proofs of a report are bound to: rules, meter, intervals and marks. */
export function reportContext(
  system: SealedSystem,
  rules: ReportingRules,
  { meter, span, readings }: { meter: Address; span: Span; readings: readonly Mark[] },
): Uint8Array {
  const writer = new Writer(system).bytes(utf8ToBytes("sipster/sealed/report@2"));
  writer.bytes(rulesDigest(system, rules)).bytes(meter);
  return keccak_256(writeMarks(writer, span, readings).done());
}

/** The statements of each range proof of a report, and what it is bound to. */
export function rangeStatements(
  rules: ReportingRules,
  context: Uint8Array,
  readings: readonly Pick<SealedReading, "flagged" | "commitment">[],
): { readonly context: Uint8Array; readonly statements: readonly RangeStatement[] }[] {
  const all = readings.map(({ commitment, flagged }) => ({
    commitment,
    range: provedRange(rules, flagged),
  }));
  let from = 0;
  return rangesPerProof(all.map((s) => s.range)).map((count, i) => {
    const statements = all.slice(from, from + count);
    from += count;
    return { context: keccak_256(concatBytes(context, intToBytes(i, 2))), statements };
  });
}

function encodeBody(system: SealedSystem, report: UnsignedReport): Uint8Array {
  const writer = writeMarks(new Writer(system), report.span, report.readings);
  for (const { ciphertext, commitment } of report.readings) {
    writer.points(ciphertext.c1, ciphertext.c2, commitment);
  }
  writer.bytes(encodeEqualityProof(system, report.equality));
  for (const proof of report.ranges) writer.bytes(encodeRangeProof(system, proof));
  return writer.done();
}

/** The report as an envelope without its signature. */
export function reportEnvelope(
  system: SealedSystem,
  rules: ReportingRules,
  report: UnsignedReport,
): Envelope<"sealed"> {
  return {
    system: "sealed",
    kind: "report",
    context: rulesDigest(system, rules),
    sender: addressSender(report.meter),
    sequence: BigInt(report.span.from),
    body: encodeBody(system, report),
  };
}

/** What the meter signs. */
export function reportDigest(
  system: SealedSystem,
  rules: ReportingRules,
  report: UnsignedReport,
): Uint8Array {
  return envelopeDigest(reportEnvelope(system, rules, report));
}

export function encodeReport(
  system: SealedSystem,
  rules: ReportingRules,
  report: SealedReport,
): Uint8Array {
  return encodeEnvelope({ ...reportEnvelope(system, rules, report), signature: report.signature });
}

/**
 * Reads a report; that it holds is for `ReportVerifier.check` to say.
 * @throws envelope/malformed, wrong-place; sealed/bad-encoding, identity-point, scalar-out-of-range,
 *   bad-range, report-size
 */
export function decodeReport(
  system: SealedSystem,
  rules: ReportingRules,
  bytes: Uint8Array,
): SealedReport {
  const envelope = readEnvelope(bytes);
  const meter = senderAddress(envelope.sender);
  const isHere =
    envelope.system === "sealed" &&
    envelope.kind === "report" &&
    equalBytes(envelope.context, rulesDigest(system, rules));
  if (!isHere || meter === null) {
    throw envelopeErrors.error("wrong-place", "the message is not a report under these rules");
  }
  const reader = new Reader(system, envelope.body);
  const span = { from: reader.int(INTERVAL_BYTES), to: reader.int(INTERVAL_BYTES) };
  if (BigInt(span.from) !== envelope.sequence) {
    throw sealedErrors.error(
      "bad-encoding",
      "the report's number is not the beginning of its span",
    );
  }
  const marks = readMarks(reader);
  const readings = marks.map((mark) => ({
    ...mark,
    ciphertext: { c1: reader.point(), c2: reader.point() },
    commitment: reader.point(),
  }));
  const equality = readEqualityProof(reader);
  const ranges = rangeStatements(rules, new Uint8Array(), readings).map(({ statements }) =>
    readRangeProof(
      reader,
      statements.map((s) => s.range),
    ),
  );
  reader.end();
  return { meter, span, readings, equality, ranges, signature: envelope.signature };
}

function readMarks(reader: Reader): Mark[] {
  const count = reader.int(2);
  if (count === 0 || count > MAX_READINGS) {
    throw sealedErrors.error("report-size", `a report of ${count} readings`, { readings: count });
  }
  return Array.from({ length: count }, () => {
    const interval = reader.int(INTERVAL_BYTES);
    const mark = reader.int(1);
    if (mark > 1) {
      throw sealedErrors.error("bad-encoding", `the mark of interval ${interval} is ${mark}`);
    }
    return { interval, flagged: mark === 1 };
  });
}
