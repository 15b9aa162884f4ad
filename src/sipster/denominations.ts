/** Public denominations of tokens, in units of money. */
import { sipsterErrors } from "./errors.js";

declare const brand: unique symbol;

/** Ascending, without duplicates, beginning with 1, so that every amount can be expressed. */
export type Denominations = readonly number[] & { readonly [brand]: "Denominations" };

/** The largest value of a u32. */
export const MAX_DENOMINATION = 2 ** 32 - 1;

/** @throws sipster/bad-denomination */
export function parseDenominations(values: readonly number[]): Denominations {
  const wrong = (why: string): never => {
    throw sipsterErrors.error("bad-denomination", `denominations ${values.join(", ")}: ${why}`);
  };
  if (values[0] !== 1) wrong("the first must be 1");
  values.forEach((d, i) => {
    if (!Number.isInteger(d) || d < 1 || d > MAX_DENOMINATION)
      wrong(`${d} is not a 32-bit integer`);
    if (i > 0 && d <= values[i - 1]!) wrong("they must ascend");
  });
  return values as Denominations;
}

export const DEFAULT_DENOMINATIONS = parseDenominations([1, 10, 100]);

/** For tokens at the period's end, one for each binary digit of the amount: 1, 2, 4 … 8192. */
export const BINARY_DENOMINATIONS = parseDenominations(
  Array.from({ length: 14 }, (_, i) => 2 ** i),
);

/** `units` as a sum of denominations, the largest first. `units` ≥ 0. */
export function breakDown(units: bigint, denominations: Denominations): number[] {
  const parts: number[] = [];
  let rest = units;
  for (const d of denominations.toReversed()) {
    while (rest >= BigInt(d)) {
      parts.push(d);
      rest -= BigInt(d);
    }
  }
  return parts;
}
