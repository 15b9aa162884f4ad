/**
 * Sums of many points in affine coordinates, sharing one field inversion among all additions of a
 * level (Montgomery's trick): 5 multiplications and a squaring an addition, against 8 and 3 for adding an
 * affine point to a Jacobian one. An affine point is x and y, one after the other, FP_BYTES each.
 */
import { FP_BYTES, type MclModule } from "./module.js";

export const AFFINE_BYTES = 2 * FP_BYTES;

/** Groups of affine points, group after group: where each point is, and how many belong to each group. */
export interface PointGroups {
  readonly points: Uint32Array;
  readonly sizes: Uint32Array;
}

/** Where one level of additions puts what it computes. */
interface Memory {
  readonly slope: number;
  readonly scratch: number;
  readonly differences: number;
  readonly inverses: number;
  /** The next free address for a sum. */
  result: number;
}

/** Additions of a level for which one inversion takes less time than as many additions to a Jacobian point. */
const LEAST_ADDITIONS = 8;

/**
 * Sums groups of affine points: `entries` are the addresses of the points, group after group, and
 * `sizes` says how many belong to each. `body` receives what is left of each group when few additions
 * remain: points with the same sum, which are gone when it returns. Returns `undefined`, without calling `body`, if
 * two points to be added share their x (they are equal or opposite): the affine formula does not
 * cover that case, and the caller has a slower way that does.
 */
export function withAffineSums<T>(
  module: MclModule,
  entries: Uint32Array,
  sizes: Uint32Array,
  body: (groups: PointGroups) => T,
): T | undefined {
  const pairs = pairsOf({ points: entries, sizes });
  // Every addition leaves one point fewer, so there are fewer results than entries.
  const bytes = entries.length * AFFINE_BYTES + (2 * pairs + 2) * FP_BYTES;
  return module.withBlock(bytes, (block) => {
    const differences = block + 2 * FP_BYTES;
    const inverses = differences + pairs * FP_BYTES;
    const result = inverses + pairs * FP_BYTES;
    const memory: Memory = {
      slope: block,
      scratch: block + FP_BYTES,
      differences,
      inverses,
      result,
    };
    let groups: PointGroups = { points: entries, sizes };
    for (;;) {
      if (pairsOf(groups) < LEAST_ADDITIONS) return body(groups);
      const additions = subtractPairs(module, groups, differences);
      if (additions === undefined) return undefined;
      module.fn._mclBnFp_invVec!(inverses, differences, additions);
      groups = addPairs(module, groups, additions, memory);
    }
  });
}

/** Writes x2 − x1 of each pair; how many pairs there are, or `undefined` if two share their x. */
function subtractPairs(
  { fn }: MclModule,
  { points, sizes }: PointGroups,
  differences: number,
): number | undefined {
  const sub = fn._mclBnFp_sub!;
  const isZero = fn._mclBnFp_isZero!;
  let additions = 0;
  for (let group = 0, at = 0; group < sizes.length; at += sizes[group]!, group++) {
    for (let i = at; i + 1 < at + sizes[group]!; i += 2) {
      const difference = differences + additions * FP_BYTES;
      sub(difference, points[i + 1]!, points[i]!);
      if (isZero(difference) === 1) return undefined;
      additions += 1;
    }
  }
  return additions;
}

/** Adds the two points of each pair, by the inverses of their differences; an odd one goes on as it is. */
function addPairs(
  { fn }: MclModule,
  { points, sizes }: PointGroups,
  additions: number,
  memory: Memory,
): PointGroups {
  const sub = fn._mclBnFp_sub!;
  const mul = fn._mclBnFp_mul!;
  const sqr = fn._mclBnFp_sqr!;
  const { slope, scratch } = memory;
  const nextPoints = new Uint32Array(points.length - additions);
  const nextSizes = new Uint32Array(sizes.length);
  let inverse = memory.inverses;
  let next = 0;
  for (let group = 0, at = 0; group < sizes.length; at += sizes[group]!, group++) {
    const size = sizes[group]!;
    nextSizes[group] = (size + 1) >> 1;
    for (let i = at; i + 1 < at + size; i += 2) {
      const x1 = points[i]!;
      const y1 = x1 + FP_BYTES;
      const x2 = points[i + 1]!;
      const x3 = memory.result;
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
      nextPoints[next++] = x3;
      memory.result += AFFINE_BYTES;
    }
    if ((size & 1) === 1) nextPoints[next++] = points[at + size - 1]!;
  }
  return { points: nextPoints, sizes: nextSizes };
}

function pairsOf({ sizes }: PointGroups): number {
  let pairs = 0;
  for (const size of sizes) pairs += size >> 1;
  return pairs;
}
