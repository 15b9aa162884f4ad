/** Points that are multiplied many times, so that tables made once pay off. */
import { algebraErrors } from "./errors.js";
import type { Group } from "./group.js";

/**
 * What the tables are sized for: `"single"` for one or two points with large tables, `"vector"` for
 * many points whose multiples are summed, with small ones.
 */
export type FixedBaseUse = "single" | "vector";

/** Σ scalars[i]·points[indices[i]], with indices 0, 1, 2 … when absent. */
export interface FixedBaseSum {
  readonly scalars: readonly bigint[];
  readonly indices?: readonly number[];
}

export interface FixedBases<P> {
  readonly points: readonly P[];
  /**
   * Σ scalars[i]·points[indices[i]], with indices 0, 1, 2 … when absent. In the fast groups the
   * pattern of group operations depends on the number of scalars alone; the addresses that are read do
   * depend on the scalars, and the field arithmetic beneath is not claimed to be constant-time. Points
   * must be independent for this: one that meets itself or its opposite is added another way.
   * @throws algebra/length-mismatch
   */
  multiScalarMul(scalars: readonly bigint[], indices?: readonly number[]): P;
  /** Several sums at once, for less than one after the other. @throws algebra/length-mismatch */
  multiScalarMuls(sums: readonly FixedBaseSum[]): P[];
  /** These points and more; tables that exist are shared. */
  extended(more: readonly P[]): FixedBases<P>;
}

/** Which points meet the scalars. @throws algebra/length-mismatch */
export function basesOf<P>(
  points: readonly P[],
  scalars: readonly bigint[],
  indices: readonly number[] | undefined,
): readonly number[] {
  const chosen = indices ?? scalars.map((_, i) => i);
  if (chosen.length !== scalars.length || chosen.some((i) => points[i] === undefined)) {
    throw algebraErrors.error(
      "length-mismatch",
      `${scalars.length} scalars do not fit ${chosen.length} of ${points.length} fixed points`,
      { scalars: scalars.length, points: points.length },
    );
  }
  return chosen;
}

/** Without tables, by the group's own sums of products: variable time in the scalars, for oracles. */
export function plainFixedBases<P>(group: Group<P>, points: readonly P[]): FixedBases<P> {
  const multiScalarMul = (scalars: readonly bigint[], indices?: readonly number[]): P => {
    const chosen = basesOf(points, scalars, indices);
    return group.multiScalarMul(
      chosen.map((i) => points[i]!),
      scalars,
    );
  };
  return {
    points,
    multiScalarMul,
    multiScalarMuls: (sums) => sums.map((s) => multiScalarMul(s.scalars, s.indices)),
    extended: (more) => plainFixedBases(group, [...points, ...more]),
  };
}
