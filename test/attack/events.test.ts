/** Payments that an event puts off: among the next month's payments of everybody, and without them. */
import { expect } from "chai";
import { habitsNamed, measure, type Row } from "../../src/attack/index.js";
import type { Scenario } from "../../src/attack/simulation/scenario.js";
import { parseDenominations } from "../../src/sipster/index.js";
import { crowd, PERIOD } from "./crowd.js";

/** A log that ends with the month that is attacked. */
const withoutFollowingMonth: NonNullable<Scenario["tamper"]> = (sent) => {
  const own = sent.filter(({ isFollowing }) => !isFollowing);
  sent.splice(0, sent.length, ...own);
};

function lateReturn(tamper?: Scenario["tamper"]): Row {
  return measure({
    population: crowd(),
    period: PERIOD,
    cell: {
      habits: habitsNamed("common-deadline"),
      denominations: parseDenominations([1, 10, 100, 1000]),
      emission: "as-it-accrues",
      event: "late-return",
      ...{ homes: 100, trials: 2, trainingHomes: 300 },
      ...(tamper && { tamper }),
    },
    seed: "events",
  });
}

describe("payments that are put off to the next month", function () {
  this.timeout(300_000);

  it("given a log that ends before everybody's next month, then the homes that came late are linked; given one that goes on, far less", () => {
    const alone = lateReturn(withoutFollowingMonth).attacks.combined!.touched!;
    const among = lateReturn().attacks.combined!.touched!;
    expect(alone.value).to.be.above(0.8);
    expect(among.interval[1]).to.be.below(0.5);
  });
});
