/** What the control centre answers to a packet of reports. */
import { concatBytes } from "@noble/hashes/utils.js";
import { SIGNATURE_BYTES } from "../algebra/index.js";
import { HOME_SLOTS } from "./parcels.js";

/**
 * Why a report is refused.
 * - `malformed`: the packet's content is not a bundle of reports.
 * - `late`, `early`: the interval is closed, or not open yet.
 * - `unknown`: the pseudonym is not enrolled for this interval, or for another category.
 * - `signature`: not signed with the key that belongs to the pseudonym.
 * - `replayed`: this very report is admitted already.
 * - `conflict`: the pseudonym was used for another report.
 */
export const REFUSALS = [
  "malformed",
  "late",
  "early",
  "unknown",
  "signature",
  "replayed",
  "conflict",
] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface RefusedReport {
  /** Number of the report in its packet. */
  readonly index: number;
  readonly reason: Refusal;
}

/**
 * The outcome for one packet: refused as a whole, or report by report. The receipt's signature covers
 * every report that is in the journal, a replayed one too, so that a meter whose answer was lost can
 * ask again; there is none if no report is.
 */
export type Admission =
  | { readonly refused: "malformed" | "late" | "early" }
  | {
      readonly refused: readonly RefusedReport[];
      /** Signature of the receipt, 65 bytes. */
      readonly receipt: Uint8Array | undefined;
    };

const WHOLE = 0xff;
const MAX_REPORTS = HOME_SLOTS.length;

/** number of refused reports (1) ‖ for each: index (1), reason (1) ‖ receipt (65) or nothing. */
export function encodeAdmission(admission: Admission): Uint8Array {
  if (typeof admission.refused === "string") {
    return Uint8Array.of(WHOLE, REFUSALS.indexOf(admission.refused));
  }
  const { refused, receipt = new Uint8Array() } = admission as Exclude<
    Admission,
    { readonly refused: string }
  >;
  return concatBytes(
    Uint8Array.of(refused.length),
    ...refused.map(({ index, reason }) => Uint8Array.of(index, REFUSALS.indexOf(reason))),
    receipt,
  );
}

/** Undefined for bytes that {@link encodeAdmission} does not give. */
export function decodeAdmission(bytes: Uint8Array): Admission | undefined {
  const count = bytes[0];
  if (count === undefined) return undefined;
  if (count === WHOLE) {
    const reason = REFUSALS[bytes[1] ?? REFUSALS.length];
    const whole = reason === "malformed" || reason === "late" || reason === "early";
    return whole && bytes.length === 2 ? { refused: reason } : undefined;
  }
  const end = 1 + 2 * count;
  if (count > MAX_REPORTS || bytes.length < end) return undefined;
  const refused: RefusedReport[] = [];
  for (let at = 1; at < end; at += 2) {
    const reason = REFUSALS[bytes[at + 1]!];
    if (reason === undefined || bytes[at]! >= MAX_REPORTS) return undefined;
    refused.push({ index: bytes[at]!, reason });
  }
  const receipt = bytes.slice(end);
  if (receipt.length !== 0 && receipt.length !== SIGNATURE_BYTES) return undefined;
  return { refused, receipt: receipt.length === 0 ? undefined : receipt };
}
