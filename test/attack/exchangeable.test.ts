/** The statement of docs/privacy.md, tested exactly: other assignments of bills, the same view. */
import { expect } from "chai";
import { bytesToHex } from "@noble/hashes/utils.js";
import { Chance } from "../../src/attack/random.js";
import { habitsNamed, type Habits } from "../../src/attack/index.js";
import { tokensOf } from "../../src/attack/simulation/accrual.js";
import { OpaqueOrders } from "../../src/attack/simulation/opaque-orders.js";
import type { SimulatedHome } from "../../src/attack/simulation/population.js";
import { walletMonth } from "../../src/attack/simulation/wallet-month.js";
import { writeRequestLog, type LoggedRequest } from "../../src/attack/view/request-log.js";
import { crowd, DENOMINATIONS, PERIOD } from "./crowd.js";

const population = crowd();

/** A home that uses energy on some days alone, and owes `units` at the end. */
function home(units: number, days: readonly number[]): SimulatedHome {
  const owed = new Int32Array(population.intervals);
  const steps = days.flatMap((day) => Array.from({ length: 48 }, (_, i) => (day - 1) * 48 + i));
  let done = 0;
  for (let i = 0; i < owed.length; i++) {
    done += steps.includes(i) ? 1 : 0;
    owed[i] = Math.floor((units * done) / steps.length);
  }
  return { origin: "made", meanUnits: units, wattHours: new Float64Array(owed.length), owed };
}

/**
 * The view of homes whose chance is bound to what is public: the n-th token of a denomination has the
 * same draw and bytes in every assignment of debts to homes; the settlement of an account too.
 */
function viewOf(homes: readonly SimulatedHome[], habits: Habits): string {
  const counts = new Map<number, number>();
  const log: LoggedRequest[] = [];
  const settled: number[] = [];
  homes.forEach((owner, account) => {
    const emission = "as-it-accrues" as const;
    const tokens = tokensOf(owner, population, { denominations: DENOMINATIONS, emission });
    const tapes = tokens.map(({ denomination }) => {
      const n = counts.get(denomination) ?? 0;
      counts.set(denomination, n + 1);
      return `${denomination} ${n}`;
    });
    const draws = [
      ...tapes.map((t) => new Chance("tape", t)),
      ...tapes.map((t) => new Chance("would be sent again", t)),
      new Chance("settles", account),
    ];
    let next = 0;
    const below = (bound: number): number => draws[next++]!.below(bound);
    const { paid, settledAt } = walletMonth({ habits, home: { period: PERIOD, tokens }, below });
    expect(next, "two draws for each token, and one for settling").to.equal(draws.length);
    settled.push(settledAt);
    paid.forEach(({ denomination, sent }, i) => {
      const orders = new OpaqueOrders(new Chance("bytes", tapes[i]!));
      log.push({ at: sent[0]!, content: orders.make(denomination, sent[0]!) });
    });
  });
  log.sort((a, b) => a.at - b.at || (bytesToHex(a.content) < bytesToHex(b.content) ? -1 : 1));
  return `${bytesToHex(writeRequestLog(log))} ${settled.join()}`;
}

const all = Array.from({ length: 30 }, (_, i) => i + 1);
/** Bills with 16 tokens of 100, 12 of 10 and 9 of 1 in each. */
const assignments = [
  [home(843, all), home(453, [1, 2, 3]), home(433, [20, 21])],
  [home(433, [20, 21]), home(843, all), home(453, [1, 2, 3])],
  [home(1129, [30]), home(40, all), home(560, [5, 6])],
  [home(0, all), home(933, [29]), home(796, [1])],
];

describe("exchangeability", function () {
  this.timeout(300_000);

  const views = (habits: Habits) => new Set(assignments.map((homes) => viewOf(homes, habits)));

  it("next month: given assignments of bills with equal totals of each denomination, then the views are the same bytes", () => {
    const totals = assignments.map((homes) => {
      const emission = "as-it-accrues" as const;
      const rule = { denominations: DENOMINATIONS, emission };
      const tokens = homes.flatMap((h) => tokensOf(h, population, rule));
      return DENOMINATIONS.map((d) => tokens.filter((t) => t.denomination === d).length).join();
    });
    expect(new Set(totals).size).to.equal(1);
    expect(views(habitsNamed("next-month")).size).to.equal(1);
  });

  it("every policy that pays by accrual: the views differ, since its windows begin with a home's use", () => {
    for (const name of ["common-deadline", "accrual+1d", "accrual+30d"]) {
      expect(views(habitsNamed(name)).size, name).to.be.above(1);
    }
  });

  it("settling after the last payment: the views differ, for all times of payments", () => {
    const habits = { ...habitsNamed("next-month"), settlesAfterLast: true };
    expect(views(habits).size).to.be.above(1);
  });
});
