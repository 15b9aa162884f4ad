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
import { boundHeld } from "./lib/baskets/bound-held.js";
import { generatedHomes, realHomes, type HomeBills } from "./lib/baskets/homes.js";
import {
  ACCRUAL,
  accrualPlan,
  PERIOD_END,
  periodEndPlan,
  quantile,
  simulate,
  type Plan,
  type Row,
  type SizeClass,
} from "./lib/baskets/plans.js";

const GENERATED = 400;
/** Upper bounds of the classes' mean bills, in units of a penny. */
const CLASSES = DEFAULT_CLASSES.map(({ upTo }) => upTo);
const docFile = resolve(import.meta.dirname, "../docs/money.md");

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
  held: boundHeld(
    generated,
    classes,
    DEFAULT_CLASSES.map(({ name }) => name),
  ),
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
