/** Random scalars from the system's generator. */
import { randomBytes } from "@noble/hashes/utils.js";
import { bytesToInt } from "./bytes.js";

/** Uniform in [1, order − 1]; the bias is below 2⁻¹²⁸ for orders of up to 256 bits. */
export function randomScalar(order: bigint): bigint {
  return 1n + (bytesToInt(randomBytes(48)) % (order - 1n));
}

/** `count` independent weights in [0, 2¹²⁸) for a batch check. */
export function randomWeights(count: number): bigint[] {
  const bytes = randomBytes(16 * count);
  return Array.from({ length: count }, (_, i) => bytesToInt(bytes.subarray(16 * i, 16 * i + 16)));
}
