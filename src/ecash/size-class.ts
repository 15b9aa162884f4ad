/**
 * Baskets by size class: what a wallet withdraws each month. The basket follows from public numbers,
 * the class and the way tokens are emitted, and never from the home's own bill; the surplus is carried.
 */

/** Coins of one withdrawal: how many of each denomination. */
export type Basket = ReadonlyMap<number, number>;
/** Free coins of a wallet, by denomination. */
export type CoinStock = ReadonlyMap<number, number>;

/** A basket as the public parameters list it. */
export function basketOf(
  listed: readonly { readonly denomination: number; readonly count: number }[],
): Basket {
  return new Map(listed.map(({ denomination, count }) => [denomination, count]));
}

/** Baskets that a wallet has before it pays the first time. */
export const BASKETS_AT_START = 2;
/** Packs of each denomination that a wallet keeps in stock. */
export const PACKS_IN_STOCK = 1;
/** Withdrawals of one quarter, so the most that one quarter can skip. */
const MONTHS_OF_QUARTER = 3;

/**
 * A basket for tokens as they accrue: `small` coins of each denomination but the largest, because
 * these pay what is broken down at the period's end, and of the largest as many as `units` are worth.
 * @param denominations ascending, from 1
 * @param units of money that the basket has at least
 */
export function accrualBasket(
  denominations: readonly number[],
  units: number,
  small: number,
): Basket {
  const largest = denominations.at(-1)!;
  const others = denominations.slice(0, -1);
  const worth = others.reduce((sum, d) => sum + d * small, 0);
  const count = Math.max(1, Math.ceil((units - worth) / largest));
  return new Map([...others.map((d): [number, number] => [d, small]), [largest, count]]);
}

/**
 * A basket for tokens at the period's end, which are the bits of the bill: one coin of each
 * denomination, and of the largest as many as a bill of `mostUnits` takes.
 * @param denominations powers of two, ascending from 1
 * @param mostUnits the largest bill of the class
 */
export function periodEndBasket(denominations: readonly number[], mostUnits: number): Basket {
  const used = denominations.filter((d) => d === 1 || d <= mostUnits);
  const largest = used.at(-1)!;
  return new Map(used.map((d) => [d, d === largest ? Math.max(1, Math.floor(mostUnits / d)) : 1]));
}

/** Units of money of the coins. */
export function coinsWorth(coins: CoinStock): number {
  let units = 0;
  for (const [denomination, count] of coins) units += denomination * count;
  return units;
}

/**
 * How many of the next withdrawals leave out each denomination's pack: as many as the wallet has whole
 * packs above those it keeps, and no more than there are withdrawals until it asks again. It is seen,
 * and shows the home's use to within a pack or two; giving coins back would show it exactly.
 *
 * Packs are counted for each denomination apart. A rule that skips whole baskets alone never skips,
 * because one denomination is always scarce, and the others pile up.
 */
export function skippedPacks({
  stock,
  basket,
  keep = PACKS_IN_STOCK,
  withdrawals = MONTHS_OF_QUARTER,
}: {
  readonly stock: CoinStock;
  readonly basket: Basket;
  /** packs of each denomination that are never skipped for */
  readonly keep?: number;
  /** until the next time */
  readonly withdrawals?: number;
}): ReadonlyMap<number, number> {
  const skips = new Map<number, number>();
  for (const [denomination, count] of basket) {
    const whole = Math.floor((stock.get(denomination) ?? 0) / count);
    skips.set(denomination, Math.min(withdrawals, Math.max(0, whole - keep)));
  }
  return skips;
}

/** The denominations of the coins, one entry a coin, as a withdrawal asks for them. */
export function basketCoins(basket: Basket): number[] {
  return [...basket].flatMap(([denomination, count]) => Array<number>(count).fill(denomination));
}
