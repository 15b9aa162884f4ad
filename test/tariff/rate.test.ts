import { expect } from "chai";
import {
  exact,
  intervalsOfPeriod,
  IntervalSeries,
  MONEY_DENOMINATOR,
  moneyText,
  readReadings,
  wholeUnits,
  type Interval,
} from "../../src/readings/index.js";
import { defaultTariff, readTariff, tariffHash, type Tariff } from "../../src/tariff/index.js";
import { dataFile, describeWithData } from "../data.js";
import { charges, rate, ratedItems } from "../support/rate-utc.js";
import { refusal } from "../support/errors.js";

const halfHours = (from: number, wattHours: readonly number[]): Interval[] =>
  wattHours.map((wh, i) => ({
    start: from + i * 1_800_000,
    seconds: 1800,
    wattHours: wh,
    quality: "actual",
  }));

function tariff(extra: Record<string, unknown>): Promise<Tariff> {
  const document = { format: "sipster/tariff@1", name: "t", currency: "GBP", ...extra };
  return readTariff({ name: "t.json", bytes: JSON.stringify(document) });
}

/** Amounts in minor units as text with six decimals. */
const text = (amount: { numerator: bigint; denominator: bigint }): string =>
  moneyText(amount, 0, 6);

describe("rating", () => {
  it("flat: watt-hours times price, exactly", async () => {
    const t = await tariff({ components: [{ kind: "flat", name: "Energy", price: "0.14228" }] });
    const intervals = halfHours(0, [1, 2, 1000]);
    expect(rate(intervals, t).numerator).to.equal(
      (14228n * 1003n * MONEY_DENOMINATOR) / 1_000_000n,
    );
    expect(rate(intervals, t).denominator).to.equal(MONEY_DENOMINATOR);
  });

  it("reads a JSON number by its text, not through binary floating point", async () => {
    const document = `{"format":"sipster/tariff@1","name":"t","currency":"GBP","components":[{"kind":"flat","name":"e","price":0.10000000001}]}`;
    const t = await readTariff({ name: "t.json", bytes: document });
    expect(rate(halfHours(0, [1000]), t).numerator).to.equal(10_000000001n * 10n ** 6n);
  });

  const bands = [
    { name: "night", price: "0.10", windows: [{ from: "22:00", to: "07:00" }] },
    { name: "peak", price: "0.40", windows: [{ from: "16:00", to: "20:00", days: ["mon"] }] },
    { name: "day", price: "0.20" },
  ];

  it("time of use: by the clock of the tariff's zone, in winter and in summer", async () => {
    const t = await tariff({
      timeZone: "Europe/London",
      components: [{ kind: "time-of-use", name: "Energy", bands }],
    });
    const at = (instant: number): string => text(rate(halfHours(instant, [1000]), t));
    const monday = Date.UTC(2013, 0, 7);
    expect(at(monday + 6.5 * 3_600_000), "06:30").to.equal("10.000000");
    expect(at(monday + 7 * 3_600_000), "07:00").to.equal("20.000000");
    expect(at(monday + 16 * 3_600_000), "16:00").to.equal("40.000000");
    expect(at(monday + 40 * 3_600_000), "16:00 on Tuesday").to.equal("20.000000");
    expect(at(monday + 22 * 3_600_000), "22:00").to.equal("10.000000");
    const july = Date.UTC(2013, 6, 1);
    expect(at(july + 6 * 3_600_000), "06:00 UTC is 07:00 in July").to.equal("20.000000");
    expect(at(july + 15 * 3_600_000), "15:00 UTC is 16:00").to.equal("40.000000");
  });

  it("divides an interval across bands by time, in whole watt-hours, losing none", async () => {
    const t = await tariff({ components: [{ kind: "time-of-use", name: "Energy", bands }] });
    const long = { start: Date.UTC(2013, 0, 8, 6), seconds: 3 * 3600, wattHours: 1000 };
    const items = [...ratedItems([{ ...long, quality: "actual" }], t)];
    expect(items.map(({ band, quantity }) => [band, quantity])).to.deep.equal([
      ["night", 333],
      ["day", 667],
    ]);
    // One charge for the interval: 3.33 and 13.34.
    const due = [...charges([{ ...long, quality: "actual" }], t)];
    expect(due.map((c) => text(c.charge))).to.deep.equal(["16.670000"]);
  });

  it("a whole day of 23 or 25 hours costs what its hours cost", async () => {
    const t = await tariff({
      timeZone: "Europe/London",
      components: [{ kind: "time-of-use", name: "Energy", bands }],
    });
    const price = (from: number, hours: number): string => {
      const one = halfHours(from, new Array<number>(hours * 2).fill(500));
      const whole = { start: from, seconds: hours * 3600, wattHours: hours * 1000 };
      const sum = text(rate(one, t));
      expect(text(rate([{ ...whole, quality: "actual" }], t))).to.equal(sum);
      return sum;
    };
    // Sundays: 9 hours at 10 and 15 at 20, one hour at night less or more.
    expect(price(Date.UTC(2013, 2, 31), 23)).to.equal("380.000000");
    expect(price(Date.UTC(2013, 9, 26, 23), 25)).to.equal("400.000000");
  });

  it("standing charges for each day of supply, with gaps, and for each month", async () => {
    const t = await tariff({
      components: [
        { kind: "standing", name: "Daily", per: "day", price: "0.25" },
        { kind: "standing", name: "Monthly", per: "month", price: "3" },
        { kind: "flat", name: "Energy", price: "0" },
      ],
    });
    const intervals = [
      ...halfHours(Date.UTC(2013, 0, 30, 12), [1]),
      ...halfHours(Date.UTC(2013, 1, 2), [1]),
    ];
    expect(text(rate(intervals, t))).to.equal(String(4 * 25 + 2 * 300) + ".000000");
    const january = { from: Date.UTC(2013, 0, 1), to: Date.UTC(2013, 1, 1) };
    expect(text(rate([], t, january))).to.equal(String(31 * 25 + 300) + ".000000");
  });

  it("adds taxes to what is taxed, and pays for energy fed in", async () => {
    const t = await tariff({
      components: [
        { kind: "flat", name: "Energy", price: "0.20" },
        { kind: "flat", name: "Feed-in", direction: "export", price: "0.08" },
      ],
      taxes: [{ name: "VAT", percent: "5" }],
    });
    const exported = halfHours(0, [3000]);
    expect(text(rate(halfHours(0, [1000]), t, { exported }))).to.equal("-3.000000");
  });

  it("changes the version on its first day, in the middle of an interval if need be", async () => {
    const t = await tariff({
      timeZone: "Australia/Sydney",
      versions: [
        { components: [{ kind: "flat", name: "Energy", price: "0.10" }] },
        { from: "2013-07-01", components: [{ kind: "flat", name: "Energy", price: "0.20" }] },
      ],
    });
    const start = Date.UTC(2013, 5, 30, 13);
    const one: Interval = { start, seconds: 7200, wattHours: 1000, quality: "actual" };
    expect(text(rate([one], t))).to.equal("15.000000");
  });

  it("negative prices are credits", async () => {
    const t = await tariff({ components: [{ kind: "flat", name: "Energy", price: "-0.05" }] });
    const amount = rate(halfHours(0, [1500]), t);
    expect(text(amount)).to.equal("-7.500000");
    expect(wholeUnits(amount)).to.deep.equal({
      units: -8n,
      remainder: exact(MONEY_DENOMINATOR / 2n),
    });
  });

  it("refuses an interval for which there is no price", async () => {
    const t = await readTariff({
      name: "p.csv",
      bytes: "time,pence_per_kWh\n2013-01-01 00:00,10\n2013-01-01 00:30,-4.2\n",
    });
    const start = Date.UTC(2013, 0, 1);
    expect(text(rate(halfHours(start, [1000, 1000]), t))).to.equal("5.800000");
    const error = await refusal(() => rate(halfHours(start, [1, 1, 1]), t));
    expect(error.code).to.equal("tariff/no-price");
  });

  const bad: [string, Record<string, unknown>, string][] = [
    ["an unknown field", { components: [], price: 1 }, '"price"'],
    ["no component", { components: [] }, "at least one"],
    ["a price of words", { components: [{ kind: "flat", name: "e", price: "cheap" }] }, "decimal"],
    ["a price too fine", { components: [{ kind: "flat", name: "e", price: "1e-15" }] }, "finer"],
    [
      "hours without a price",
      {
        components: [
          {
            kind: "time-of-use",
            name: "e",
            bands: [{ name: "x", price: "1", windows: [{ days: ["mon"] }] }],
          },
        ],
      },
      "no price for tue",
    ],
    ["a currency that is none", { currency: "pounds", components: [] }, "currency"],
    [
      "versions out of order",
      {
        versions: [
          { from: "2013-01-01", components: [{ kind: "flat", name: "e", price: "1" }] },
          { components: [{ kind: "flat", name: "e", price: "1" }] },
        ],
      },
      "later",
    ],
  ];
  for (const [what, document, reason] of bad) {
    it(`refuses a tariff with ${what}`, async () => {
      const error = await refusal(tariff(document));
      expect(error.code).to.equal("tariff/bad-tariff");
      expect(error.message).to.include(reason).and.to.include("t");
    });
  }

  it("refuses a price file with a step missing", async () => {
    const error = await refusal(
      readTariff({
        name: "p.csv",
        bytes: "time,pence_per_kWh\n2013-01-01 00:00,1\n2013-01-01 00:30,1\n2013-01-01 01:30,1\n",
      }),
    );
    expect(error.code).to.equal("readings/bad-row");
    expect(error.details.line).to.equal(4);
  });

  it("the hash does not depend on the order of fields or the writing of numbers", async () => {
    const one = await readTariff({
      name: "a.json",
      bytes: `{"format":"sipster/tariff@1","name":"t","currency":"GBP","components":[{"kind":"flat","name":"e","price":0.10}]}`,
    });
    const other = await readTariff({
      name: "b.json",
      bytes: `{"components":[{"price":"1e-1","name":"e","kind":"flat","taxed":true}],"currency":"GBP","minorDigits":2,"name":"t","format":"sipster/tariff@1"}`,
    });
    expect(tariffHash(one)).to.equal(tariffHash(other));
    expect(tariffHash(one)).not.to.equal(tariffHash(defaultTariff));
  });
});

describe("a series of intervals", () => {
  it("cut anywhere, its parts add up to the whole", () => {
    const series = IntervalSeries.of("UTC", halfHours(0, [1, 100, 7, 33]));
    for (let cut = 0; cut <= 7_200_000; cut += 100_000) {
      const [a, b] = [series.between(0, cut), series.between(cut, 7_200_000)];
      expect(a.wattHours + b.wattHours, `cut at ${cut}`).to.equal(141n);
    }
  });
});

describeWithData("rating the real readings", () => {
  it("March 2013 of eleven homes at London's dynamic prices: as computed with Python fractions", async () => {
    const set = await readReadings(dataFile("sgsc11_2013_halfhourly_wide.csv"));
    const t = await readTariff(dataFile("lcl_dtou_tariff_2013_halfhourly.csv"));
    const bills = set.homes.map((h) => [h.id, text(rate(intervalsOfPeriod(h, "2013-03"), t))]);
    expect(bills).to.deep.equal([
      ["8143511", "2942.753100"],
      ["8143537", "7448.192640"],
      ["8144683", "2421.838440"],
      ["8144715", "6070.736070"],
      ["8145435", "6763.475880"],
      ["8145501", "6308.957340"],
      ["8145987", "5445.919080"],
      ["8145997", "7073.549070"],
      ["8146001", "2826.814620"],
      ["8146093", "10964.714250"],
      ["8146235", "8929.580730"],
    ]);
  });
});
