/** Blocks count what was used since their span began, under each version of the tariff that held then. */
import { expect } from "chai";
import { IntervalSeries, type Home, type Interval } from "../../src/readings/index.js";
import { itemsOfPeriod, readTariff, type Tariff } from "../../src/tariff/index.js";

const DAY = 86_400;

const days = (from: number, wattHours: readonly number[]): Interval[] =>
  wattHours.map((energy, i) => ({
    start: from + i * DAY * 1000,
    seconds: DAY,
    wattHours: energy,
    quality: "actual",
  }));

function home(drawn: readonly Interval[]): Home {
  const intervals = IntervalSeries.of("UTC", drawn);
  const exported = IntervalSeries.of("UTC", []);
  return { id: "a", commodity: "electricity", timeZone: "UTC", intervals, exported, gaps: [] };
}

const blocks = (per: string, price: string): object => ({
  ...{ kind: "blocks", name: "Energy", per },
  blocks: [
    { name: "first", upTo: "3", price },
    { name: "rest", price: "0.5" },
  ],
});

function tariff(versions: readonly object[]): Promise<Tariff> {
  const document = {
    format: "sipster/tariff@1",
    name: "t",
    currency: "EUR",
    timeZone: "UTC",
    versions,
  };
  return readTariff({ name: "t.json", bytes: JSON.stringify(document) });
}

const billed = (supply: Home, period: string, t: Tariff): string[] =>
  [...itemsOfPeriod({ supply, period, tariff: t })].map((i) => `${i.band} ${i.quantity}`);

describe("blocks over a change of version", () => {
  const may = Date.UTC(2024, 4, 1);

  it("given a price that changes within the month, then the use before it counts", async () => {
    const t = await tariff([
      { components: [blocks("month", "0.1")] },
      { from: "2024-05-03", components: [blocks("month", "0.2")] },
    ]);
    const supply = home(days(may, [1000, 1000, 1000, 1000]));
    expect(billed(supply, "2024-05", t)).to.deep.equal([
      "first 1000",
      "first 1000",
      "first 1000",
      "rest 1000",
    ]);
  });

  it("given another place among the components, then the use before it counts", async () => {
    const levy = { kind: "flat", name: "Levy", price: "0" };
    const t = await tariff([
      { components: [blocks("month", "0.1")] },
      { from: "2024-05-03", components: [levy, blocks("month", "0.2")] },
    ]);
    const energy = billed(home(days(may, [2000, 1000, 1000])), "2024-05", t);
    expect(energy.filter((item) => !item.startsWith(" "))).to.deep.equal([
      "first 2000",
      "first 1000",
      "rest 1000",
    ]);
  });

  it("given blocks of months and then of years, then the year counts from its beginning", async () => {
    const t = await tariff([
      { components: [blocks("month", "0.1")] },
      { from: "2024-05-01", components: [blocks("year", "0.2")] },
    ]);
    const supply = home([...days(Date.UTC(2024, 3, 29), [2000, 500]), ...days(may, [1000])]);
    expect(billed(supply, "2024-05", t)).to.deep.equal(["first 500", "rest 500"]);
  });

  it("given a tariff that begins within the year, then its blocks count the use before it", async () => {
    const t = await tariff([{ from: "2024-05-01", components: [blocks("year", "0.2")] }]);
    const supply = home([...days(Date.UTC(2024, 3, 30), [2500]), ...days(may, [1000])]);
    expect(billed(supply, "2024-05", t)).to.deep.equal(["first 500", "rest 500"]);
  });
});
