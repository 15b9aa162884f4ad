/**
 * The size classes that a utility begins with, and their baskets: the first table of docs/money.md, made
 * of generated homes by `npm run baskets`, which stand for last year's public figures.
 */
import { accrualBasket, periodEndBasket, type Basket } from "./size-class.js";

/** In the smallest amounts of a currency like the pound or the euro, a month. */
export interface DefaultClass {
  readonly name: string;
  /** A home is of the class if its mean bill of last year is at most this, and above the class before. */
  readonly upTo: number;
  /** Mean bill of the class. */
  readonly mean: number;
  /** Its largest bill. */
  readonly most: number;
}

/** The generated homes have none above 20,000: the last class takes the middle, and twice its bound. */
export const DEFAULT_CLASSES: readonly DefaultClass[] = [
  { name: "smallest", upTo: 2_500, mean: 2_240, most: 3_230 },
  { name: "small", upTo: 5_000, mean: 3_839, most: 6_807 },
  { name: "standard", upTo: 10_000, mean: 6_610, most: 13_726 },
  { name: "large", upTo: 20_000, mean: 12_229, most: 18_557 },
  { name: "largest", upTo: 40_000, mean: 30_000, most: 80_000 },
];

/** How much of the class's mean a basket is worth at least, with tokens as they accrue. */
const SHARE_OF_MEAN = 1.5;

export interface BasketTerms {
  readonly emission: "as-it-accrues" | "at-period-end";
  /** Ascending, from 1; powers of two for tokens at the period's end. */
  readonly denominations: readonly number[];
  /** Smallest amounts of the currency in one unit of money. */
  readonly minorUnits: number;
}

/** The basket that a home of the class withdraws each month. */
export function defaultBasket(of: DefaultClass, terms: BasketTerms): Basket {
  const { emission, denominations, minorUnits } = terms;
  if (emission === "at-period-end") {
    return periodEndBasket(denominations, Math.ceil(of.most / minorUnits));
  }
  const units = (SHARE_OF_MEAN * of.mean) / minorUnits;
  return accrualBasket(denominations, units, mostOfEach(denominations));
}

/** Coins of one denomination that a remainder takes at most, before the next larger one does. */
function mostOfEach(denominations: readonly number[]): number {
  const steps = denominations.slice(1).map((d, i) => Math.ceil(d / denominations[i]!) - 1);
  return Math.max(1, ...steps);
}
