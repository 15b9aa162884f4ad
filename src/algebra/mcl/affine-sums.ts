/**
 * Sums of many points in affine coordinates, sharing one field inversion among all additions of a
 * level (Montgomery's trick): 5 multiplications and a squaring an addition, against 8 and 3 for adding an
 * affine point to a Jacobian one. An affine point is x and y, one after the other, FP_BYTES each.
 */
import { FP_BYTES, type MclModule } from "./module.js";

export const AFFINE_BYTES = 2 * FP_BYTES;

/**
 * Sums groups of affine points: `entries` are the addresses of the points, group after group, and
 * `sizes` says how many belong to each. `body` receives the address of each group's sum, 0 for an
 * empty group; the sums are gone when it returns. Returns `undefined`, without calling `body`, if
 * two points to be added share their x (they are equal or opposite): the affine formula does not
 * cover that case, and the caller has a slower way that does.
 */
export function withAffineSums<T>(
  module: MclModule,
  entries: Uint32Array,
  sizes: Uint32Array,
  body: (sums: Uint32Array) => T,
): T | undefined {
  const { fn } = module;
  const sub = fn._mclBnFp_sub!;
  const mul = fn._mclBnFp_mul!;
  const sqr = fn._mclBnFp_sqr!;
  const isZero = fn._mclBnFp_isZero!;
  let pairs = 0;
  for (const size of sizes) pairs += size >> 1;
  // Every addition leaves one point fewer, so there are fewer results than entries.
  const bytes = entries.length * AFFINE_BYTES + (2 * pairs + 2) * FP_BYTES;
  return module.withBlock(bytes, (block) => {
    const slope = block;
    const scratch = slope + FP_BYTES;
    const differences = scratch + FP_BYTES;
    const inverses = differences + pairs * FP_BYTES;
    let result = inverses + pairs * FP_BYTES;
    let level = entries;
    let counts = sizes;
    for (;;) {
      let additions = 0;
      for (let group = 0, at = 0; group < counts.length; at += counts[group]!, group++) {
        for (let i = at; i + 1 < at + counts[group]!; i += 2) {
          const difference = differences + additions * FP_BYTES;
          sub(difference, level[i + 1]!, level[i]!);
          if (isZero(difference) === 1) return undefined;
          additions += 1;
        }
      }
      if (additions === 0) break;
      fn._mclBnFp_invVec!(inverses, differences, additions);

      const nextLevel = new Uint32Array(level.length - additions);
      const nextCounts = new Uint32Array(counts.length);
      let inverse = inverses;
      let next = 0;
      for (let group = 0, at = 0; group < counts.length; at += counts[group]!, group++) {
        const size = counts[group]!;
        nextCounts[group] = (size + 1) >> 1;
        for (let i = at; i + 1 < at + size; i += 2) {
          const x1 = level[i]!;
          const y1 = x1 + FP_BYTES;
          const x2 = level[i + 1]!;
          const x3 = result;
          const y3 = x3 + FP_BYTES;
          sub(slope, x2 + FP_BYTES, y1);
          mul(slope, slope, inverse);
          sqr(x3, slope);
          sub(x3, x3, x1);
          sub(x3, x3, x2);
          sub(scratch, x1, x3);
          mul(y3, slope, scratch);
          sub(y3, y3, y1);
          inverse += FP_BYTES;
          nextLevel[next++] = x3;
          result += AFFINE_BYTES;
        }
        if ((size & 1) === 1) nextLevel[next++] = level[at + size - 1]!;
      }
      level = nextLevel;
      counts = nextCounts;
    }
    const sums = new Uint32Array(counts.length);
    for (let group = 0, at = 0; group < counts.length; group++) {
      if (counts[group] === 1) sums[group] = level[at++]!;
    }
    return body(sums);
  });
}
