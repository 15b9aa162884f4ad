/**
 * A meter's report: for one or more intervals the encrypted reading and a commitment to it, one proof
 * that each pair holds the same value, one that each value is in its range, and a signature.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { SIGNATURE_BYTES, toAddress, type Address } from "../algebra/index.js";
import type { Ciphertext } from "./elgamal.js";
import { Reader, Writer } from "./encoding.js";
import { encodeEqualityProof, readEqualityProof, type EqualityProof } from "./equality-proof.js";
import { sealedErrors } from "./errors.js";
import { encodeRangeProof, readRangeProof, type RangeProof } from "./range-proof.js";
import { provedRange, rulesDigest, type ReportingRules } from "./rules.js";
import type { Point, SealedSystem } from "./system.js";

/** One reading as it travels. */
export interface SealedReading {
  /** Number of the interval, rising from report to report; below 2⁴⁸. */
  readonly interval: number;
  /** Is the reading abnormal? Then it is proved to be possible, and nothing else. */
  readonly flagged: boolean;
  readonly ciphertext: Ciphertext;
  readonly commitment: Point;
}

/** Everything but the signature. */
export interface UnsignedReport {
  readonly meter: Address;
  readonly readings: readonly SealedReading[];
  readonly equality: EqualityProof;
  readonly range: RangeProof;
}

export interface SealedReport extends UnsignedReport {
  /** 65 bytes, over {@link reportDigest}. */
  readonly signature: Uint8Array;
}

const INTERVAL_BYTES = 6;
/** Intervals are numbered below this. */
export const INTERVAL_LIMIT = 2 ** 48;

function writeReadings(
  writer: Writer,
  meter: Address,
  readings: readonly Pick<SealedReading, "interval" | "flagged">[],
): Writer {
  writer.bytes(meter).int(readings.length, 2);
  for (const { interval, flagged } of readings) {
    writer.int(interval, INTERVAL_BYTES).int(flagged ? 1 : 0, 1);
  }
  return writer;
}

/** What the proofs of a report are bound to: rules, meter, intervals and marks. */
export function reportContext(
  system: SealedSystem,
  rules: ReportingRules,
  meter: Address,
  readings: readonly Pick<SealedReading, "interval" | "flagged">[],
): Uint8Array {
  const writer = new Writer(system).bytes(utf8ToBytes("sipster/sealed/report@1"));
  writer.bytes(rulesDigest(system, rules));
  return keccak_256(writeReadings(writer, meter, readings).done());
}

function encodeUnsigned(system: SealedSystem, report: UnsignedReport): Uint8Array {
  const writer = writeReadings(new Writer(system), report.meter, report.readings);
  for (const { ciphertext, commitment } of report.readings) {
    writer.points(ciphertext.c1, ciphertext.c2, commitment);
  }
  return writer
    .bytes(encodeEqualityProof(system, report.equality))
    .bytes(encodeRangeProof(system, report.range))
    .done();
}

/** What the meter signs. */
export function reportDigest(
  system: SealedSystem,
  rules: ReportingRules,
  report: UnsignedReport,
): Uint8Array {
  const tag = utf8ToBytes("sipster/sealed/signed-report@1");
  return keccak_256(concatBytes(tag, rulesDigest(system, rules), encodeUnsigned(system, report)));
}

export function encodeReport(system: SealedSystem, report: SealedReport): Uint8Array {
  return concatBytes(encodeUnsigned(system, report), report.signature);
}

/**
 * Reads a report; that it holds is for `ReportVerifier.check` to say.
 * @throws sealed/bad-encoding, identity-point, scalar-out-of-range, bad-range
 */
export function decodeReport(
  system: SealedSystem,
  rules: ReportingRules,
  bytes: Uint8Array,
): SealedReport {
  const reader = new Reader(system, bytes);
  const meter = toAddress(reader.bytes(20));
  const marks = Array.from({ length: reader.int(2) }, () => {
    const interval = reader.int(INTERVAL_BYTES);
    const mark = reader.int(1);
    if (mark > 1) {
      throw sealedErrors.error("bad-encoding", `the mark of interval ${interval} is ${mark}`);
    }
    return { interval, flagged: mark === 1 };
  });
  const readings = marks.map((mark) => ({
    ...mark,
    ciphertext: { c1: reader.point(), c2: reader.point() },
    commitment: reader.point(),
  }));
  const equality = readEqualityProof(reader);
  const range = readRangeProof(
    reader,
    marks.map((m) => provedRange(rules, m.flagged)),
  );
  const signature = reader.bytes(SIGNATURE_BYTES);
  reader.end();
  return { meter, readings, equality, range, signature };
}
