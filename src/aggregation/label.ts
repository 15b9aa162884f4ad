/**
 * Labels: what a ciphertext is for, so that the aggregator can add only what belongs together. An
 * integer of 64 bits that grows with time: an instant in seconds since 1970, or a period number.
 */
import { intToBytes } from "../algebra/index.js";
import { aggregationErrors } from "./errors.js";

const LABELS = 1n << 64n;

/** The 8 bytes of a label, big-endian. @throws aggregation/label-out-of-range */
export function labelBytes(label: bigint): Uint8Array {
  if (label < 0n || label >= LABELS) {
    throw aggregationErrors.error(
      "label-out-of-range",
      `label ${label} is not an integer of 64 bits`,
      { label },
    );
  }
  return intToBytes(label, 8);
}
