/** The file of an account, and exact amounts as it and its bills write them. */
import { expect } from "chai";
import { Account, parseAccount, type AccountState } from "../../src/billing/index.js";
import { exact, exactText, MONEY_DENOMINATOR } from "../../src/readings/index.js";
import { refusal } from "../support/errors.js";
import { daily, home, hours, may, mayHours } from "./support/home.js";

describe("the file of an account", () => {
  it("is read back as it was", () => {
    const account = new Account();
    account.close({
      supply: home(
        hours({ from: may, count: mayHours, wattHours: (i) => (i === 50 ? undefined : 7) }),
      ),
      period: "2024-05",
      tariff: daily,
    });
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
