/** Earlier months of an account, rated again when better readings or those of a gap come. */
import { expect } from "chai";
import { Account } from "../../src/billing/index.js";
import type { Interval } from "../../src/readings/index.js";
import type { Tariff } from "../../src/tariff/index.js";
import { refusal } from "../support/errors.js";
import { flat, home, hours, july, june, may, mayHours, tariffOf } from "./support/home.js";

/** The first 10 kWh of a quarter at a price, the rest at twice that. */
function quarterBlocks(price: "1" | "3"): Promise<Tariff> {
  const blocks = [
    { name: "low", price, upTo: "10" },
    { name: "high", price: String(2 * Number(price)) },
  ];
  return tariffOf([{ kind: "blocks", name: "Energy", per: "quarter", blocks }]);
}

describe("corrections of an account", () => {
  it("replaces estimates by readings, and carries the difference into the next bill", () => {
    const gap = (i: number): number | undefined => (i >= 100 && i < 110 ? undefined : 1000);
    const known = home([
      ...hours({ from: may, count: mayHours, wattHours: gap }),
      ...hours({ from: june, count: 24, wattHours: () => 1000 }),
    ]);
    const account = new Account();
    const first = account.close({ supply: known, period: "2024-05", tariff: flat });
    expect(first.readings.estimated.intervals).to.equal(10);
    expect(first.due).to.equal(String(mayHours * 100));
    // The readings arrive: 1,200 Wh where 1,000 were estimated.
    const later = home(
      hours({
        from: may,
        count: mayHours + 30 * 24,
        wattHours: (i) => (i >= 100 && i < 110 ? 1200 : 1000),
      }),
    );
    const second = account.close({ supply: later, period: "2024-06", tariff: flat });
    expect(second.corrections).to.deep.equal([
      { period: "2024-05", billedEnergy: "744", energy: "746", amount: "2.00" },
    ]);
    expect(second.due).to.equal(String(30 * 24 * 100 + 200));
    // Nothing is corrected twice.
    const third = account.close({
      supply: home([
        ...later.intervals,
        ...hours({ from: july, count: 24, wattHours: () => 1000 }),
      ]),
      period: "2024-07",
      tariff: flat,
    });
    expect(third.corrections).to.deep.equal([]);
  });

  it("an estimate stands while readings around it change what would be estimated today", () => {
    const gap = (i: number): number | undefined => (i === 100 ? undefined : 1000);
    const account = new Account();
    account.close({
      supply: home([
        ...hours({ from: may, count: mayHours, wattHours: gap }),
        ...hours({ from: june, count: 1, wattHours: () => 0 }),
      ]),
      period: "2024-05",
      tariff: flat,
    });
    const next = home([
      ...hours({ from: may, count: mayHours, wattHours: gap }),
      ...hours({ from: june, count: 30 * 24, wattHours: () => 9000 }),
    ]);
    expect(
      account.close({ supply: next, period: "2024-06", tariff: flat }).corrections,
    ).to.deep.equal([]);
  });

  it("a gap at the end of a month is estimated and billed once readings follow it", () => {
    const account = new Account();
    const first = account.close({
      supply: home(hours({ from: may, count: mayHours - 5, wattHours: () => 1000 })),
      period: "2024-05",
      tariff: flat,
    });
    expect(first.due).to.equal(String((mayHours - 5) * 100));
    const rest = home([
      ...hours({ from: may, count: mayHours - 5, wattHours: () => 1000 }),
      ...hours({ from: june, count: 30 * 24, wattHours: () => 1000 }),
    ]);
    const second = account.close({ supply: rest, period: "2024-06", tariff: flat });
    expect(second.corrections.map((c) => c.amount)).to.deep.equal(["5.00"]);
  });

  it("a late correction lowers a bill as well, even below nothing", () => {
    const account = new Account();
    account.close({
      supply: home(
        hours({ from: may, count: mayHours, wattHours: () => 5000, quality: "estimated" }),
      ),
      period: "2024-05",
      tariff: flat,
    });
    const read = home([
      ...hours({ from: may, count: mayHours, wattHours: () => 1000 }),
      ...hours({ from: june, count: 24, wattHours: () => 1000 }),
    ]);
    const bill = account.close({ supply: read, period: "2024-06", tariff: flat });
    expect(bill.corrections[0]!.amount).to.equal(`-${mayHours * 4}.00`);
    expect(bill.due).to.equal("0");
  });

  it("a correction of one month moves the blocks of the months after it", async () => {
    const blocks = await quarterBlocks("1");
    const account = new Account();
    const aprilStart = Date.UTC(2024, 3, 1);
    const one = (wh: number): Interval[] =>
      hours({ from: aprilStart, count: 1, wattHours: () => wh });
    const mayOne = hours({ from: may, count: 1, wattHours: () => 4000 });
    account.close({ supply: home(one(4000)), period: "2024-04", tariff: blocks });
    account.close({ supply: home([...one(4000), ...mayOne]), period: "2024-05", tariff: blocks });
    const third = account.close({
      supply: home([
        ...one(8000),
        ...mayOne,
        ...hours({ from: june, count: 1, wattHours: () => 0 }),
      ]),
      period: "2024-06",
      tariff: blocks,
    });
    // April: 4 kWh more at 1; May: 2 of its 4 kWh now at 2.
    expect(third.corrections.map((c) => [c.period, c.amount])).to.deep.equal([
      ["2024-04", "4.00"],
      ["2024-05", "2.00"],
    ]);
  });

  it("given a month with estimates, then the blocks of later months count them, under any tariff", async () => {
    const [before, after] = [await quarterBlocks("1"), await quarterBlocks("3")];
    // Eight hours of 1 kWh in April, three of them missing; then a change of tariff, and 4 kWh in May.
    const april = Date.UTC(2024, 3, 1);
    const gap = (i: number): number | undefined => (i >= 3 && i < 6 ? undefined : 1000);
    const known = (missing: (i: number) => number | undefined): ReturnType<typeof home> =>
      home([
        ...hours({ from: april, count: 8, wattHours: missing }),
        ...hours({ from: may, count: 4, wattHours: () => 1000 }),
        ...hours({ from: june, count: 1, wattHours: () => 0 }),
      ]);
    const account = new Account();
    expect(account.close({ supply: known(gap), period: "2024-04", tariff: before }).gross).to.equal(
      "8.00",
    );
    const bill = account.close({
      supply: known(gap),
      period: "2024-05",
      tariff: after,
      earlierTariffs: [before],
    });
    expect(bill.corrections).to.deep.equal([]);
    // 8 kWh were used before, so 2 of the 4 are in the first block: 2 × 3 + 2 × 6.
    expect(bill.gross).to.equal("18.00");

    // The readings of the gap come: 2 kWh each where 1 was estimated, so April fills the first block.
    const read = known((i) => (i >= 3 && i < 6 ? 2000 : 1000));
    const june0 = new Account(account.state);
    const without = await refusal(() =>
      june0.close({ supply: read, period: "2024-06", tariff: after }),
    );
    expect(without.code).to.equal("billing/earlier-tariff");
    expect(without.cure).to.include("--earlier-tariff");
    const third = account.close({
      supply: read,
      period: "2024-06",
      tariff: after,
      earlierTariffs: [before],
    });
    // April: 2 kWh more at 1 and 1 at 2. May: its 2 kWh of the first block at 6 in place of 3.
    expect(third.corrections.map((c) => [c.period, c.amount])).to.deep.equal([
      ["2024-04", "4.00"],
      ["2024-05", "6.00"],
    ]);
  });

  it("given estimates of a month before, when a later month is corrected, then its blocks count them still", async () => {
    const blocks = await quarterBlocks("1");
    const april = Date.UTC(2024, 3, 1);
    const gap = (i: number): number | undefined => (i >= 3 && i < 6 ? undefined : 1000);
    const known = (ofMay: number): ReturnType<typeof home> =>
      home([
        ...hours({ from: april, count: 8, wattHours: gap }),
        ...hours({ from: may, count: 4, wattHours: () => ofMay }),
        ...hours({ from: june, count: 1, wattHours: () => 0 }),
      ]);
    const account = new Account();
    expect(
      account.close({ supply: known(1000), period: "2024-04", tariff: blocks }).gross,
    ).to.equal("8.00");
    expect(
      account.close({ supply: known(1000), period: "2024-05", tariff: blocks }).gross,
    ).to.equal("6.00");
    // May becomes 8 kWh: 2 of them in the first block, since April had 5 that were read and 3 estimated.
    const bill = account.close({ supply: known(2000), period: "2024-06", tariff: blocks });
    expect(bill.corrections.map((c) => [c.period, c.amount])).to.deep.equal([["2024-05", "8.00"]]);
  });

  it("given one reading of a gap of three, when the month is corrected, then the other two estimates stand", () => {
    const gap = (i: number): number | undefined => (i >= 100 && i < 103 ? undefined : 1000);
    const account = new Account();
    const first = account.close({
      supply: home([
        ...hours({ from: may, count: mayHours, wattHours: gap }),
        ...hours({ from: june, count: 1, wattHours: () => 0 }),
      ]),
      period: "2024-05",
      tariff: flat,
    });
    expect(first.readings.estimated.intervals).to.equal(3);
    // June is nine times May: what would be estimated today is more than what was billed.
    const later = home([
      ...hours({ from: may, count: mayHours, wattHours: (i) => (i === 101 ? 4000 : gap(i)) }),
      ...hours({ from: june, count: 30 * 24, wattHours: () => 9000 }),
    ]);
    const second = account.close({ supply: later, period: "2024-06", tariff: flat });
    expect(second.corrections.map((c) => c.amount)).to.deep.equal(["3.00"]);
    const all = home([
      ...later.intervals,
      ...hours({ from: july, count: 24, wattHours: () => 1000 }),
    ]);
    expect(
      account.close({ supply: all, period: "2024-07", tariff: flat }).corrections,
    ).to.deep.equal([]);
  });
});
