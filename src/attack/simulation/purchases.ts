/** What a wallet withdraws, by its size class or by need, and how many requests it sends. */
import { accrualBasket, periodEndBasket, type Basket } from "../../ecash/index.js";
import type { EmissionRule } from "../../sipster/index.js";
import type { SimulatedHome } from "./population.js";

/** Upper bounds of the classes' mean bills, in units; homes above are in the last class. */
const CLASS_BOUNDS = [2_500, 5_000, 10_000, 20_000, 40_000];
/** Of the class's mean bill, and of each small denomination: see docs/money.md. */
const BASKET_OF_MEAN = 1.5;
const SMALL_COINS = 9;
/** The largest bill that a basket of tokens at the period's end is made for, in mean bills. */
const LARGEST_OF_MEAN = 4;

export interface SizeClass {
  readonly name: string;
  /** Mean bill of its homes, which last year's figures tell. */
  readonly meanUnits: number;
  readonly basket: Basket;
  /** Requests a month, dummies included: as many as two baskets have coins. */
  readonly requests: number;
  /** Bill that nine in ten homes of the class do not exceed. */
  readonly bill90: number;
}

export function classIndexOf({ meanUnits }: SimulatedHome): number {
  const index = CLASS_BOUNDS.findIndex((bound) => meanUnits <= bound);
  return index < 0 ? CLASS_BOUNDS.length - 1 : index;
}

export function sizeClasses(
  homes: readonly SimulatedHome[],
  denominations: readonly number[],
  emission: EmissionRule,
): SizeClass[] {
  return CLASS_BOUNDS.map((bound, i) => {
    const mine = homes.filter((home) => classIndexOf(home) === i);
    const bills = mine.map(({ owed }) => owed.at(-1)!).sort((a, b) => a - b);
    const meanUnits =
      mine.length === 0 ? bound : mine.reduce((sum, h) => sum + h.meanUnits, 0) / mine.length;
    const basket =
      emission === "as-it-accrues"
        ? accrualBasket(denominations, BASKET_OF_MEAN * meanUnits, SMALL_COINS)
        : periodEndBasket(denominations, LARGEST_OF_MEAN * meanUnits);
    const coins = [...basket.values()].reduce((a, b) => a + b, 0);
    const bill90 = bills[Math.floor(0.9 * bills.length)] ?? bound;
    return { name: `up to ${bound}`, meanUnits, basket, requests: 2 * coins, bill90 };
  });
}

export function coinCounts(denominations: Iterable<number>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const d of denominations) counts[d] = (counts[d] ?? 0) + 1;
  return counts;
}

export function basketRecord(basket: Basket): Record<string, number> {
  return Object.fromEntries([...basket].map(([d, count]) => [String(d), count]));
}
