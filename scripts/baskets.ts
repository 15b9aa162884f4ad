/**
 * Simulates baskets over three years and rewrites the tables of docs/money.md: `npm run baskets`. The
 * generated homes are always there; the real ones need the files of ../shared/data.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { format, resolveConfig } from "prettier";
import { DEFAULT_CLASSES } from "../src/ecash/default-classes.js";
import {
  accrualBasket,
  coinsWorth,
  periodEndBasket,
  type Basket,
} from "../src/ecash/size-class.js";
import { generatedHomes, realHomes, type HomeBills } from "./lib/baskets/homes.js";
import {
  DEFAULT_RULES,
  MONTHS,
  runHome,
  type HomeRun,
  type Rules,
} from "./lib/baskets/simulate.js";

const GENERATED = 400;
const ACCRUAL = [1, 10, 100, 1000];
const PERIOD_END = Array.from({ length: 14 }, (_, i) => 2 ** i);
/** Upper bounds of the classes' mean bills, in units of a penny. */
const CLASSES = DEFAULT_CLASSES.map(({ upTo }) => upTo);
const docFile = resolve(import.meta.dirname, "../docs/money.md");

interface SizeClass {
  readonly upTo: number;
  /** Of the generated homes, which stand for last year's public figures. */
  readonly mean: number;
  /** The bill that nine in ten months of the class do not exceed. */
  readonly bill90: number;
  readonly mostUnits: number;
}

interface Plan {
  readonly name: string;
  readonly emission: "as it accrues" | "at the period's end";
  readonly rules: Rules;
  readonly isDefault?: true;
  basket(of: SizeClass): Basket;
}

const denominationsOf = ({ emission }: Plan): readonly number[] =>
  emission === "as it accrues" ? ACCRUAL : PERIOD_END;

function describeRules({ start, keep, every, unit }: Rules): string {
  if (keep === null) return `${start} at the start, nothing skipped`;
  const when = every === 1 ? "monthly" : "quarterly";
  return `${start} at the start, ${unit}s above ${keep} skipped ${when}`;
}

function accrualPlan(factor: number, small: number, changed: Partial<Rules> = {}): Plan {
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

function periodEndPlan(changed: Partial<Rules> = {}): Plan {
  const rules = { ...DEFAULT_RULES, ...changed };
  return {
    name: `one of each; ${describeRules(rules)}`,
    emission: "at the period's end",
    rules,
    ...(Object.keys(changed).length === 0 ? { isDefault: true as const } : {}),
    basket: ({ mostUnits }) => periodEndBasket(PERIOD_END, mostUnits),
  };
}

const whole = { unit: "basket", keep: 2 } as const;
const plans: readonly Plan[] = [
  accrualPlan(1.1, 5, { ...whole, start: 1 }),
  accrualPlan(1.5, 6, whole),
  accrualPlan(1.5, 9, whole),
  accrualPlan(1.1, 9),
  accrualPlan(1.3, 9),
  accrualPlan(1.5, 9),
  accrualPlan(2, 9),
  accrualPlan(1.5, 9, { keep: 0 }),
  accrualPlan(1.5, 9, { keep: 2 }),
  accrualPlan(1.5, 9, { start: 1 }),
  accrualPlan(1.5, 9, { every: 1 }),
  accrualPlan(1.3, 9, { every: 1 }),
  accrualPlan(1.5, 6),
  accrualPlan(1.5, 9, { keep: null }),
  periodEndPlan(whole),
  periodEndPlan({ start: 1 }),
  periodEndPlan(),
  periodEndPlan({ keep: 0 }),
  periodEndPlan({ keep: 2 }),
  periodEndPlan({ every: 1 }),
  periodEndPlan({ keep: null }),
];

function classesOf(population: readonly HomeBills[]): SizeClass[] {
  return CLASSES.map((upTo, i) => {
    const from = CLASSES[i - 1] ?? 0;
    const homes = population.filter((h) => h.mean > from && h.mean <= upTo);
    const mean = homes.reduce((sum, h) => sum + h.mean, 0) / Math.max(1, homes.length);
    const largest = Math.max(...homes.flatMap((h) => h.bills));
    if (homes.length === 0) {
      return { upTo, mean: (from + upTo) / 2, bill90: upTo, mostUnits: 2 * upTo };
    }
    const bill90 = quantile(
      homes.flatMap((h) => h.bills),
      0.9,
    );
    return { upTo, mean, bill90, mostUnits: largest };
  });
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

interface Row {
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

function simulate(plan: Plan, homes: readonly HomeBills[], classes: readonly SizeClass[]): Row {
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
        denominations: denominationsOf(plan),
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

const percent = (value: number): string => `${(100 * value).toFixed(0)} %`;

function table(rows: readonly Row[]): string {
  const head = [
    "basket",
    "homes that run short",
    "extra baskets a year",
    "money bound, median",
    "money bound, 90th percentile",
    "the same without the next basket",
    "skipped a year",
    "error of guessing the use from withdrawals",
    "from the class alone",
  ];
  return [
    `| ${head.join(" | ")} |`,
    `| --- |${" ---: |".repeat(head.length - 1)}`,
    ...rows.map((r) =>
      [
        "",
        `${r.plan.isDefault === true ? "**" : ""}${r.plan.name}${r.plan.isDefault === true ? "** (default)" : ""}`,
        percent(r.short),
        r.extraPerYear.toFixed(2),
        `${r.boundMedian.toFixed(2)} ×`,
        `${r.bound90.toFixed(2)} ×`,
        `${r.left90.toFixed(2)} ×`,
        r.skippedPerYear.toFixed(1),
        percent(r.shown),
        percent(r.guess),
        "",
      ]
        .join(" | ")
        .trim(),
    ),
  ].join("\n");
}

function section(
  title: string,
  homes: readonly HomeBills[],
  classes: readonly SizeClass[],
): string {
  return (["as it accrues", "at the period's end"] as const)
    .map((emission) => {
      const rows = plans
        .filter((p) => p.emission === emission)
        .map((plan) => simulate(plan, homes, classes));
      return `Tokens ${emission}, ${title}:\n\n${table(rows)}`;
    })
    .join("\n\n");
}

/**
 * What no rule can be below. A home that never runs short has coins for its next bill when the month ends, so what
 * is bound then, the next basket included, is at least worth that bill's coins.
 */
function leastBound(homes: readonly HomeBills[], classes: readonly SizeClass[]): string {
  const coins = {
    "as it accrues": (bill: number) => accrualBasket(ACCRUAL, bill, 9),
    "at the period's end": (bill: number) => periodEndBasket(PERIOD_END, bill),
  };
  const rows = Object.entries(coins).flatMap(([emission, basket]) => {
    const bounds = (largest: (home: HomeBills, of: SizeClass) => number): number[] =>
      homes.flatMap((home) => {
        const of = classes.find((c) => home.mean <= c.upTo);
        return of === undefined ? [] : [coinsWorth(basket(largest(home, of))) / of.bill90];
      });
    const own = bounds((home) => Math.max(...home.bills));
    const any = bounds((_, of) => of.mostUnits);
    const row = (what: string, all: readonly number[]): string =>
      `| ${emission} | ${what} | ${quantile(all, 0.5).toFixed(2)} × | ${quantile(all, 0.9).toFixed(2)} × |`;
    return [row("the home's own largest bill", own), row("the largest bill of the class", any)];
  });
  return [
    "| tokens | coins for | median | 90th percentile |",
    "| --- | --- | ---: | ---: |",
    ...rows,
  ].join("\n");
}

function classTable(all: readonly SizeClass[]): string {
  const coins = (basket: Basket): string =>
    [...basket].map(([d, count]) => `${count}·${d}`).join(", ");
  const [accrual, periodEnd] = ["as it accrues", "at the period's end"].map((emission) =>
    plans.find((p) => p.isDefault === true && p.emission === emission)!,
  );
  const rows = all.map((c, i) =>
    [
      DEFAULT_CLASSES[i]!.name,
      c.upTo,
      Math.round(c.mean),
      c.bill90,
      coins(accrual!.basket(c)),
      coins(periodEnd!.basket(c)),
    ].join(" | "),
  );
  return [
    "| class | mean bill up to | mean | 90th percentile | basket, as it accrues | basket, at the period's end |",
    "| --- | ---: | ---: | ---: | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

const generated = generatedHomes(GENERATED);
const classes = classesOf(generated);
const real = await realHomes();
const parts: Record<string, string> = {
  classes: classTable(classes),
  least: leastBound(generated, classes),
  generated: section(`${generated.length} generated homes`, generated, classes),
  ...(real === null ? {} : { real: section(`${real.length} real homes`, real, classes) }),
};
let doc = readFileSync(docFile, "utf8");
for (const [name, text] of Object.entries(parts)) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [doc.indexOf(begin), doc.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/money.md has no place for "${name}"`);
  doc = `${doc.slice(0, from + begin.length)}\n\n${text}\n\n${doc.slice(to)}`;
  console.log(`${text}\n`);
}
const style = await resolveConfig(docFile);
writeFileSync(docFile, await format(doc, { ...style, filepath: docFile }));
