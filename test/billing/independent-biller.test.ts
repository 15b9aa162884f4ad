import { readdirSync } from "node:fs";
import { expect } from "chai";
import {
  inZone,
  MONEY_DENOMINATOR,
  periodAt,
  readReadings,
  type Home,
  type ReadOptions,
} from "../../src/readings/index.js";
import { Account } from "../../src/billing/index.js";
import { amountOf, itemsOfPeriod, readTariff, type Tariff } from "../../src/tariff/index.js";
import { dataFile, describeWithData } from "../data.js";
import { independentBill, plainEstimates } from "../support/independent-biller.js";

const bands = [
  {
    name: "peak",
    price: "0.4171",
    windows: [{ days: ["mon", "wed", "holiday"], from: "14:00", to: "20:30" }],
  },
  { name: "night", price: "0.1103", windows: [{ from: "22:00", to: "06:00" }] },
  { name: "rest", price: "0.2207" },
];
const tariffs: Record<string, unknown[]> = {
  "day and night": [
    { kind: "standing", name: "Daily", price: "0.9137" },
    { kind: "standing", name: "Monthly", per: "month", price: "4.21" },
    { kind: "time-of-use", name: "Energy", bands },
    { kind: "flat", name: "Feed-in", direction: "export", price: "0.071" },
  ],
  "blocks and demand": [
    { kind: "standing", name: "Daily", price: "0.5" },
    {
      kind: "blocks",
      name: "Energy",
      per: "quarter",
      blocks: [
        { name: "first", upTo: "150.5", price: "0.31" },
        { name: "rest", price: "0.19" },
      ],
    },
    {
      kind: "blocks",
      name: "Daily block",
      per: "day",
      blocks: [
        { name: "a", upTo: "3", price: "0.01" },
        { name: "b", price: "0.02" },
      ],
    },
    {
      kind: "demand",
      name: "Peak",
      price: "9.9",
      windows: [{ from: "15:00", to: "21:00" }],
      peaks: 2,
    },
    {
      kind: "demand",
      name: "Days",
      price: "0.3",
      per: "day",
      basis: "day",
      windows: [{ from: "06:00", to: "21:00" }],
      minimum: "0.2",
    },
  ],
};

/** Prices that change within months of the files, and blocks of months and years that go on over it. */
const dated = "prices that change on a day";
function versions(): object[] {
  return [undefined, "2004-10-31", "2011-03-13", "2013-04-07", "2013-10-06", "2024-02-11"].map(
    (from, i) => ({
      ...(from === undefined ? {} : { from }),
      components: [
        { kind: "standing", name: "Monthly", per: "month", price: `${4 + i}.21` },
        { kind: "standing", name: "Daily", price: `0.3${i}` },
        {
          kind: "time-of-use",
          name: "Energy",
          bands: bands.map((b) => ({ ...b, price: `${b.price}${i + 1}` })),
        },
        {
          kind: "blocks",
          name: "Levy",
          per: i % 2 === 0 ? "month" : "year",
          blocks: [
            { name: "first", upTo: `${100 + i}`, price: "0.011" },
            { name: "rest", price: "-0.003" },
          ],
        },
        { kind: "flat", name: "Feed-in", direction: "export", price: `0.0${i + 1}` },
      ],
      taxes: [{ name: "VAT", percent: `${8 + i}.1` }],
    }),
  );
}

function load(name: string, timeZone?: string): Promise<Tariff> {
  const document = {
    format: "sipster/tariff@1",
    name,
    currency: "EUR",
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(name === dated
      ? { versions: versions() }
      : {
          components: tariffs[name],
          taxes: [{ name: "VAT", percent: "8.1" }],
          holidays: ["2013-12-25", "2004-12-25", "2011-12-25"],
        }),
  };
  return readTariff({ name: "t.json", bytes: JSON.stringify(document) });
}

/** 10^-24 of the major unit; the room counts in 10^-15 of a cent. */
const fine = (numerator: bigint): bigint => (numerator * 10n ** 24n) / (MONEY_DENOMINATOR * 100n);

const sydney = { timeZone: "Australia/Sydney" };
const files: readonly (readonly [string, ReadOptions])[] = [
  ["sgsc11_2013_halfhourly_wide.csv", {}],
  ["sgsc3_2012-2014_halfhourly_long.csv", {}],
  [
    "au_network_load_2012-13_halfhourly.csv",
    { timeZone: "+10:00", mapping: { scale: "as-stated" } },
  ],
  ["oddfile_billcalc_TestLoadProfile.csv", { ...sydney, badRows: "missing" }],
  ...folder("greenbutton", { badRows: "missing", gasWattHoursPerCubicMetre: 11_000 }),
  ...folder("nem12", {}),
  ...folder("exports", {}),
];

function folder(name: string, options: ReadOptions): (readonly [string, ReadOptions])[] {
  const path = dataFile(name);
  return (
    names(path)
      // Refused whole: invalid on purpose, or with starts that are not a whole second.
      .filter((file) => !/^invalid_|^ngma_gas|^abridged_gas_containerized/.test(file))
      .map((file) => [`${name}/${file}`, options] as const)
  );
}

function names(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    // Without the data the suite below says that it is skipped.
    return [];
  }
}

/** Months with a change of clocks somewhere, and the first and last of the home. */
function monthsOf(home: Home): string[] {
  const [from, to] = [
    Math.min(home.intervals.from ?? Infinity, home.exported.from ?? Infinity),
    Math.max(home.intervals.to ?? -Infinity, home.exported.to ?? -Infinity),
  ];
  const months = new Set<string>();
  for (let at = from; at < to; at += 86_400_000) months.add(periodAt(at, home.timeZone));
  months.add(periodAt(to - 1, home.timeZone));
  const list = [...months].sort();
  const changes = list.filter((m) => /-(03|04|10|11)$/.test(m)).slice(0, 4);
  return [...new Set([...changes, list.at(-1)!])];
}

describeWithData("an independent biller", function () {
  this.timeout(300_000);
  for (const [file, options] of files) {
    it(`agrees on ${file}, in the home's zone, another, and where the tariff names none`, async () => {
      const set = await readReadings(dataFile(file), options);
      // A file of instants without a zone is billed only in a zone that is given.
      const homes = set.homes.filter((h) => h.intervals.length + h.exported.length > 0).slice(0, 2);
      let compared = 0;
      for (const given of homes) {
        const home: Home =
          given.zoneUnknown === true ? await placed(file, options, given.id) : given;
        for (const zone of [undefined, "Australia/Sydney", "America/New_York"]) {
          for (const name of [...Object.keys(tariffs), dated]) {
            const tariff = await load(name, zone);
            for (const period of monthsOf(inZone(home, zone ?? home.timeZone))) {
              compare({
                home,
                zone: zone ?? home.timeZone,
                period,
                tariff,
                what: `${file} ${zone ?? "none"} ${period} ${name}`,
              });
              compared += 1;
            }
          }
        }
      }
      expect(compared).to.be.greaterThan(0);
    });
  }

  it("agrees on the estimates of an account, through the change of summer time", async () => {
    const set = await readReadings(dataFile("sgsc3_2012-2014_halfhourly_long.csv"));
    const tariff = await load("day and night", "Australia/Sydney");
    const home = set.homes.find((h) => h.gaps.length > 10)!;
    const here = inZone(home, "Australia/Sydney");
    for (const { from } of here.gaps.slice(0, 6)) {
      const period = periodAt(from, "Australia/Sydney");
      const bill = new Account().close({ supply: home, period, tariff });
      const drawn = plainEstimates([...here.intervals], "Australia/Sydney");
      const plain = independentBill({ tariff, zone: "Australia/Sydney", period, drawn, fedIn: [] });
      const [whole = "", fraction = ""] = bill.gross.split(".");
      expect(BigInt(whole + fraction.padEnd(24, "0")), period).to.equal(plain);
    }
  });
});

async function placed(file: string, options: ReadOptions, id: string): Promise<Home> {
  const set = await readReadings(dataFile(file), { ...options, timeZone: "America/Los_Angeles" });
  return set.homes.find((h) => h.id === id)!;
}

function compare({
  home,
  zone,
  period,
  tariff,
  what,
}: {
  readonly home: Home;
  readonly zone: string;
  readonly period: string;
  readonly tariff: Tariff;
  readonly what: string;
}): void {
  let sum = 0n;
  for (const item of itemsOfPeriod({ supply: home, period, tariff })) sum += amountOf(item);
  const plain = independentBill({
    tariff,
    zone,
    period,
    drawn: [...home.intervals],
    fedIn: [...home.exported],
  });
  expect(fine(sum), what).to.equal(plain);
}
