/** What both implementations check of a compressed secp256k1 point before any arithmetic. */
import { bytesToInt } from "../bytes.js";
import { algebraErrors } from "../errors.js";
import { SECP256K1_FIELD_PRIME, SECP256K1_POINT_BYTES } from "./secp256k1.js";

/**
 * Length, prefix and range.
 * @throws algebra/bad-length, algebra/bad-prefix, algebra/coordinate-out-of-range
 */
export function checkSec1(bytes: Uint8Array): "identity" | "point" {
  if (bytes.length !== SECP256K1_POINT_BYTES) {
    throw algebraErrors.error(
      "bad-length",
      `a secp256k1 point has ${SECP256K1_POINT_BYTES} bytes, not ${bytes.length}`,
      { expected: SECP256K1_POINT_BYTES, got: bytes.length },
    );
  }
  if (bytes.every((b) => b === 0)) return "identity";
  if (bytes[0] !== 2 && bytes[0] !== 3) {
    throw algebraErrors.error(
      "bad-prefix",
      `a compressed point begins with 2 or 3, not ${bytes[0]}`,
      { prefix: bytes[0]! },
    );
  }
  // p begins with seven bytes of ones: nearly every x is seen to be smaller by the first.
  if (bytes[1] === 0xff && bytesToInt(bytes.subarray(1)) >= SECP256K1_FIELD_PRIME) {
    throw algebraErrors.error(
      "coordinate-out-of-range",
      "x of the secp256k1 point is not below the field prime",
    );
  }
  return "point";
}
