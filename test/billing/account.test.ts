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
