import { expect } from "chai";
import { createMclBn254, shuffled } from "../../src/algebra/index.js";
import { expiryOf, type Carrier } from "../../src/exchange/index.js";
import {
  COMMON_DEADLINE,
  NEXT_MONTH,
  scheduleOf,
  startOfDay,
  type OrderBoard,
  type ResidentSettings,
} from "../../src/resident/index.js";
import {
  drawNextWindow,
  drawPayment,
  drawRetry,
  drawSettling,
  type PaymentPolicy,
} from "../../src/resident/schedule.js";
import { expectRejection } from "../support/errors.js";
import { exchange } from "../support/exchange.js";
import { meterPeriod } from "../support/settlement.js";
import {
  after,
  numbered,
  openWallet,
  PERIOD,
  runUntil,
  setClock,
  withdrawBefore,
} from "../support/wallet.js";

const DAY = 86_400;
const MANY = 4_000;
const DEFAULT = { timetable: COMMON_DEADLINE };

/** Times drawn for one token. */
function draws(draw: () => number): { least: number; most: number; mean: number } {
  const all = Array.from({ length: MANY }, draw);
  const mean = all.reduce((sum, t) => sum + t, 0) / MANY;
  return { least: Math.min(...all), most: Math.max(...all), mean };
}

/** Spread over the whole window, and its mean in the middle, to four standard errors. */
function expectUniform({ least, most, mean }: ReturnType<typeof draws>, from: number, to: number) {
  const length = to - from;
  expect(least).to.be.within(from, from + length / 100);
  expect(most).to.be.within(to - length / 100, to - 1);
  const error = (4 * length) / Math.sqrt(12 * MANY);
  expect(mean).to.be.within((from + to) / 2 - error, (from + to) / 2 + error);
}

describe("the calendar", () => {
  it("a payment expires with the last second of its month, in the last two days with the next", () => {
    const at = (iso: string): number => Date.parse(iso) / 1000;
    const cases: [string, string][] = [
      ["2027-01-01T00:00:00Z", "2027-01-31T23:59:59Z"],
      ["2027-01-29T23:59:59Z", "2027-01-31T23:59:59Z"],
      ["2027-01-30T00:00:00Z", "2027-02-28T23:59:59Z"],
      ["2027-12-31T12:00:00Z", "2028-01-31T23:59:59Z"],
      ["2028-02-27T23:59:59Z", "2028-02-29T23:59:59Z"],
      ["2028-02-28T00:00:00Z", "2028-03-31T23:59:59Z"],
    ];
    for (const [sent, expires] of cases) expect(expiryOf(at(sent))).to.equal(BigInt(at(expires)));
  });
});

describe("times of payments", () => {
  const at = startOfDay(202701, 20);
  const token = { period: 202701, at, firstSpendable: 202701 };
  const draw = (policy: PaymentPolicy, table = COMMON_DEADLINE, accrued = token) =>
    draws(() => drawPayment({ policy, timetable: table }, accrued).due);

  it("common deadline: uniform between accrual and the deadline of the next month", () => {
    const drawn = draw({ kind: "common-deadline" });
    expectUniform(drawn, at, startOfDay(202702, 11));
  });

  it("common deadline: given tokens that accrue before the opening, then all have one window, whenever they accrued", () => {
    const opening = startOfDay(202701, COMMON_DEADLINE.opening);
    expect(opening).to.be.below(at);
    for (const early of [startOfDay(202701, 1), startOfDay(202701, 9), opening - 1]) {
      const drawn = draw({ kind: "common-deadline" }, COMMON_DEADLINE, { ...token, at: early });
      expectUniform(drawn, opening, startOfDay(202702, 11));
    }
  });

  it("the public parameters of a policy have the windows that its wallets draw from", () => {
    expect(scheduleOf("common-deadline")).to.deep.equal({
      policy: "common-deadline",
      ...COMMON_DEADLINE,
    });
    expect(scheduleOf("next-month")).to.deep.equal({ policy: "next-month", ...NEXT_MONTH });
  });

  it("next month: uniform in days 2 to 11, for a token of any day of the month", () => {
    for (const day of [1, 31]) {
      const accrued = { ...token, at: startOfDay(202701, day) };
      const drawn = draw({ kind: "next-month" }, NEXT_MONTH, accrued);
      expectUniform(drawn, startOfDay(202702, 2), startOfDay(202702, 12));
    }
  });

  it("before a home's first spendable month, tokens of the common deadline wait for the next", () => {
    const drawn = draw({ kind: "common-deadline" }, COMMON_DEADLINE, {
      ...token,
      firstSpendable: 202702,
    });
    expect(drawn.least).to.be.at.least(startOfDay(202702, 2));
  });

  it("given a token that a wallet gets when the paying days have begun, then it is paid in the next month's, not in what is left", () => {
    for (const day of [2, 9, 11]) {
      const late = { ...token, at: startOfDay(202702, day) };
      const drawn = draw({ kind: "common-deadline" }, COMMON_DEADLINE, late);
      expectUniform(drawn, startOfDay(202703, 2), startOfDay(202703, 11));
    }
    const first = { ...token, at: startOfDay(202702, 2) - 1 };
    const drawn = draw({ kind: "common-deadline" }, COMMON_DEADLINE, first);
    expectUniform(drawn, first.at, startOfDay(202702, 11));
  });

  it("delayed: at accrual and up to so many days; with 0 days, at accrual", () => {
    expectUniform(draw({ kind: "delayed", days: 5 }), at, at + 5 * DAY);
    const now = draw({ kind: "delayed", days: 0 });
    expect(now).to.deep.equal({ least: at, most: at, mean: at });
  });

  it("a missed time is drawn in the next month's paying days, not in what is left of this", () => {
    const now = startOfDay(202702, 5);
    const drawn = draws(() => drawNextWindow(DEFAULT, 202702, now).due);
    expectUniform(drawn, startOfDay(202703, 2), startOfDay(202703, 11));
    expect(drawNextWindow(DEFAULT, 202702, now).month).to.equal(202703);
    // After months away: the next that is still to come.
    const late = drawNextWindow(DEFAULT, 202702, startOfDay(202706, 20));
    expect(late.month).to.equal(202707);
  });

  it("an order without an answer is sent again before the day of posting, and posted on it", () => {
    const before = startOfDay(202702, 9);
    expectUniform(
      draws(() => drawRetry(DEFAULT, 202702, before).due),
      before + 3_600,
      startOfDay(202702, 12),
    );
    const last = startOfDay(202702, 12) - 1;
    expect(drawRetry(DEFAULT, 202702, last).due).to.be.greaterThan(last);
    const later = drawRetry(DEFAULT, 202702, startOfDay(202702, 14));
    expect(later.month).to.equal(202703);
    expect(later.due).to.be.within(startOfDay(202703, 12), startOfDay(202703, 13) - 1);
  });

  it("bills are settled at a uniform time in days 13 to 20", () => {
    expectUniform(
      draws(() => drawSettling(DEFAULT, 202702)),
      startOfDay(202702, 13),
      startOfDay(202702, 21),
    );
  });

  it("the order is shuffled to a permutation, not always the same", () => {
    const items = Array.from({ length: 20 }, (_, i) => i);
    expect(shuffled(items).toSorted((a, b) => a - b)).to.deep.equal(items);
    expect(new Set(Array.from({ length: 5 }, () => shuffled(items).join())).size).to.be.above(1);
  });
});

describe("a careless wallet", () => {
  const parts = [100, 10, 1, 1];
  async function paid(changes: Partial<ResidentSettings>) {
    const x = exchange(await createMclBn254());
    const times: number[] = [];
    const w = openWallet(x, changes);
    await withdrawBefore({ exchange: x, wallet: w, basket: parts });
    setClock(x, after(PERIOD));
    const period = meterPeriod(x.world, parts, { period: PERIOD });
    const [first, ...others] = numbered(period.generated.map((g) => g.token));
    await w.resident.accept(PERIOD, [first!]);
    await w.resident.accept(PERIOD, others);
    const carrier: Carrier = (request) => {
      times.push(Number(x.clock.now));
      return x.carrier(request);
    };
    await runUntil(x, w, { carrier });
    expect(times).to.have.length(parts.length);
    return { times, settleAt: await w.resident.settlingTime(PERIOD) };
  }

  it("at once: given tokens in two parts, then all are paid at one time", async () => {
    const { times } = await paid({ policy: { kind: "at-once" } });
    expect(new Set(times).size).to.equal(1);
  });

  it("settling after the last payment: the bill's time is within an hour of it", async () => {
    const { times, settleAt } = await paid({ settlesAfterLast: true });
    expect(settleAt - Math.max(...times)).to.be.within(1, 3_600);
  });
});

describe("a wallet that was off", () => {
  it("given tokens whose times passed, when it comes back, then they are drawn in the next window and the bill settles after it", async () => {
    const x = exchange(await createMclBn254());
    const w = openWallet(x);
    await withdrawBefore({ exchange: x, wallet: w, basket: [100, 10, 1] });
    setClock(x, after(PERIOD));
    const period = meterPeriod(x.world, [100, 10, 1], { period: PERIOD });
    await w.resident.accept(PERIOD, numbered(period.generated.map((g) => g.token)));
    // Off for the whole window, and back on the 11th.
    setClock(x, startOfDay(202702, 11) + 7_200);
    expect(await w.resident.step(x.carrier)).to.include({ missed: 3, sent: 0 });
    expect(await w.resident.nextDue()).to.be.at.least(startOfDay(202703, 1));
    const report = await runUntil(x, w, { until: startOfDay(202703, 12) });
    expect(report).to.include({ sent: 3, receipts: 3 });
    expect(await w.resident.settlingTime(PERIOD)).to.be.at.least(startOfDay(202703, 13));
  });

  it("given a period without tokens, when its bill is to be settled, then its time is in the settling days that its tokens would have had", async () => {
    const x = exchange(await createMclBn254());
    const w = openWallet(x);
    setClock(x, after(PERIOD));
    const settleAt = await w.resident.settlingTime(PERIOD);
    expect(settleAt).to.be.within(startOfDay(202702, 13), startOfDay(202702, 21) - 1);
    expect(await w.resident.settlingTime(PERIOD)).to.equal(settleAt);
    const none: OrderBoard = { post: () => Promise.resolve(), posts: () => Promise.resolve([]) };
    await expectRejection(w.resident.checkMaySettle(PERIOD, none), "resident/not-yet");
    setClock(x, settleAt);
    await w.resident.checkMaySettle(PERIOD, none);
  });
});
