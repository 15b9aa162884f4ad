/** Month after month of one supply: what is carried over, and which bills are refused or made again. */
import { expect } from "chai";
import { Account, parseAccount, type ItemisedBill } from "../../src/billing/index.js";
import {
  exactText,
  generateHomes,
  IntervalSeries,
  MONEY_DENOMINATOR,
  type Home,
} from "../../src/readings/index.js";
import { rate, readTariff } from "../../src/tariff/index.js";
import { refusal } from "../support/errors.js";
import { daily, day, flat, home, hour, hours, june, may, mayHours } from "./support/home.js";

describe("an account", () => {
  it("rounds once: what is left of each bill is in the next, and nothing is lost", () => {
    const whole = generateHomes({ homes: 1, period: ["2024-01", "2024-06"], seed: 11 }).homes[0]!;
    const account = new Account();
    let due = 0n;
    const bills: ItemisedBill[] = [];
    for (const month of ["01", "02", "03", "04", "05", "06"]) {
      bills.push(account.close({ supply: whole, period: `2024-${month}`, tariff: daily }));
      due += BigInt(bills.at(-1)!.due);
    }
    const all = rate(whole.intervals, daily);
    expect(due * MONEY_DENOMINATOR + BigInt(account.state!.balance)).to.equal(all.numerator);
    bills.slice(1).forEach((b, i) => expect(b.carriedIn).to.equal(bills[i]!.carriedOut));
    expect(bills.every((b) => b.carriedOut.startsWith("0.00"))).to.equal(true);
  });

  it("carries a credit until it is used up", () => {
    const sun: Home = {
      ...home(hours({ from: may, count: mayHours + 30 * 24, wattHours: () => 100 })),
      exported: IntervalSeries.of(
        "UTC",
        hours({ from: may, count: mayHours, wattHours: () => 60 }),
      ),
    };
    const account = new Account();
    const first = account.close({ supply: sun, period: "2024-05", tariff: daily });
    expect(first.total.startsWith("-")).to.equal(true);
    expect(first.due).to.equal("0");
    expect(first.carriedOut).to.equal(first.total);
    const second = account.close({ supply: sun, period: "2024-06", tariff: daily });
    expect(second.carriedIn).to.equal(first.total);
    const net = rate(sun.intervals, daily, { exported: sun.exported });
    expect(second.total).to.equal(exactText(net, 2));
  });

  it("a meter exchanged in the middle of a month leaves one bill, with its gap estimated", () => {
    const old = hours({ from: may, count: 300, wattHours: () => 1000 });
    const fresh = hours({ from: may + 303 * hour, count: mayHours - 303, wattHours: () => 1000 });
    const bill = new Account().close({
      supply: home([...old, ...fresh]),
      period: "2024-05",
      tariff: flat,
    });
    expect(bill.readings.estimated).to.deep.equal({ intervals: 3, energy: "3" });
    expect(bill.due).to.equal(String(mayHours * 100));
  });

  it("moving in and out: standing charges and energy of the days between only", () => {
    const all = home(hours({ from: may, count: mayHours, wattHours: () => 1000 }));
    const [movedIn, movedOut] = [may + 9 * day + 12 * hour, may + 20 * day];
    const bill = new Account().close({
      supply: all,
      period: "2024-05",
      tariff: daily,
      movedIn,
      movedOut,
    });
    const days = bill.lines.find((l) => l.kind === "standing")!;
    expect(days.quantity).to.equal("11");
    expect(bill.readings.actual.energy).to.equal(String(10.5 * 24));
    expect([bill.from, bill.to]).to.deep.equal(["2024-05-10T12:00:00Z", "2024-05-21T00:00:00Z"]);
  });

  it("refuses a month before one that is billed, another home, and a correction without its tariff", async () => {
    const account = new Account();
    const all = home(hours({ from: may, count: mayHours + 30 * 24, wattHours: () => 1 }));
    account.close({ supply: all, period: "2024-05", tariff: flat });
    const early = await refusal(() =>
      account.close({ supply: all, period: "2024-04", tariff: flat }),
    );
    expect(early.code).to.equal("billing/period-closed");
    const other = await refusal(() =>
      account.close({ supply: { ...all, id: "other" }, period: "2024-06", tariff: flat }),
    );
    expect(other.code).to.equal("billing/wrong-account");
    // Nothing changed in May: its tariff is not needed.
    expect(
      new Account(account.state).close({ supply: all, period: "2024-06", tariff: daily })
        .corrections,
    ).to.deep.equal([]);
    const changed = home(hours({ from: may, count: mayHours + 30 * 24, wattHours: () => 2 }));
    const missing = await refusal(() =>
      account.close({ supply: changed, period: "2024-06", tariff: daily }),
    );
    expect(missing.code).to.equal("billing/earlier-tariff");
    const bill = account.close({
      supply: changed,
      period: "2024-06",
      tariff: daily,
      earlierTariffs: [flat],
    });
    expect(bill.corrections.map((c) => c.amount)).to.deep.equal(["0.744"]);
  });

  it("given closed months with corrections and credits, then each bill is made again, and the account stays", async () => {
    const gap = (i: number): number | undefined => (i >= 100 && i < 110 ? undefined : 1003);
    const first = home([
      ...hours({ from: may, count: mayHours, wattHours: gap }),
      ...hours({ from: june, count: 24, wattHours: () => 1000 }),
    ]);
    const later = home(
      hours({
        from: may,
        count: mayHours + 61 * 24,
        wattHours: (i) => (i >= 100 && i < 110 ? 1207 : 1003),
      }),
    );
    const account = new Account();
    const mayBill = account.close({ supply: first, period: "2024-05", tariff: daily });
    const afterMay = account.state;
    expect(account.close({ supply: first, period: "2024-05", tariff: daily })).to.deep.equal(
      mayBill,
    );
    expect(account.state).to.equal(afterMay);
    const juneBill = account.close({ supply: later, period: "2024-06", tariff: daily });
    const julyBill = account.close({ supply: later, period: "2024-07", tariff: daily });
    expect(juneBill.corrections.length).to.equal(1);
    const kept = new Account(parseAccount(JSON.stringify(account.state), "a.json"));
    const state = kept.state;
    expect(
      JSON.stringify(kept.close({ supply: later, period: "2024-07", tariff: daily })),
    ).to.equal(JSON.stringify(julyBill));
    expect(
      JSON.stringify(kept.close({ supply: later, period: "2024-06", tariff: daily })),
    ).to.equal(JSON.stringify(juneBill));
    // The readings of the first bill make it again, though the account has corrected it since.
    expect(
      JSON.stringify(kept.close({ supply: first, period: "2024-05", tariff: daily })),
    ).to.equal(JSON.stringify(mayBill));
    expect(kept.state).to.equal(state);
  });

  it("given an estimate and readings that came after its bill, then the bill is made again with that estimate", () => {
    const gap = (i: number): number | undefined => (i === 100 ? undefined : 1000);
    const account = new Account();
    const early = home([
      ...hours({ from: may, count: mayHours, wattHours: gap }),
      ...hours({ from: june, count: 1, wattHours: () => 0 }),
    ]);
    const bill = account.close({ supply: early, period: "2024-05", tariff: flat });
    const grown = home([
      ...hours({ from: may, count: mayHours, wattHours: gap }),
      ...hours({ from: june, count: 30 * 24, wattHours: () => 9000 }),
    ]);
    expect(account.close({ supply: grown, period: "2024-05", tariff: flat })).to.deep.equal(bill);
  });

  it("given other readings or another tariff for a closed month, then no second bill is made", async () => {
    const account = new Account();
    const all = home(hours({ from: may, count: mayHours + 30 * 24, wattHours: () => 1 }));
    account.close({ supply: all, period: "2024-05", tariff: flat });
    account.close({ supply: all, period: "2024-06", tariff: flat });
    const state = account.state;
    const changed = home(
      hours({ from: may, count: mayHours + 30 * 24, wattHours: (i) => (i === 0 ? 2 : 1) }),
    );
    for (const [supply, period, tariff] of [
      [changed, "2024-05", flat],
      [all, "2024-05", daily],
      // Its own readings are the same, but May's would be corrected.
      [changed, "2024-06", flat],
    ] as const) {
      const error = await refusal(() => account.close({ supply, period, tariff }));
      expect(error.code).to.equal("billing/period-closed");
      expect(error.message).to.include("make another");
      expect(account.state).to.equal(state);
    }
  });

  it("given a gap across the end of a month, then each month keeps its own estimates only", () => {
    const account = new Account();
    const gap = (i: number): number | undefined =>
      i >= mayHours - 2 && i < mayHours + 3 ? undefined : 1000;
    const all = home(hours({ from: may, count: mayHours + 30 * 24, wattHours: gap }));
    account.close({ supply: all, period: "2024-05", tariff: flat });
    account.close({ supply: all, period: "2024-06", tariff: flat });
    expect(account.state!.periods.map((p) => p.estimates.map(([start]) => start))).to.deep.equal([
      [june - 2 * hour, june - hour],
      [june, june + hour, june + 2 * hour],
    ]);
  });

  it("does not move on when a bill fails", async () => {
    const account = new Account();
    account.close({
      supply: home(hours({ from: may, count: mayHours, wattHours: () => 1 })),
      period: "2024-05",
      tariff: flat,
    });
    const before = account.state;
    const prices = await readTariff({
      name: "p.csv",
      bytes: "time,eur_per_kwh\n2024-05-01 00:00,1\n2024-05-01 01:00,1\n",
    });
    const all = home(hours({ from: may, count: mayHours + 30 * 24, wattHours: () => 1 }));
    await refusal(() =>
      account.close({ supply: all, period: "2024-06", tariff: prices, earlierTariffs: [flat] }),
    );
    expect(account.state).to.equal(before);
  });
});
