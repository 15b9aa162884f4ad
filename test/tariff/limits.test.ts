/** What a tariff may say, at the edges of what is allowed, and what its parts charge there. */
import { expect } from "chai";
import { IntervalSeries, type Home, type Interval } from "../../src/readings/index.js";
import { amountOf } from "../../src/tariff/rated-item.js";
import {
  chargesOfPeriod,
  itemsOfPeriod,
  readTariff,
  tariffHash,
  type Tariff,
} from "../../src/tariff/index.js";
import { compileTariff } from "../../src/tariff/compile.js";
import { energySince } from "../../src/tariff/register.js";
import { covers } from "../../src/tariff/running-charge.js";
import { dataFile, describeWithData } from "../data.js";
import { expectError, refusal } from "../support/errors.js";

function tariffOf(component: object, ...more: readonly object[]): Promise<Tariff> {
  const head = { format: "sipster/tariff@1", name: "t", currency: "EUR", timeZone: "UTC" };
  const bytes = JSON.stringify({ ...head, components: [component, ...more] });
  return readTariff({ name: "t.json", bytes });
}

const MAY = Date.UTC(2024, 4, 1);
const HOUR = 3_600_000;
function homeOf(intervals: readonly Interval[]): Home {
  const series = IntervalSeries.of("UTC", intervals);
  const exported = IntervalSeries.of("UTC", []);
  return {
    id: "h",
    commodity: "electricity",
    timeZone: "UTC",
    intervals: series,
    exported,
    gaps: [],
  };
}
const hours = (count: number): Interval[] =>
  Array.from({ length: count }, (_, i) => ({
    start: MAY + i * HOUR,
    seconds: 3600,
    wattHours: 1000,
    quality: "actual",
  }));

const dynamic = (stepSeconds: number): object => ({
  kind: "dynamic",
  name: "d",
  clock: "utc",
  from: "2024-05-01T00:00",
  stepSeconds,
  runs: [
    { steps: 1, price: "1", name: "low" },
    { steps: 2000, price: "3", name: "high" },
  ],
});
const demand = (peaks: number): object => ({
  ...{ kind: "demand", name: "d", price: "1", windows: [{}], peaks },
});
const flat = { kind: "flat", name: "f", price: "1" };

describe("limits of a tariff", () => {
  it("steps of a dynamic price last a minute to a day", async () => {
    for (const seconds of [60, 86_400]) await tariffOf(dynamic(seconds));
    for (const seconds of [59, 86_401]) {
      expect((await refusal(tariffOf(dynamic(seconds)))).code).to.equal("tariff/bad-tariff");
    }
  });

  it("a demand charge takes the mean of one to thirty-one peaks", async () => {
    for (const peaks of [1, 31]) await tariffOf(flat, demand(peaks));
    for (const peaks of [0, 32]) {
      expect((await refusal(tariffOf(flat, demand(peaks)))).code).to.equal("tariff/bad-tariff");
    }
  });

  it("the last block alone has no upper limit", async () => {
    const blocks = (...upTo: (string | undefined)[]): Promise<Tariff> =>
      tariffOf({
        ...{ kind: "blocks", name: "b", per: "day" },
        blocks: upTo.map((limit, i) => ({
          ...{ name: `b${i}`, price: "1" },
          ...(limit === undefined ? {} : { upTo: limit }),
        })),
      });
    await blocks("1", "2", undefined);
    for (const wrong of [
      ["1", "2"],
      ["1", undefined, undefined],
      ["2", "2", undefined],
    ]) {
      expect((await refusal(blocks(...wrong))).code).to.equal("tariff/bad-tariff");
    }
  });

  it("the order of months and days in a window changes neither tariff nor hash", async () => {
    const of = async (months: readonly number[], days: readonly string[]): Promise<string> =>
      tariffHash(
        await tariffOf({
          ...{ kind: "time-of-use", name: "e" },
          bands: [
            { name: "peak", price: "2", windows: [{ months, days }] },
            { name: "rest", price: "1" },
          ],
        }),
      );
    const hash = await of([1, 2, 12], ["mon", "wed", "sun"]);
    expect(await of([12, 1, 2, 1], ["sun", "mon", "wed"])).to.equal(hash);
    expect(await of([2, 12, 1], ["wed", "sun", "mon", "mon"])).to.equal(hash);
  });
});

describe("charges at the limits of steps", () => {
  it("given an hour across two steps of half an hour, then each half has its price", async () => {
    const tariff = await tariffOf(dynamic(1800));
    const items = [...itemsOfPeriod({ supply: homeOf(hours(1)), period: "2024-05", tariff })];
    expect(items.map((i) => [i.start, i.quantity])).to.deep.equal([
      [MAY, 500],
      [MAY + HOUR / 2, 500],
    ]);
  });

  it("given charges of a month, then each instant has one, in order, and they add up to the items", async () => {
    const tariff = await tariffOf(flat, { kind: "flat", name: "levy", price: "0.5" });
    const home = homeOf(hours(48));
    const charges = [...chargesOfPeriod({ home, period: "2024-05", tariff })];
    const starts = charges.map((c) => c.start);
    expect(starts.length).to.equal(48);
    expect([...new Set(starts)].sort((a, b) => a - b)).to.deep.equal(starts);
    const sum = [...itemsOfPeriod({ supply: home, period: "2024-05", tariff })].reduce(
      (n, i) => n + amountOf(i),
      0n,
    );
    expect(charges.reduce((n, c) => n + c.charge.numerator, 0n)).to.equal(sum);
    expect(new Set(charges.map((c) => c.charge.numerator)).size).to.equal(1);
  });

  it("given prices that end before a month does, then the tariff does not cover it", async () => {
    const tariff = compileTariff(await tariffOf(dynamic(1800)), "UTC");
    const end = MAY + 2001 * 1_800_000;
    expect(covers(tariff, MAY, end)).to.equal(true);
    expect(covers(tariff, MAY, end + 1)).to.equal(false);
    expect(covers(tariff, MAY - 1, end)).to.equal(false);
  });
});

describe("a register of a meter", () => {
  const reading = { kind: "import", wattHours: 500, from: 1000, to: 2000 } as const;

  it("given whole numbers in order, then its energy is what it counted since", () => {
    expect(energySince(reading, 400, 2000)).to.equal(100);
    expect(energySince(reading, 500, 2000)).to.equal(0);
  });

  it("given one number of it that is broken, below nothing or too large, or a time out of order, then it is refused", () => {
    const broken = (["wattHours", "from", "to"] as const).flatMap((field) =>
      [-1, 0.5, NaN, 2 ** 48].map((value) => ({ ...reading, [field]: value })),
    );
    for (const one of [
      ...broken,
      { ...reading, wattHours: 399 },
      { ...reading, from: 2001 },
      { ...reading, to: 2001 },
    ]) {
      expectError(() => energySince(one, 400, 2000), "tariff/bad-register");
    }
  });
});

describeWithData("a tariff of a list", () => {
  it("given FILE#ID, then it is that one; given an ID that is not there, then it is refused by that name", async () => {
    const list = dataFile("tariffs/au_retail_tariffs_2019.json");
    const one = await readTariff(`${list}#TRB0009`);
    expect(tariffHash(one)).to.equal(tariffHash(await readTariff(list, "TRB0009")));
    const error = await refusal(readTariff(`${list}#XTRB0009`));
    expect(error.message).to.include('"XTRB0009"');
  });
});
