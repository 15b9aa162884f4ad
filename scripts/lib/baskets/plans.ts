/** A rule for baskets, what it makes of homes over three years, and how that is counted. */
import {
  accrualBasket,
  coinsWorth,
  periodEndBasket,
  type Basket,
} from "../../../src/ecash/size-class.js";
import type { HomeBills } from "./homes.js";
import { DEFAULT_RULES, MONTHS, runHome, type HomeRun, type Rules } from "./simulate.js";

export const ACCRUAL = [1, 10, 100, 1000];
export const PERIOD_END = Array.from({ length: 14 }, (_, i) => 2 ** i);
export interface SizeClass {
  readonly upTo: number;
  /** Of the generated homes, which stand for last year's public figures. */
  readonly mean: number;
  /** The bill that nine in ten months of the class do not exceed. */
  readonly bill90: number;
  readonly mostUnits: number;
}

export interface Plan {
  readonly name: string;
  readonly emission: "as it accrues" | "at the period's end";
  readonly rules: Rules;
  readonly isDefault?: true;
  basket(of: SizeClass): Basket;
}

function describeRules({ start, keep, every, unit }: Rules): string {
  if (keep === null) return `${start} at the start, nothing skipped`;
  const when = every === 1 ? "monthly" : "quarterly";
  return `${start} at the start, ${unit}s above ${keep} skipped ${when}`;
}

export function accrualPlan(factor: number, small: number, changed: Partial<Rules> = {}): Plan {
  const rules = { ...DEFAULT_RULES, ...changed };
  return {
    name: `${factor} × mean, ${small} of each small coin; ${describeRules(rules)}`,
    emission: "as it accrues",
    rules,
    ...(factor === 1.5 && small === 9 && Object.keys(changed).length === 0
      ? { isDefault: true as const }
      : {}),
    basket: ({ mean }) => accrualBasket(ACCRUAL, factor * mean, small),
  };
}

export function periodEndPlan(changed: Partial<Rules> = {}): Plan {
  const rules = { ...DEFAULT_RULES, ...changed };
  return {
    name: `one of each; ${describeRules(rules)}`,
    emission: "at the period's end",
    rules,
    ...(Object.keys(changed).length === 0 ? { isDefault: true as const } : {}),
    basket: ({ mostUnits }) => periodEndBasket(PERIOD_END, mostUnits),
  };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

export interface Row {
  readonly plan: Plan;
  readonly short: number;
  readonly extraPerYear: number;
  readonly boundMedian: number;
  readonly bound90: number;
  /** Before the next basket comes. */
  readonly left90: number;
  readonly skippedPerYear: number;
  /** Median error of a home's three years guessed from its withdrawals, and from its class. */
  readonly shown: number;
  readonly guess: number;
}

export function simulate(
  plan: Plan,
  homes: readonly HomeBills[],
  classes: readonly SizeClass[],
): Row {
  const runs: { home: HomeBills; of: SizeClass; basket: number; run: HomeRun }[] = [];
  for (const home of homes) {
    const of = classes.find((c) => home.mean <= c.upTo);
    if (of === undefined) continue;
    const basket = plan.basket(of);
    // Begun in every month of the year: seasons decide who runs short.
    for (let shift = 0; shift < 12; shift++) {
      const bills = home.bills.map((_, i) => home.bills[(i + shift) % home.bills.length]!);
      const run = runHome({
        bills,
        denominations: [...basket.keys()],
        basket,
        rules: plan.rules,
      });
      runs.push({ home, of, basket: coinsWorth(basket), run });
    }
  }
  const years = MONTHS / 12;
  const mean = (values: readonly number[]): number =>
    values.reduce((a, b) => a + b, 0) / values.length;
  const bounds = runs.flatMap(({ of, run }) => run.bound.map((units) => units / of.bill90));
  const left = runs.flatMap(({ of, run }) => run.left.map((units) => units / of.bill90));
  // What is withdrawn less the stock that the rules aim at is the best public guess of what was used.
  const error = (guess: number, used: number): number => Math.abs(guess - used) / used;
  return {
    plan,
    short: mean(runs.map(({ run }) => (run.extra > 0 ? 1 : 0))),
    extraPerYear: mean(runs.map(({ run }) => run.extra)) / years,
    boundMedian: quantile(bounds, 0.5),
    bound90: quantile(bounds, 0.9),
    left90: quantile(left, 0.9),
    skippedPerYear: mean(runs.map(({ run }) => run.skipped)) / years,
    shown: quantile(
      runs.map(({ run, basket }) =>
        error(run.withdrawnUnits - plan.rules.start * basket, run.usedUnits),
      ),
      0.5,
    ),
    guess: quantile(
      runs.map(({ of, run }) => error(of.mean * MONTHS, run.usedUnits)),
      0.5,
    ),
  };
}
