/**
 * What the aim for the money bound would cost: of many rules, the one that keeps a class within the aim and leaves the
 * fewest homes short, beside the default.
 */
import { accrualBasket, periodEndBasket } from "../../../src/ecash/size-class.js";
import type { HomeBills } from "./homes.js";
import {
  ACCRUAL,
  accrualPlan,
  PERIOD_END,
  periodEndPlan,
  simulate,
  type Plan,
  type Row,
  type SizeClass,
} from "./plans.js";

/** Times the class's bill at the 90th percentile, the next basket included. */
const AIM = 1.5;
const KEPT = [0, 1];
const FACTORS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5];
const SMALL_COINS = [5, 9];
/** Worth of the basket's coins, times the class's bill at the 90th percentile. */
const SIZES = [0.25, 0.5, 0.75, 1];

const TRIED: readonly Plan[] = KEPT.flatMap((keep): Plan[] => {
  const rules = { start: 1, keep, every: 1 } as const;
  const stock = `packs above ${keep} skipped monthly`;
  return [
    ...FACTORS.flatMap((factor) =>
      SMALL_COINS.map((small): Plan => ({
        ...accrualPlan(factor, small, rules),
        name: `${factor} × mean, ${small} of each small coin; ${stock}`,
        basket: ({ mean }) => accrualBasket(ACCRUAL, factor * mean, small),
      })),
    ),
    ...SIZES.map((size): Plan => ({
      ...periodEndPlan(rules),
      name: `coins up to ${size} × the bill; ${stock}`,
      basket: ({ bill90 }) => periodEndBasket(PERIOD_END, size * bill90),
    })),
  ];
});

const share = (row: Row): string => `${(100 * row.short).toFixed(0)} %`;
const times = (row: Row): string => `${row.bound90.toFixed(2)} ×`;

/** A table by emission and class. `names` of the classes are in their order. */
export function boundHeld(
  homes: readonly HomeBills[],
  classes: readonly SizeClass[],
  names: readonly string[],
): string {
  const rows = (["as it accrues", "at the period's end"] as const).flatMap((emission) => {
    const defaultPlan = emission === "as it accrues" ? accrualPlan(1.5, 9) : periodEndPlan();
    return classes.flatMap((of, i) => {
      const own = homes.filter((h) => classes.find((c) => h.mean <= c.upTo) === of);
      if (own.length === 0) return [];
      const run = (plan: Plan): Row => simulate(plan, own, [of]);
      const chosen = run(defaultPlan);
      const tried = TRIED.filter((plan) => plan.emission === emission).map(run);
      const within = tried.filter(({ bound90 }) => bound90 <= AIM);
      const best = within.toSorted(
        (a, b) => a.short - b.short || a.extraPerYear - b.extraPerYear,
      )[0];
      const least = Math.min(...tried.map(({ bound90 }) => bound90));
      const held =
        best === undefined
          ? [`none: at least ${least.toFixed(2)} ×`, "", "", ""]
          : [best.plan.name, share(best), best.extraPerYear.toFixed(1), times(best)];
      const cells = [emission, names[i]!, own.length, share(chosen), times(chosen), ...held];
      return [`| ${cells.join(" | ")} |`];
    });
  });
  return [
    "| tokens | class | homes | default: run short | default: money bound | the best rule within 1.5 × | its homes that run short | its extra packs a year | its money bound |",
    "| --- | --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
}
