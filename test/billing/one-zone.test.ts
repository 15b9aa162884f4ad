/** One time zone rules a bill: its month, days, standing charges, blocks and demand, for a file of any zone. */
import { expect } from "chai";
import { Account } from "../../src/billing/index.js";
import { readReadings, type Home, type ReadOptions } from "../../src/readings/index.js";
import { readTariff, type Tariff } from "../../src/tariff/index.js";
import { refusal } from "../support/errors.js";

/** A constant kilowatt in half-hours of market time. */
function nem12(year: number, from: number, days: number): string {
  const day = (n: number): string =>
    new Date(Date.UTC(year, 0, 1 + n)).toISOString().slice(0, 10).replaceAll("-", "");
  const rows = Array.from(
    { length: days },
    (_, i) => `300,${day(from + i)},${Array.from({ length: 48 }, () => "0.5").join(",")},A,,,,`,
  );
  const head = "100,NEM12,202501010000,MDP,RET\n200,NMI1,E1,E1,E1,N1,M1,KWH,30,";
  return `${head}\n${rows.join("\n")}\n900\n`;
}

async function home(text: string, options: ReadOptions = {}): Promise<Home> {
  return (await readReadings({ name: "m.csv", bytes: text }, options)).homes[0]!;
}

const tariffIn = (timeZone: string | undefined): Promise<Tariff> =>
  readTariff({
    name: "t.json",
    bytes: JSON.stringify({
      ...{ format: "sipster/tariff@1", name: "Sydney", currency: "AUD" },
      ...(timeZone === undefined ? {} : { timeZone }),
      components: [
        { kind: "flat", name: "Energy", price: "0.10" },
        { kind: "demand", name: "Peak", price: "12", windows: [{ from: "00:00", to: "24:00" }] },
        { kind: "standing", name: "Service", per: "month", price: "30" },
        { kind: "standing", name: "Supply", per: "day", price: "0.01" },
      ],
    }),
  });

describe("one time zone rules a bill", () => {
  it("given market time and a tariff of Sydney, then a kilowatt is a kilowatt, in one month of its days", async () => {
    // Summer time begins and ends market days at 01:00.
    const bill = new Account().close({
      supply: await home(nem12(2024, -2, 40)),
      period: "2024-01",
      tariff: await tariffIn("Australia/Sydney"),
    });
    expect(bill.timeZone).to.equal("Australia/Sydney");
    const amounts = Object.fromEntries(bill.lines.map((l) => [l.component, [l.quantity, l.net]]));
    expect(amounts).to.deep.equal({
      Energy: ["744", "74.40"],
      Peak: ["1", "12.00"],
      Service: ["1", "30.00"],
      Supply: ["31", "0.31"],
    });
  });

  it("given a year of market time, then Sydney's twelve bills have its 365 days, and all of its energy", async () => {
    const supply = await home(nem12(2023, -2, 370));
    const tariff = await tariffIn("Australia/Sydney");
    const bills = Array.from({ length: 12 }, (_, i) =>
      new Account().close({ supply, period: `2023-${String(i + 1).padStart(2, "0")}`, tariff }),
    );
    const sum = (component: string): number =>
      bills.reduce(
        (n, b) => n + Number(b.lines.find((l) => l.component === component)!.quantity),
        0,
      );
    expect([sum("Supply"), sum("Service"), sum("Peak")]).to.deep.equal([365, 12, 12]);
    expect(sum("Energy")).to.equal(365 * 24);
  });

  it("given local times that no zone places, then no bill is made, even by a tariff with a zone", async () => {
    const rows = Array.from({ length: 32 * 24 }, (_, i) => {
      const at = new Date(Date.UTC(2024, 6, 1) + i * 3_600_000).toISOString();
      return `${at.slice(0, 10)} ${at.slice(11, 16)},1\n`;
    });
    const text = `timestamp,kWh\n${rows.join("")}`;
    const tariff = await tariffIn("Australia/Sydney");
    const unplaced = await home(text);
    const error = await refusal(() =>
      new Account().close({ supply: unplaced, period: "2024-07", tariff }),
    );
    expect(error.code).to.equal("tariff/zone-needed");
    const placed = await home(text, { timeZone: "Australia/Sydney" });
    const bill = new Account().close({ supply: placed, period: "2024-07", tariff });
    expect(bill.lines.find((l) => l.component === "Supply")!.quantity).to.equal("31");
  });

  it("given a deployment or an account of another zone, then no bill is made", async () => {
    const supply = await home(nem12(2024, -2, 80));
    const [sydney, none] = [await tariffIn("Australia/Sydney"), await tariffIn(undefined)];
    const elsewhere = { deploymentZone: "Australia/Perth" };
    const other = await refusal(() =>
      new Account().close({ supply, period: "2024-01", tariff: sydney, ...elsewhere }),
    );
    expect(other.code).to.equal("tariff/other-zone");
    const account = new Account();
    expect(
      account.close({ supply, period: "2024-01", tariff: none, ...elsewhere }).timeZone,
    ).to.equal("Australia/Perth");
    const changed = await refusal(() =>
      account.close({ supply, period: "2024-02", tariff: sydney }),
    );
    expect(changed.code).to.equal("billing/other-zone");
    expect(new Account().close({ supply, period: "2024-01", tariff: none }).timeZone).to.equal(
      "+10:00",
    );
  });
});
