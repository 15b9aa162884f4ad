import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";
import { measureLedgerGas } from "./support/ledger-gas.js";

const snapshot = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "consumption-ledger-gas.json"), "utf8"),
) as Record<string, number>;

describe("Gas of ConsumptionLedger", () => {
  let now: Record<string, number>;
  before(async () => {
    now = await measureLedgerGas();
  });

  it("is that of the snapshot, to the unit", () => {
    expect(now).to.deep.equal(snapshot);
  });

  it("of all anchors of an interval together is at most 105,000, for any number of rows", () => {
    for (const [what, gas] of Object.entries(now)) {
      if (what.startsWith("an interval")) expect(gas, what).to.be.at.most(105_000);
    }
    // What differs is the number of zero bytes in the counts and totals, at 12 gas each.
    const difference = now["an interval, 1000 rows"]! - now["an interval, 10 rows"]!;
    expect(Math.abs(difference)).to.be.at.most(500);
  });
});
