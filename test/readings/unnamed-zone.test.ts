/** Times with offsets in a file that names no zone: instants are known, months and days are not. */
import { expect } from "chai";
import { Account } from "../../src/billing/index.js";
import { readReadings, type ReadingSet } from "../../src/readings/index.js";
import { defaultTariff } from "../../src/tariff/index.js";
import { refusal } from "../support/errors.js";

const rows = Array.from({ length: 96 }, (_, i) => {
  const at = new Date(Date.UTC(2024, 5, 29) + i * 1_800_000).toISOString().slice(0, 19);
  return `${at}Z,0.1${i % 7}\n`;
});
const read = (header: string, timeZone?: string): Promise<ReadingSet> =>
  readReadings(
    { name: "t.csv", bytes: `${header}\n${rows.join("")}` },
    { mapping: { labels: "start" }, ...(timeZone === undefined ? {} : { timeZone }) },
  );

describe("times with offsets and no time zone", () => {
  it("given no tariff with a zone, then no bill is made, and UTC is not assumed", async () => {
    const set = await read("timestamp,kWh");
    expect(set.oddities.map((o) => o.kind)).to.include("no-time-zone");
    const error = await refusal(() =>
      new Account().close({ supply: set.homes[0]!, period: "2024-06", tariff: defaultTariff }),
    );
    expect(error.code).to.equal("tariff/zone-needed");
    const london = { ...defaultTariff, timeZone: "Europe/London" };
    const bill = new Account().close({ supply: set.homes[0]!, period: "2024-06", tariff: london });
    expect(bill.from).to.equal("2024-06-29T01:00:00+01:00");
    // The last hour of UTC is July's in London.
    expect(bill.to).to.equal("2024-07-01T00:00:00+01:00");
  });

  it("given a zone by option, or a portal that is known, then the bill follows it", async () => {
    for (const set of [
      await read("timestamp,kWh", "Europe/London"),
      await read("timestamp (UTC),energyConsumption (kWh)"),
    ]) {
      const bill = new Account().close({
        supply: set.homes[0]!,
        period: "2024-06",
        tariff: defaultTariff,
      });
      expect(bill.timeZone).to.equal("Europe/London");
    }
  });
});

describe("a table whose days end with their own 00:00", () => {
  const day = (date: string): string =>
    Array.from({ length: 24 }, (_, i) => {
      const hour = String((i + 1) % 24).padStart(2, "0");
      return `${date},${hour}:00,${i + 1}\n`;
    }).join("");
  const table = (days: readonly string[]): Promise<ReadingSet> =>
    readReadings({ name: "t.csv", bytes: `date,time,Wh\n${days.join("")}` }, { timeZone: "UTC" });

  it("given 00:00 after 23:00 of the same date, oldest or newest first, then it ends that day", async () => {
    const days = [day("2024-02-13"), day("2024-02-14")];
    const newest = [...days]
      .reverse()
      .map((d) => d.trimEnd().split("\n").reverse().join("\n") + "\n");
    for (const text of [days, newest]) {
      const set = await table(text);
      const { intervals } = set.homes[0]!;
      expect([intervals.from, intervals.to]).to.deep.equal([
        Date.UTC(2024, 1, 13),
        Date.UTC(2024, 1, 15),
      ]);
      expect([...intervals].map((i) => i.wattHours)).to.deep.equal(
        Array.from({ length: 48 }, (_, i) => (i % 24) + 1),
      );
      expect(set.oddities.map((o) => o.message).join()).to.include("the end of that day");
    }
  });

  it("given 00:00 first in its date, then it begins that day", async () => {
    const energies = Array.from({ length: 24 }, (_, i) => (i * 7) % 24);
    const first = energies.map((wh, i) => `2024-02-13,${String(i).padStart(2, "0")}:00,${wh}\n`);
    const { intervals } = (await table(first)).homes[0]!;
    expect([...intervals].map((i) => i.wattHours)).to.deep.equal(energies);
    expect(intervals.from).to.equal(Date.UTC(2024, 1, 13));
  });

  it("given a day of which only 00:00 and 23:00 are left, then its 00:00 begins it, as those of the other days do", async () => {
    const rows = (date: string, hours: readonly number[]): string =>
      hours
        .map((h) => `${date},${String(h).padStart(2, "0")}:00,${100 + ((h * 7) % 24)}\n`)
        .join("");
    const all = Array.from({ length: 24 }, (_, h) => h);
    const set = await table([
      rows("2024-02-12", all),
      rows("2024-02-13", [0, 23]),
      rows("2024-02-14", all),
    ]);
    const { intervals } = set.homes[0]!;
    expect(intervals.find(Date.UTC(2024, 1, 13))?.wattHours).to.equal(100);
    expect(intervals.find(Date.UTC(2024, 1, 12))?.wattHours).to.equal(100);
    expect(set.homes[0]!.gaps).to.deep.equal([
      { from: Date.UTC(2024, 1, 13, 1), to: Date.UTC(2024, 1, 13, 23) },
    ]);
  });

  it("given that times begin their intervals, then 00:00 after 23:00 of its date begins that day all the same", async () => {
    const bytes = `date,time,Wh\n${day("2024-02-13")}${day("2024-02-14")}`;
    const set = await readReadings(
      { name: "t.csv", bytes },
      { timeZone: "UTC", mapping: { labels: "start" } },
    );
    const { intervals } = set.homes[0]!;
    expect(intervals.from).to.equal(Date.UTC(2024, 1, 13));
    expect(intervals.at(0).wattHours).to.equal(24);
    expect(intervals.at(1).wattHours).to.equal(1);
  });
});
