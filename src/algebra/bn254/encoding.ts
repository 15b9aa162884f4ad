/** What both implementations share of the EIP-196/197 encodings: length, range, the identity. */
import { FIELD_PRIME } from "./bn254.js";
import { bytesToInt } from "../bytes.js";
import { algebraErrors } from "../errors.js";

export const G1_BYTES = 64;
export const G2_BYTES = 128;

/**
 * Splits an encoding into its 32-byte coordinates; `null` for the identity (all zero).
 * @throws algebra/bad-length, algebra/coordinate-out-of-range
 */
export function decodeCoordinates(
  bytes: Uint8Array,
  length: number,
  group: "G1" | "G2",
): Uint8Array[] | null {
  if (bytes.length !== length) {
    throw algebraErrors.error(
      "bad-length",
      `a ${group} point has ${length} bytes, not ${bytes.length}`,
      { expected: length, got: bytes.length },
    );
  }
  if (bytes.every((b) => b === 0)) return null;
  const coordinates: Uint8Array[] = [];
  for (let i = 0; i < length; i += 32) {
    const coordinate = bytes.subarray(i, i + 32);
    if (bytesToInt(coordinate) >= FIELD_PRIME) {
      throw algebraErrors.error(
        "coordinate-out-of-range",
        `coordinate ${i / 32} of the ${group} point is not below the field prime`,
      );
    }
    coordinates.push(coordinate);
  }
  return coordinates;
}
