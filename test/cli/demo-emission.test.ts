/** Both ways to emit tokens, in the demonstration: the same money, in other tokens. */
import { expect } from "chai";
import { sipster } from "../support/recorded-io.js";

interface Emitted {
  readonly emission: string;
  readonly denominations: readonly number[];
  readonly bills: readonly {
    readonly units: number;
    readonly tokens: number;
    readonly status: string;
  }[];
  readonly totals: { readonly units: number; readonly unitsPaid: number };
  readonly audit: { readonly ok: boolean } | null;
}

async function demo(...args: string[]): Promise<Emitted> {
  const { code, out, err } = await sipster("demo", "--json", ...args);
  expect(code, err).to.equal(0);
  return JSON.parse(out) as Emitted;
}

describe("sipster demo --at-period-end", function () {
  this.timeout(180_000);

  it("given two homes, when run, then each bill has a token for each binary digit, settles, and has the same units as with tokens that accrue", async () => {
    const args = ["--homes", "2", "--period", "2026-02"];
    const { emission, denominations, bills, totals, audit } = await demo(
      ...args,
      "--at-period-end",
    );
    expect(emission).to.equal("at-period-end");
    expect(denominations).to.deep.equal(Array.from({ length: 14 }, (_, i) => 2 ** i));
    for (const { units, tokens, status } of bills) {
      expect(status).to.equal("settled");
      expect(units).to.be.below(2 ** 14);
      expect(tokens).to.equal([...units.toString(2)].filter((digit) => digit === "1").length);
    }
    expect(totals.unitsPaid).to.equal(totals.units);
    expect(audit?.ok).to.equal(true);
    const accrued = await demo(...args, "--no-settle");
    expect(accrued.emission).to.equal("as-it-accrues");
    const units = (of: Emitted) => of.bills.map((bill) => bill.units);
    expect(units(accrued)).to.deep.equal(bills.map((bill) => bill.units));
  });

  it("given the classic suite, whose tokens are of one unit, then it is refused", async () => {
    const { code, err } = await sipster("demo", "--suite", "classic", "--at-period-end");
    expect(err).to.include("cli/bad-option");
    expect(code).to.equal(2);
  });
});
