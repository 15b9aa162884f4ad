import { expect } from "chai";
import {
  Account,
  estimateGaps,
  LONGEST_ESTIMATE_MS,
  parseAccount,
  type AccountState,
  type ItemisedBill,
} from "../../src/billing/index.js";
import {
  exact,
  exactText,
  generateHomes,
  IntervalSeries,
  MONEY_DENOMINATOR,
  type Home,
  type Interval,
} from "../../src/readings/index.js";
import { rate, readTariff, type Tariff } from "../../src/tariff/index.js";
import { refusal } from "../support/errors.js";

const hour = 3_600_000;
const day = 24 * hour;

function home(intervals: readonly Interval[], timeZone = "UTC"): Home {
  const series = IntervalSeries.of(timeZone, intervals);
  const exported = IntervalSeries.of(timeZone, []);
  return {
    id: "h",
    commodity: "electricity",
    timeZone,
    intervals: series,
    exported,
    gaps: series.gaps(),
  };
}

/** Hours of `wattHours(i)` from an instant; `undefined` leaves a gap. */
function hours(
  from: number,
  count: number,
  wattHours: (i: number) => number | undefined,
  quality: Interval["quality"] = "actual",
): Interval[] {
  return Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const energy = wattHours(i);
    return energy === undefined
      ? []
      : [{ start: from + i * hour, seconds: 3600, wattHours: energy, quality }];
  });
}

const may = Date.UTC(2024, 4, 1);
const june = Date.UTC(2024, 5, 1);
const july = Date.UTC(2024, 6, 1);
const mayHours = 31 * 24;

let flat: Tariff;
let daily: Tariff;
before(async () => {
  const tariff = (components: unknown[]): Promise<Tariff> =>
    readTariff({
      name: "t.json",
      bytes: JSON.stringify({ format: "sipster/tariff@1", name: "t", currency: "EUR", components }),
    });
  // 0.1 cent for a watt-hour.
  flat = await tariff([{ kind: "flat", name: "Energy", price: "1" }]);
  daily = await tariff([
    { kind: "flat", name: "Energy", price: "0.123" },
    { kind: "standing", name: "Daily", price: "0.2511" },
    { kind: "flat", name: "Feed-in", direction: "export", price: "0.5" },
  ]);
});

describe("estimates", () => {
  it("take the mean of the same hour one to four weeks before and after", () => {
    const gap = 10 * 24 + 5;
    const series = home(
      hours(may, mayHours, (i) =>
        i === gap ? undefined : i % 24 === 5 ? 100 + Math.floor(i / 24) : 7,
      ),
    ).intervals;
    const { estimates, left, series: whole } = estimateGaps(series, may, june);
    // Day 10 has days a week before, and one and two weeks after; three weeks after, May is over.
    const days = [3, 17, 24];
    const mean = Math.floor(days.reduce((sum, d) => sum + 100 + d, 0) / days.length);
    expect(estimates).to.deep.equal([
      { start: may + gap * hour, seconds: 3600, wattHours: mean, quality: "estimated" },
    ]);
    expect(left).to.deep.equal([]);
    expect(whole.gaps()).to.deep.equal([]);
    expect(whole.length).to.equal(mayHours);
  });

  it("take the mean of all around where no such hour is known", () => {
    const series = home(
      hours(may, 48, (i) => (i >= 20 && i < 23 ? undefined : 10 * (i % 2))),
    ).intervals;
    const { estimates } = estimateGaps(series, may, june);
    expect(estimates.map((e) => e.wattHours)).to.deep.equal([5, 5, 5]);
  });

  it("given readings more than four weeks away, then they are no part of the mean", () => {
    const gap = may + 40 * day;
    const one = (start: number, wattHours: number): Interval => ({
      ...{ start, seconds: 3600, wattHours, quality: "actual" },
    });
    // No reading is at the gap's own clock time: half a day lies between.
    const near = [one(gap - 27.5 * day, 40), one(gap - hour, 10), one(gap + hour, 10)];
    const far = [one(gap - 28.5 * day, 9000), one(gap + hour + 28.5 * day, 9000)];
    for (const all of [near, [far[0]!, ...near], [...near, far[1]!]]) {
      const { estimates } = estimateGaps(home(all).intervals, gap, gap + hour);
      expect(estimates.map((e) => e.wattHours)).to.deep.equal([20]);
    }
  });

  it("fill a gap that ends within a step with a shorter step", () => {
    const odd: Interval = {
      start: may + 3.5 * hour,
      seconds: 1800,
      wattHours: 60,
      quality: "actual",
    };
    const series = home([...hours(may, 2, () => 60), odd]).intervals;
    const { estimates } = estimateGaps(series, may, june);
    expect(estimates.map((e) => [e.seconds, e.wattHours])).to.deep.equal([
      [3600, 60],
      [1800, 30],
    ]);
  });

  it("leave gaps of more than fourteen days, and what lies before and after all readings", () => {
    const long = LONGEST_ESTIMATE_MS / hour + 1;
    const series = home(
      hours(may + 5 * day, 400, (i) => (i >= 10 && i < 10 + long ? undefined : 1)),
    ).intervals;
    const { estimates, left } = estimateGaps(series, may, june);
    expect(estimates).to.deep.equal([]);
    expect(left).to.deep.equal([
      { from: may + 5 * day + 10 * hour, to: may + 5 * day + (10 + long) * hour },
    ]);
  });

  it("compare hours by the clock, across a change of clocks", () => {
    const start = Date.UTC(2024, 9, 20, 22);
    const zone = "Europe/Amsterdam";
    const twelve = (at: number): boolean =>
      new Date(at).toLocaleTimeString("en-GB", { timeZone: zone }).startsWith("12");
    const all = hours(start, 14 * 24, () => 1).map((i) =>
      twelve(i.start) ? { ...i, wattHours: 500 } : i,
    );
    const noon = all.filter((i) => i.wattHours === 500)[9]!;
    const { estimates } = estimateGaps(
      home(
        all.filter((i) => i !== noon),
        zone,
      ).intervals,
      start,
      start + 20 * day,
    );
    expect(estimates.map((e) => e.wattHours)).to.deep.equal([500]);
  });
});

describe("an account", () => {
  it("rounds once: what is left of each bill is in the next, and nothing is lost", () => {
    const whole = generateHomes({ homes: 1, period: ["2024-01", "2024-06"], seed: 11 }).homes[0]!;
    const account = new Account();
    let due = 0n;
    const bills: ItemisedBill[] = [];
    for (const month of ["01", "02", "03", "04", "05", "06"]) {
      bills.push(account.close(whole, `2024-${month}`, daily));
      due += BigInt(bills.at(-1)!.due);
    }
    const all = rate(whole.intervals, daily);
    expect(due * MONEY_DENOMINATOR + BigInt(account.state!.balance)).to.equal(all.numerator);
    bills.slice(1).forEach((b, i) => expect(b.carriedIn).to.equal(bills[i]!.carriedOut));
    expect(bills.every((b) => b.carriedOut.startsWith("0.00"))).to.equal(true);
  });

  it("carries a credit until it is used up", () => {
    const sun: Home = {
      ...home(hours(may, mayHours + 30 * 24, () => 100)),
      exported: IntervalSeries.of(
        "UTC",
        hours(may, mayHours, () => 60),
      ),
    };
    const account = new Account();
    const first = account.close(sun, "2024-05", daily);
    expect(first.total.startsWith("-")).to.equal(true);
    expect(first.due).to.equal("0");
    expect(first.carriedOut).to.equal(first.total);
    const second = account.close(sun, "2024-06", daily);
    expect(second.carriedIn).to.equal(first.total);
    const net = rate(sun.intervals, daily, { exported: sun.exported });
    expect(second.total).to.equal(exactText(net, 2));
  });

  it("replaces estimates by readings, and carries the difference into the next bill", () => {
    const gap = (i: number): number | undefined => (i >= 100 && i < 110 ? undefined : 1000);
    const known = home([...hours(may, mayHours, gap), ...hours(june, 24, () => 1000)]);
    const account = new Account();
    const first = account.close(known, "2024-05", flat);
    expect(first.readings.estimated.intervals).to.equal(10);
    expect(first.due).to.equal(String(mayHours * 100));
    // The readings arrive: 1,200 Wh where 1,000 were estimated.
    const later = home(hours(may, mayHours + 30 * 24, (i) => (i >= 100 && i < 110 ? 1200 : 1000)));
    const second = account.close(later, "2024-06", flat);
    expect(second.corrections).to.deep.equal([
      { period: "2024-05", billedEnergy: "744", energy: "746", amount: "2.00" },
    ]);
    expect(second.due).to.equal(String(30 * 24 * 100 + 200));
    // Nothing is corrected twice.
    const third = account.close(
      home([...later.intervals, ...hours(july, 24, () => 1000)]),
      "2024-07",
      flat,
    );
    expect(third.corrections).to.deep.equal([]);
  });

  it("an estimate stands while readings around it change what would be estimated today", () => {
    const gap = (i: number): number | undefined => (i === 100 ? undefined : 1000);
    const account = new Account();
    account.close(
      home([...hours(may, mayHours, gap), ...hours(june, 1, () => 0)]),
      "2024-05",
      flat,
    );
    const next = home([...hours(may, mayHours, gap), ...hours(june, 30 * 24, () => 9000)]);
    expect(account.close(next, "2024-06", flat).corrections).to.deep.equal([]);
  });

  it("a gap at the end of a month is estimated and billed once readings follow it", () => {
    const account = new Account();
    const first = account.close(home(hours(may, mayHours - 5, () => 1000)), "2024-05", flat);
    expect(first.due).to.equal(String((mayHours - 5) * 100));
    const rest = home([
      ...hours(may, mayHours - 5, () => 1000),
      ...hours(june, 30 * 24, () => 1000),
    ]);
    const second = account.close(rest, "2024-06", flat);
    expect(second.corrections.map((c) => c.amount)).to.deep.equal(["5.00"]);
  });

  it("a late correction lowers a bill as well, even below nothing", () => {
    const account = new Account();
    account.close(home(hours(may, mayHours, () => 5000, "estimated")), "2024-05", flat);
    const read = home([...hours(may, mayHours, () => 1000), ...hours(june, 24, () => 1000)]);
    const bill = account.close(read, "2024-06", flat);
    expect(bill.corrections[0]!.amount).to.equal(`-${mayHours * 4}.00`);
    expect(bill.due).to.equal("0");
  });

  it("a correction of one month moves the blocks of the months after it", async () => {
    const blocks = await readTariff({
      name: "b.json",
      bytes: JSON.stringify({
        format: "sipster/tariff@1",
        name: "b",
        currency: "EUR",
        components: [
          {
            kind: "blocks",
            name: "Energy",
            per: "quarter",
            blocks: [
              { name: "low", price: "1", upTo: "10" },
              { name: "high", price: "2" },
            ],
          },
        ],
      }),
    });
    const account = new Account();
    const aprilStart = Date.UTC(2024, 3, 1);
    const one = (wh: number): Interval[] => hours(aprilStart, 1, () => wh);
    const mayOne = hours(may, 1, () => 4000);
    account.close(home(one(4000)), "2024-04", blocks);
    account.close(home([...one(4000), ...mayOne]), "2024-05", blocks);
    const third = account.close(
      home([...one(8000), ...mayOne, ...hours(june, 1, () => 0)]),
      "2024-06",
      blocks,
    );
    // April: 4 kWh more at 1; May: 2 of its 4 kWh now at 2.
    expect(third.corrections.map((c) => [c.period, c.amount])).to.deep.equal([
      ["2024-04", "4.00"],
      ["2024-05", "2.00"],
    ]);
  });

  it("a meter exchanged in the middle of a month leaves one bill, with its gap estimated", () => {
    const old = hours(may, 300, () => 1000);
    const fresh = hours(may + 303 * hour, mayHours - 303, () => 1000);
    const bill = new Account().close(home([...old, ...fresh]), "2024-05", flat);
    expect(bill.readings.estimated).to.deep.equal({ intervals: 3, energy: "3" });
    expect(bill.due).to.equal(String(mayHours * 100));
  });

  it("moving in and out: standing charges and energy of the days between only", () => {
    const all = home(hours(may, mayHours, () => 1000));
    const [movedIn, movedOut] = [may + 9 * day + 12 * hour, may + 20 * day];
    const bill = new Account().close(all, "2024-05", daily, { movedIn, movedOut });
    const days = bill.lines.find((l) => l.kind === "standing")!;
    expect(days.quantity).to.equal("11");
    expect(bill.readings.actual.energy).to.equal(String(10.5 * 24));
    expect([bill.from, bill.to]).to.deep.equal(["2024-05-10T12:00:00Z", "2024-05-21T00:00:00Z"]);
  });

  it("refuses a month before one that is billed, another home, and a correction without its tariff", async () => {
    const account = new Account();
    const all = home(hours(may, mayHours + 30 * 24, () => 1));
    account.close(all, "2024-05", flat);
    const early = await refusal(() => account.close(all, "2024-04", flat));
    expect(early.code).to.equal("billing/period-closed");
    const other = await refusal(() => account.close({ ...all, id: "other" }, "2024-06", flat));
    expect(other.code).to.equal("billing/wrong-account");
    // Nothing changed in May: its tariff is not needed.
    expect(new Account(account.state).close(all, "2024-06", daily).corrections).to.deep.equal([]);
    const changed = home(hours(may, mayHours + 30 * 24, () => 2));
    const missing = await refusal(() => account.close(changed, "2024-06", daily));
    expect(missing.code).to.equal("billing/earlier-tariff");
    const bill = account.close(changed, "2024-06", daily, { earlierTariffs: [flat] });
    expect(bill.corrections.map((c) => c.amount)).to.deep.equal(["0.744"]);
  });

  it("given closed months with corrections and credits, then each bill is made again, and the account stays", async () => {
    const gap = (i: number): number | undefined => (i >= 100 && i < 110 ? undefined : 1003);
    const first = home([...hours(may, mayHours, gap), ...hours(june, 24, () => 1000)]);
    const later = home(hours(may, mayHours + 61 * 24, (i) => (i >= 100 && i < 110 ? 1207 : 1003)));
    const account = new Account();
    const mayBill = account.close(first, "2024-05", daily);
    const afterMay = account.state;
    expect(account.close(first, "2024-05", daily)).to.deep.equal(mayBill);
    expect(account.state).to.equal(afterMay);
    const juneBill = account.close(later, "2024-06", daily);
    const julyBill = account.close(later, "2024-07", daily);
    expect(juneBill.corrections.length).to.equal(1);
    const kept = new Account(parseAccount(JSON.stringify(account.state), "a.json"));
    const state = kept.state;
    expect(JSON.stringify(kept.close(later, "2024-07", daily))).to.equal(JSON.stringify(julyBill));
    expect(JSON.stringify(kept.close(later, "2024-06", daily))).to.equal(JSON.stringify(juneBill));
    // The readings of the first bill make it again, though the account has corrected it since.
    expect(JSON.stringify(kept.close(first, "2024-05", daily))).to.equal(JSON.stringify(mayBill));
    expect(kept.state).to.equal(state);
  });

  it("given an estimate and readings that came after its bill, then the bill is made again with that estimate", () => {
    const gap = (i: number): number | undefined => (i === 100 ? undefined : 1000);
    const account = new Account();
    const early = home([...hours(may, mayHours, gap), ...hours(june, 1, () => 0)]);
    const bill = account.close(early, "2024-05", flat);
    const grown = home([...hours(may, mayHours, gap), ...hours(june, 30 * 24, () => 9000)]);
    expect(account.close(grown, "2024-05", flat)).to.deep.equal(bill);
  });

  it("given other readings or another tariff for a closed month, then no second bill is made", async () => {
    const account = new Account();
    const all = home(hours(may, mayHours + 30 * 24, () => 1));
    account.close(all, "2024-05", flat);
    account.close(all, "2024-06", flat);
    const state = account.state;
    const changed = home(hours(may, mayHours + 30 * 24, (i) => (i === 0 ? 2 : 1)));
    for (const [supply, period, tariff] of [
      [changed, "2024-05", flat],
      [all, "2024-05", daily],
      // Its own readings are the same, but May's would be corrected.
      [changed, "2024-06", flat],
    ] as const) {
      const error = await refusal(() => account.close(supply, period, tariff));
      expect(error.code).to.equal("billing/period-closed");
      expect(error.message).to.include("make another");
      expect(account.state).to.equal(state);
    }
  });

  it("given a gap across the end of a month, then each month keeps its own estimates only", () => {
    const account = new Account();
    const gap = (i: number): number | undefined =>
      i >= mayHours - 2 && i < mayHours + 3 ? undefined : 1000;
    const all = home(hours(may, mayHours + 30 * 24, gap));
    account.close(all, "2024-05", flat);
    account.close(all, "2024-06", flat);
    expect(account.state!.periods.map((p) => p.estimates.map(([start]) => start))).to.deep.equal([
      [june - 2 * hour, june - hour],
      [june, june + hour, june + 2 * hour],
    ]);
  });

  it("does not move on when a bill fails", async () => {
    const account = new Account();
    account.close(home(hours(may, mayHours, () => 1)), "2024-05", flat);
    const before = account.state;
    const prices = await readTariff({
      name: "p.csv",
      bytes: "time,eur_per_kwh\n2024-05-01 00:00,1\n2024-05-01 01:00,1\n",
    });
    const all = home(hours(may, mayHours + 30 * 24, () => 1));
    await refusal(() => account.close(all, "2024-06", prices, { earlierTariffs: [flat] }));
    expect(account.state).to.equal(before);
  });
});

describe("the file of an account", () => {
  it("is read back as it was", () => {
    const account = new Account();
    account.close(home(hours(may, mayHours, (i) => (i === 50 ? undefined : 7))), "2024-05", daily);
    const text = JSON.stringify(account.state);
    expect(parseAccount(text, "a.json")).to.deep.equal(account.state);
  });

  it("is refused when anything in it is broken", async () => {
    const good: AccountState = {
      format: "sipster/account@1",
      home: "h",
      commodity: "gas",
      timeZone: "Europe/London",
      periods: [],
      bills: [],
      balance: "-1",
    };
    const bill = { period: "2024-05", carriedIn: "0", before: [] };
    const period = {
      period: "2024-05",
      tariffHash: `0x${"0".repeat(64)}`,
      readingsHash: `0x${"0".repeat(64)}`,
      wattHours: "1",
      charged: "1",
      estimates: [[1, 2, 3]],
    };
    expect(
      parseAccount(JSON.stringify({ ...good, periods: [period], bills: [bill] }), "a.json").periods
        .length,
    ).to.equal(1);
    const broken: unknown[] = [
      7,
      null,
      { ...good, format: "other" },
      { ...good, home: 1 },
      { ...good, timeZone: 1 },
      { ...good, timeZone: "Mars" },
      { ...good, balance: "1.5" },
      { ...good, balance: 1 },
      { ...good, periods: {} },
      { ...good, periods: [period, period], bills: [bill, bill] },
      { ...good, periods: [{ ...period, charged: "x" }], bills: [bill] },
      { ...good, periods: [{ ...period, estimates: [[1, 2]] }], bills: [bill] },
      { ...good, periods: [{ ...period, estimates: [[1, 2, 0.5]] }], bills: [bill] },
      { ...good, periods: [period] },
      { ...good, periods: [period], bills: [{ ...bill, period: "2024-06" }] },
      { ...good, periods: [period], bills: [{ ...bill, carriedIn: 0 }] },
      { ...good, periods: [period], bills: [{ ...bill, before: [{}] }] },
    ];
    for (const document of broken) {
      const error = await refusal(() => parseAccount(JSON.stringify(document), "a.json"));
      expect(error.code).to.equal("billing/bad-account");
    }
    expect((await refusal(() => parseAccount("{", "a.json"))).code).to.equal("billing/bad-account");
  });
});

describe("exact amounts as text", () => {
  it("keep every decimal, and at least those of the minor unit", () => {
    const unit = MONEY_DENOMINATOR;
    expect(exactText(exact(unit), 2)).to.equal("0.01");
    expect(exactText(exact(-unit), 2)).to.equal("-0.01");
    expect(exactText(exact(1n), 2)).to.equal(`0.${"0".repeat(16)}1`);
    expect(exactText(exact(100n * unit), 2)).to.equal("1.00");
    expect(exactText(exact(7n * unit), 0)).to.equal("7");
    expect(exactText(exact(unit / 2n), 0)).to.equal("0.5");
  });
});
