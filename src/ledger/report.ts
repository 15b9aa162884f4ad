/** A report: one parcel under a one-time pseudonym, signed with the one-time key that belongs to it. */
import { concatBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "../algebra/index.js";
import { PSEUDONYM_BYTES, type Interval, type Pseudonym } from "./one-time-key.js";
import { CATEGORIES, MAX_PARCELS, type Category } from "./parcels.js";
import { SCHNORR_BYTES } from "./schnorr.js";
import { TAGS } from "./tags.js";

export interface Report {
  readonly pseudonym: Pseudonym;
  readonly category: Category;
  /** Schnorr signature of {@link reportMessage}, 65 bytes. */
  readonly signature: Uint8Array;
}

/** The reports of one packet: those of one meter for one interval, possibly none. */
export interface ReportBundle {
  readonly interval: Interval;
  readonly reports: readonly Report[];
}

/**
 * What a report's signature covers. The size is signed and not the category, so that the signature
 * says how much, whatever average somebody claims later.
 */
export function reportMessage(
  ledger: Uint8Array,
  interval: Interval,
  pseudonym: Pseudonym,
  wattHours: bigint,
): Uint8Array {
  return concatBytes(
    TAGS.report,
    ledger,
    intToBytes(interval, 4),
    pseudonym,
    intToBytes(wattHours, 8),
  );
}

const REPORT_BYTES = PSEUDONYM_BYTES + 1 + SCHNORR_BYTES;
const HEADER_BYTES = 5;

/** Bytes of the largest bundle. */
export const MAX_BUNDLE_BYTES = HEADER_BYTES + MAX_PARCELS * REPORT_BYTES;

/** interval (4) ‖ number of reports (1) ‖ for each: pseudonym (32), category (1), signature (65). */
export function encodeBundle({ interval, reports }: ReportBundle): Uint8Array {
  return concatBytes(
    intToBytes(interval, 4),
    Uint8Array.of(reports.length),
    ...reports.flatMap((r) => [r.pseudonym, Uint8Array.of(r.category), r.signature]),
  );
}

/** Undefined for bytes that {@link encodeBundle} does not give. */
export function decodeBundle(bytes: Uint8Array): ReportBundle | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const count = bytes[4]!;
  if (count > MAX_PARCELS || bytes.length !== HEADER_BYTES + count * REPORT_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const reports: Report[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += REPORT_BYTES) {
    const category = bytes[at + PSEUDONYM_BYTES]!;
    if (category >= CATEGORIES) return undefined;
    reports.push({
      pseudonym: bytes.slice(at, at + PSEUDONYM_BYTES) as Pseudonym,
      category: category as Category,
      signature: bytes.slice(at + PSEUDONYM_BYTES + 1, at + REPORT_BYTES),
    });
  }
  return { interval: view.getUint32(0), reports };
}
