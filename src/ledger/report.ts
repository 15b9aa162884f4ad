/** A report: one parcel under a one-time pseudonym, signed with the one-time key that belongs to it. */
import { concatBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "../algebra/index.js";
import { SCALAR_BYTES } from "./curve.js";
import { PSEUDONYM_BYTES, type IntervalNumber, type Pseudonym } from "./one-time-key.js";
import { HOME_SLOTS, type Slot } from "./parcels.js";
import { SCHNORR_BYTES } from "./schnorr.js";
import { TAGS } from "./tags.js";

export interface Report {
  readonly pseudonym: Pseudonym;
  readonly category: Slot;
  /** Schnorr signature of {@link reportMessage}, 65 bytes. */
  readonly signature: Uint8Array;
  /** The y coordinate of the signature's R, which spares a square root; nothing depends on it. 32 bytes. */
  readonly commitmentY: Uint8Array;
}

/** The reports of one packet: those of one meter for one interval, possibly none. */
export interface ReportBundle {
  readonly interval: IntervalNumber;
  /** 32 random bytes, from which the salts of the receipt come. */
  readonly secret: Uint8Array;
  readonly reports: readonly Report[];
}

/**
 * What a report's signature covers. The size is signed and not the category, so that the signature
 * says how much, no matter what average someone claims later.
 */
export function reportMessage({
  ledger,
  interval,
  pseudonym,
  wattHours,
}: {
  readonly ledger: Uint8Array;
  readonly interval: IntervalNumber;
  readonly pseudonym: Pseudonym;
  readonly wattHours: bigint;
}): Uint8Array {
  return concatBytes(
    TAGS.report,
    ledger,
    intToBytes(interval, 4),
    pseudonym,
    intToBytes(wattHours, 8),
  );
}

const HINT_AT = PSEUDONYM_BYTES + 1 + SCHNORR_BYTES;
const REPORT_BYTES = HINT_AT + SCALAR_BYTES;
const SECRET_BYTES = 32;
const HEADER_BYTES = 4 + SECRET_BYTES + 1;

/** Bytes of the largest bundle. */
export const MAX_BUNDLE_BYTES = HEADER_BYTES + HOME_SLOTS.length * REPORT_BYTES;

/** interval (4) ‖ secret (32) ‖ number of reports (1) ‖ each: pseudonym (32), category (1), signature (65), y of its R (32). */
export function encodeBundle({ interval, secret, reports }: ReportBundle): Uint8Array {
  return concatBytes(
    intToBytes(interval, 4),
    secret,
    Uint8Array.of(reports.length),
    ...reports.flatMap((r) => [r.pseudonym, Uint8Array.of(r.category), r.signature, r.commitmentY]),
  );
}

/** Undefined for bytes that {@link encodeBundle} does not give. */
export function decodeBundle(bytes: Uint8Array): ReportBundle | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const count = bytes[HEADER_BYTES - 1]!;
  if (count > HOME_SLOTS.length || bytes.length !== HEADER_BYTES + count * REPORT_BYTES) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const reports: Report[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += REPORT_BYTES) {
    const category = bytes[at + PSEUDONYM_BYTES]! as Slot;
    if (!HOME_SLOTS.includes(category)) return undefined;
    reports.push({
      pseudonym: bytes.slice(at, at + PSEUDONYM_BYTES) as Pseudonym,
      category,
      signature: bytes.slice(at + PSEUDONYM_BYTES + 1, at + HINT_AT),
      commitmentY: bytes.slice(at + HINT_AT, at + REPORT_BYTES),
    });
  }
  return { interval: view.getUint32(0), secret: bytes.slice(4, 4 + SECRET_BYTES), reports };
}
