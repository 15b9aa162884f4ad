/**
 * The coins a wallet withdraws each period. The basket is the same for every home and every period
 * and the surplus is carried: a volume that followed the consumption would reveal the bill.
 */

/**
 * Coins enough for every bill of at most `maxUnits` units and any digits: of each denomination
 * but the largest as many as breaking down a remainder can take, and of the largest as many as fit.
 * `denominations` ascend and begin with 1.
 */
export function constantBasket(denominations: readonly number[], maxUnits: bigint): number[] {
  return denominations.flatMap((denomination, i) => {
    const next = denominations[i + 1];
    const largest = maxUnits / BigInt(denomination);
    const needed = next === undefined ? largest : BigInt(Math.ceil(next / denomination) - 1);
    return Array<number>(Number(needed < largest ? needed : largest)).fill(denomination);
  });
}
