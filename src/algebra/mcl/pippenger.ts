/**
 * Multi-scalar multiplication by Pippenger's bucket method with signed digits (Bernstein, Doumen,
 * Lange, Oosterwijk, *Faster batch forgery identification*, 2012, §4). mcl has one of its own, but
 * it always pays for full-length scalars and, through its wrapper, stops at about 5,500 points;
 * the weights of batch checks have 128 bits. `bench/algebra` compares the two.
 */
import type { MclModule, Pointer } from "./module.js";
import type { MclOperations } from "./operations.js";

/** Window width in bits for `n` points of `bits`-bit scalars: the one with the fewest additions. */
export function windowBits(n: number, bits: number): number {
  let best = 1;
  let fewest = Infinity;
  for (let c = 1; c <= 14; c++) {
    const windows = Math.ceil((bits + 1) / c);
    const additions = windows * (n + 2 * 2 ** (c - 1));
    if (additions < fewest) {
      fewest = additions;
      best = c;
    }
  }
  return best;
}

/** A scalar, least significant word first, with zeros above: in machine words, digits need no big-integer arithmetic. */
let words64 = new BigUint64Array(6);
let words = new Uint32Array(words64.buffer);
const WORD_BITS = 32;

/**
 * Digits of `k` to the base 2^c, least significant first, each in [−2^(c−1), 2^(c−1)]. `k` has less than c·count bits,
 * and c is at most 14.
 */
export function signedDigits(k: bigint, c: number, count: number): Int32Array {
  if (c * count >= 64 * words64.length) {
    words64 = new BigUint64Array(1 + Math.ceil((c * count) / 64));
    words = new Uint32Array(words64.buffer);
  }
  let rest = k;
  for (let i = 0; i < words64.length; i++) {
    words64[i] = rest;
    rest >>= 64n;
  }
  const digits = new Int32Array(count);
  const half = 1 << (c - 1);
  const mask = (1 << c) - 1;
  let carry = 0;
  for (let i = 0; i < count; i++) {
    const at = Math.floor((i * c) / WORD_BITS);
    const shift = (i * c) % WORD_BITS;
    const low = words[at]! >>> shift;
    const high = shift === 0 ? 0 : words[at + 1]! << (WORD_BITS - shift);
    let d = ((low | high) & mask) + carry;
    carry = 0;
    if (d > half) {
      d -= 1 << c;
      carry = 1;
    }
    digits[i] = d;
  }
  return digits;
}

/**
 * Writes Σ scalars[i]·points[i] to `result`. `points` are `scalars.length` points of `size` bytes
 * each, one after the other. Scalars are public, non-negative, of any length. Variable time.
 */
export function pippenger(
  module: MclModule,
  op: MclOperations,
  size: number,
  points: Pointer,
  scalars: readonly bigint[],
  result: Pointer,
): void {
  const longest = scalars.reduce((a, b) => (a > b ? a : b), 0n);
  const bits = longest.toString(2).length;
  const c = windowBits(scalars.length, bits);
  const windows = Math.ceil((bits + 1) / c);
  const digits = scalars.map((k) => signedDigits(k, c, windows));
  const bucketCount = 1 << (c - 1);

  module.withBlock((bucketCount + 3) * size, (block) => {
    const running = block + bucketCount * size;
    const windowSum = running + size;
    const total = windowSum + size;
    module.bytes.fill(0, total, total + size);
    for (let w = windows - 1; w >= 0; w--) {
      for (let i = 0; i < c; i++) op.dbl(total, total);
      // All-zero coordinates are the identity.
      module.bytes.fill(0, block, windowSum + size);
      for (let i = 0; i < scalars.length; i++) {
        const d = digits[i]![w]!;
        if (d > 0) {
          const bucket = block + (d - 1) * size;
          op.add(bucket, bucket, points + i * size);
        } else if (d < 0) {
          const bucket = block + (-d - 1) * size;
          op.sub(bucket, bucket, points + i * size);
        }
      }
      // Σ d·bucket[d] by running sums from the top.
      for (let d = bucketCount - 1; d >= 0; d--) {
        op.add(running, running, block + d * size);
        op.add(windowSum, windowSum, running);
      }
      op.add(total, total, windowSum);
    }
    const bytes = module.bytes;
    bytes.copyWithin(result, total, total + size);
  });
}
