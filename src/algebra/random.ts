/** Randomness from the system's generator, any number of bytes, and what is drawn from it. */
import { randomBytes } from "@noble/hashes/utils.js";
import { bytesToInt } from "./bytes.js";

/** Most bytes that the system's generator gives in one call (the Web Crypto quota). */
const MOST_AT_ONCE = 65_536;

/** `length` random bytes, drawn in pieces that the generator gives. */
export function randomness(length: number): Uint8Array {
  if (length <= MOST_AT_ONCE) return randomBytes(length);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += MOST_AT_ONCE) {
    bytes.set(randomBytes(Math.min(MOST_AT_ONCE, length - at)), at);
  }
  return bytes;
}

/** Uniform in [1, order − 1]; the bias is below 2⁻¹²⁸ for orders of up to 256 bits. */
export function randomScalar(order: bigint): bigint {
  return 1n + (bytesToInt(randomness(48)) % (order - 1n));
}

/** `count` independent uniform scalars in [0, order); the bias is below 2⁻¹²⁸ for orders of up to 256 bits. */
export function randomScalars(count: number, order: bigint): bigint[] {
  const bytes = randomness(48 * count);
  const scalars = Array.from(
    { length: count },
    (_, i) => bytesToInt(bytes.subarray(48 * i, 48 * i + 48)) % order,
  );
  bytes.fill(0);
  return scalars;
}

/** `count` independent weights in [0, 2¹²⁸) for a batch check. */
export function randomWeights(count: number): bigint[] {
  const bytes = randomness(16 * count);
  return Array.from({ length: count }, (_, i) => bytesToInt(bytes.subarray(16 * i, 16 * i + 16)));
}

/** Uniform in [0, bound), an integer; the bias is below 2⁻⁷⁵ for bounds of up to 53 bits. */
export function randomInt(bound: number): number {
  return Number(bytesToInt(randomness(16)) % BigInt(bound));
}

/** `count` different integers in [0, bound), each choice as likely; the bias of a draw is below 2⁻⁷⁵. */
export function distinctInts(count: number, bound: number): number[] {
  if (count > bound)
    throw new RangeError(`there are no ${count} different integers below ${bound}`);
  const drawn = new Set<number>();
  while (drawn.size < count) {
    // All draws at once: a call of the system's generator takes longer than a draw.
    const view = new DataView(randomness(16 * (count - drawn.size)).buffer);
    for (let at = 0; at < view.byteLength; at += 16) {
      const value = (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8);
      drawn.add(Number(value % BigInt(bound)));
    }
  }
  return [...drawn];
}

/** The items in a uniformly random order (Fisher–Yates). */
export function shuffled<T>(items: readonly T[]): T[] {
  const result = [...items];
  // All draws at once: a call of the system's generator takes longer than a draw.
  const view = new DataView(randomness(16 * result.length).buffer);
  for (let i = result.length - 1; i > 0; i--) {
    const drawn = (view.getBigUint64(16 * i) << 64n) | view.getBigUint64(16 * i + 8);
    const j = Number(drawn % BigInt(i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
