/** Three years of one home that withdraws baskets: how often it runs short, and what its coins bind. */
import {
  BASKETS_AT_START,
  coinsWorth,
  PACKS_IN_STOCK,
  skippedPacks,
  type Basket,
} from "../../../src/ecash/size-class.js";

export const MONTHS = 36;

export interface HomeRun {
  /** Baskets, or packs of one denomination, drawn in addition because a coin was missing. */
  readonly extra: number;
  /** Withdrawals that were skipped, each pack as its share of one. */
  readonly skipped: number;
  /** Units of money in coins after each month's payments, the next basket included. */
  readonly bound: readonly number[];
  /** The same before the next basket comes. */
  readonly left: readonly number[];
  readonly usedUnits: number;
  readonly withdrawnUnits: number;
}

export interface Rules {
  /** Baskets before the first payment. */
  readonly start: number;
  /** Packs of each denomination that are kept; `null`: nothing is ever skipped. */
  readonly keep: number | null;
  /** Months from one count of the stock to the next. */
  readonly every: number;
  /** Whole baskets are skipped and drawn in addition, or packs of each denomination. */
  readonly unit: "basket" | "pack";
}

/** The tokens of a bill: the largest denominations first, as the meter breaks it down. */
export function tokensOf(units: number, denominations: readonly number[]): Map<number, number> {
  const tokens = new Map<number, number>();
  let left = units;
  for (const denomination of denominations.toReversed()) {
    const count = Math.floor(left / denomination);
    if (count > 0) tokens.set(denomination, count);
    left -= count * denomination;
  }
  return tokens;
}

export function runHome({
  bills,
  denominations,
  basket,
  rules,
}: {
  /** units of each month, used in turn for {@link MONTHS} months */
  readonly bills: readonly number[];
  /** of the tokens, ascending */
  readonly denominations: readonly number[];
  readonly basket: Basket;
  readonly rules: Rules;
}): HomeRun {
  const stock = new Map([...basket].map(([d, count]) => [d, count * rules.start]));
  let withdrawnUnits = rules.start * coinsWorth(basket);
  let skips = new Map<number, number>();
  let arriving: readonly number[] = [];
  let [extra, skipped, usedUnits] = [0, 0, 0];
  const draw = (d: number): void => {
    const count = basket.get(d);
    if (count === undefined) throw new Error(`the basket has no coin of ${d}`);
    stock.set(d, (stock.get(d) ?? 0) + count);
  };
  const all = [...basket.keys()];
  const worth = (packs: readonly number[]): number =>
    packs.reduce((sum, d) => sum + d * basket.get(d)!, 0);
  const bound: number[] = [];
  const kept: number[] = [];
  for (let month = 0; month < MONTHS; month++) {
    arriving.forEach(draw);
    if (rules.keep !== null && month > 0 && month % rules.every === 0) {
      skips = skipsOf({ stock, basket, keep: rules.keep, rules });
    }
    arriving = all.filter((d) => (skips.get(d) ?? 0) === 0);
    skipped += (all.length - arriving.length) / all.length;
    for (const [d, left] of skips) skips.set(d, Math.max(0, left - 1));
    withdrawnUnits += worth(arriving);
    const bill = bills[month % bills.length]!;
    usedUnits += bill;
    for (const [d, count] of tokensOf(bill, denominations)) {
      while ((stock.get(d) ?? 0) < count) {
        const packs = rules.unit === "basket" ? all : [d];
        packs.forEach(draw);
        extra++;
        withdrawnUnits += worth(packs);
      }
      stock.set(d, stock.get(d)! - count);
    }
    kept.push(coinsWorth(stock));
    bound.push(coinsWorth(stock) + worth(arriving));
  }
  return { extra, skipped, bound, left: kept, usedUnits, withdrawnUnits };
}

function skipsOf({
  stock,
  basket,
  keep,
  rules: { every, unit },
}: {
  readonly stock: ReadonlyMap<number, number>;
  readonly basket: Basket;
  readonly keep: number;
  readonly rules: Rules;
}): Map<number, number> {
  const skips = skippedPacks({ stock, basket, keep, withdrawals: every });
  if (unit === "pack") return new Map(skips);
  const whole = Math.min(...skips.values());
  return new Map([...basket.keys()].map((d) => [d, whole]));
}

export const DEFAULT_RULES: Rules = {
  start: BASKETS_AT_START,
  keep: PACKS_IN_STOCK,
  every: 3,
  unit: "pack",
};
