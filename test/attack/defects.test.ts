/** Planted leaks: the same attacker and scorer find them, the small ones as well. */
import { expect } from "chai";
import { habitsNamed, measure, missedBounds, type Row } from "../../src/attack/index.js";
import { strongestOf } from "../../src/attack/report.js";
import type { Scenario } from "../../src/attack/simulation/scenario.js";
import { ORDER } from "../../src/attack/view/request-log.js";
import { startOfDay } from "../../src/resident/index.js";
import { parseDenominations } from "../../src/sipster/index.js";
import { crowd, PERIOD } from "./crowd.js";

type Tamper = NonNullable<Scenario["tamper"]>;

const DAY = 86_400;
const NEXT = { ...habitsNamed("next-month"), name: "next-month" };

function attacked(tamper: Tamper | null, homes: number, trials: number): Row {
  return measure({
    population: crowd(),
    period: PERIOD,
    cell: {
      habits: NEXT,
      denominations: parseDenominations([1, 10, 100, 1000]),
      emission: "as-it-accrues",
      event: "none",
      trainingHomes: 3 * homes,
      ...{ homes, trials, ...(tamper === null ? {} : { tamper }) },
    },
    seed: "defects",
  });
}

/**
 * Each home favours one half of the paying days, with chance ½ + δ. Whether two payments lie in the same
 * half then separates pairs by 2·AUC − 1 = 2δ².
 */
function halves(linkage: number): Tamper {
  const delta = Math.sqrt(linkage / 2);
  const from = startOfDay(202604, 2);
  return (sent, chance) => {
    const favoured = new Map<number, number>();
    for (const one of sent) {
      if (!favoured.has(one.home)) favoured.set(one.home, chance.below(2));
      const isFavoured = chance.unit() < 0.5 + delta;
      const half = isFavoured ? favoured.get(one.home)! : 1 - favoured.get(one.home)!;
      one.at = from + half * 5 * DAY + chance.below(5 * DAY);
    }
  };
}

/** Payments signed once for a day from their first, to the second: a value of each home's own. */
const expiryToTheSecond: Tamper = (sent) => {
  const expiry = new Map<number, number>();
  for (const one of sent) {
    if (!expiry.has(one.home)) expiry.set(one.home, one.at + DAY);
    one.content = one.content.slice();
    new DataView(one.content.buffer).setBigUint64(ORDER.expiry, BigInt(expiry.get(one.home)!));
  }
};

/** Every other payment shows the coin of the payment before it. */
const coinsShownTwice: Tamper = (sent) => {
  const last = new Map<number, Uint8Array>();
  for (const one of sent) {
    const earlier = last.get(one.home);
    if (earlier === undefined) {
      last.set(one.home, one.content);
      continue;
    }
    one.content = one.content.slice();
    one.content.set(earlier.subarray(ORDER.coin, ORDER.coinCounter), ORDER.coin);
    last.delete(one.home);
  }
};

describe("planted leaks", function () {
  this.timeout(300_000);

  it("given a leak of 0.03, then it is found, and its size is right; without it nothing is found", () => {
    const planted = attacked(halves(0.03), 300, 2);
    const { value, interval } = strongestOf(planted, "linkage", false)!;
    expect(value).to.be.within(0.018, 0.042);
    expect(interval[0]).to.be.above(0);
    expect(interval[1]).to.be.above(0.02);
    expect(missedBounds(planted).map((m) => m.measure)).to.include("linkage");
    const { interval: none } = attacked(null, 300, 2).attacks.classifier!.linkage!;
    expect(none[0]).to.be.at.most(0.005);
    expect(none[1]).to.be.below(interval[0] + 0.02);
  });

  it("given payments that expire to the second, then nearly all are linked by that field", () => {
    const { linkage } = attacked(expiryToTheSecond, 20, 2).attacks.fields!;
    expect(linkage!.value).to.be.above(0.95);
  });

  it("given coins that are shown twice, then the payments that share one are linked", () => {
    const honest = attacked(null, 20, 2).attacks.fields!;
    const { linkage } = attacked(coinsShownTwice, 20, 2).attacks.fields!;
    expect(linkage!.interval[0]).to.be.above(honest.linkage!.value);
  });
});
