/**
 * Multi-scalar multiplication of few points: Straus's method with interleaved window-NAF digits
 * (Möller, *Algorithms for Multi-exponentiation*, SAC 2001, §3.2). The bucket method overtakes it
 * at about a hundred scalars.
 */
import type { MclOperations } from "./operations.js";
import type { MclModule, Pointer } from "./module.js";

/** Digits are odd and below 2^(WIDTH−1) in absolute value, or 0. */
const WIDTH = 5;
/** Entries of a table: 1, 3, 5, … times its point. */
export const TABLE_ENTRIES = 1 << (WIDTH - 2);

/** Fills a table for each of `count` points; `size` is the bytes of a point. Entries have z = 1. */
export function oddMultiples(
  module: MclModule,
  op: MclOperations,
  size: number,
  points: Pointer,
  count: number,
  tables: Pointer,
): void {
  module.withBlock(size, (double) => {
    for (let i = 0; i < count; i++) {
      const table = tables + i * TABLE_ENTRIES * size;
      module.bytes.copyWithin(table, points + i * size, points + (i + 1) * size);
      op.dbl(double, table);
      for (let j = 1; j < TABLE_ENTRIES; j++) {
        op.add(table + j * size, table + (j - 1) * size, double);
      }
    }
  });
  op.normalizeVec(tables, tables, count * TABLE_ENTRIES);
}

/** The window-NAF digits of k ≥ 0, least significant first. */
function wnaf(k: bigint): Int8Array {
  const bits = k.toString(2);
  const digits = new Int8Array(bits.length + 1);
  // Digits of the binary expansion from the low end, with a carry out of each window.
  const bit = (i: number): number =>
    i < bits.length ? bits.charCodeAt(bits.length - 1 - i) - 48 : 0;
  let carry = 0;
  for (let i = 0; i < digits.length;) {
    if (bit(i) === carry) {
      i += 1;
      continue;
    }
    let digit = carry;
    for (let j = 0; j < WIDTH; j++) digit += bit(i + j) << j;
    carry = digit >> (WIDTH - 1);
    digits[i] = digit - (carry << WIDTH);
    i += WIDTH;
  }
  return digits;
}

/**
 * Writes Σ scalars[i]·Pᵢ to `result`, where `tables` holds the odd multiples of each Pᵢ. Scalars may be
 * negative. Variable time.
 */
export function straus(
  module: MclModule,
  op: MclOperations,
  size: number,
  tables: Pointer,
  scalars: readonly bigint[],
  result: Pointer,
): void {
  const negative = scalars.map((k) => k < 0n);
  const digits = scalars.map((k, i) => wnaf(negative[i] ? -k : k));
  const longest = Math.max(...digits.map((d) => d.length));
  module.bytes.fill(0, result, result + size);
  for (let bit = longest - 1; bit >= 0; bit--) {
    op.dbl(result, result);
    for (let i = 0; i < digits.length; i++) {
      const digit = digits[i]![bit] ?? 0;
      if (digit === 0) continue;
      const entry = tables + (i * TABLE_ENTRIES + (Math.abs(digit) >> 1)) * size;
      const operation = digit < 0 === negative[i] ? op.add : op.sub;
      operation(result, result, entry);
    }
  }
}
