import { expect } from "chai";
import {
  habitsNamed,
  measure,
  missedBounds,
  reportJson,
  type Habits,
} from "../../src/attack/index.js";
import { strongestOf } from "../../src/attack/report.js";
import { parseDenominations } from "../../src/sipster/index.js";
import { crowd, DENOMINATIONS, PERIOD } from "./crowd.js";

const cell = (habits: Habits, homes = 40, trials = 2) => ({
  habits,
  denominations: DENOMINATIONS,
  emission: "as-it-accrues" as const,
  homes,
  trials,
  event: "none" as const,
  trainingHomes: Math.max(200, 3 * homes),
});

describe("the measured table", function () {
  this.timeout(300_000);

  it("at once: given homes that pay in one burst, then nearly all of their payments are linked", () => {
    const row = measure({
      population: crowd(),
      period: PERIOD,
      cell: cell(habitsNamed("at-once")),
      seed: "burst",
    });
    const { value, interval } = strongestOf(row, "linkage", false)!;
    expect(value).to.be.above(0.9);
    expect(interval[0]).to.be.above(0.2);
    expect(missedBounds(row).map((m) => m.measure)).to.include.members(["linkage", "top"]);
  });

  it("careless switches: given a careful policy with one of them, then the attack made for it finds it", () => {
    const careful = habitsNamed("next-month");
    // Few homes with few payments: a settlement has few payments before it.
    const few = (habits: Habits) => ({
      ...cell(habits, 8, 12),
      denominations: parseDenominations([1, 10, 100, 1000]),
    });
    const named = (habits: Habits): number =>
      strongestOf(
        measure({ population: crowd(), period: PERIOD, cell: few(habits), seed: "switch" }),
        "naming",
        false,
      )!.value;
    const saved = (habits: Habits): number =>
      measure({ population: crowd(), period: PERIOD, cell: cell(habits), seed: "switch" }).attacks
        .combined!.billAdvantage!.value;
    expect(named(careful)).to.be.below(0.2);
    expect(named({ ...careful, settlesAfterLast: true })).to.be.above(0.25);
    expect(saved(careful)).to.be.below(0.1);
    expect(saved({ ...careful, buysByNeed: true })).to.be.above(0.9);
    expect(saved({ ...careful, noDummies: true })).to.be.above(0.3);
  });

  it("is the same for the same seed, and has the fields of sipster/attack@1", () => {
    const rows = [1, 2].map(() =>
      reportJson(
        [
          measure({
            population: crowd(),
            period: PERIOD,
            cell: cell(habitsNamed("next-month"), 5, 2),
            seed: "again",
          }),
        ],
        {},
      ),
    );
    expect(rows[1]).to.deep.equal(rows[0]);
    expect(rows[0]!.format).to.equal("sipster/attack@1");
    expect(rows[0]!.policies[0]).to.include.all.keys(
      ...[
        "policy",
        "denominations",
        "homes",
        "trials",
        "linkage",
        "interval",
        "top",
        "topInterval",
      ],
      ...["rank", "billError", "publicError", "delayDays", "receipts", "moneyBound", "attacks"],
    );
  });
});
