import { readFileSync } from "node:fs";
import { expect } from "chai";
import { MONEY_DENOMINATOR, readReadings, type Home } from "../../src/readings/index.js";
import { amountOf, itemsOfPeriod, readTariff, readTariffs } from "../../src/tariff/index.js";
import { dataFile, describeWithData } from "../data.js";
import { plainBill, rawJson, type HalfHour } from "../support/plain-bill.js";
import { rate } from "../support/rate-utc.js";
import { refusal } from "../support/errors.js";

type Json = Record<string, unknown>;

const list = (parameters: Json, extra: Json = {}): { name: string; bytes: string } => ({
  name: "list.json",
  bytes: JSON.stringify([
    { Tariffs: [{ "Tariff ID": "T1", Name: "one", Parameters: parameters, ...extra }] },
  ]),
});
const cents = (amount: { numerator: bigint }): bigint => amount.numerator / MONEY_DENOMINATOR;
const tenHours = 36_000_000;
const kwh = { start: 0, seconds: 1800, wattHours: 1000, quality: "actual" } as const;

describe("Australian tariff lists", () => {
  const allDay = { Value: 0.2, Unit: "$/kWh", TimeIntervals: { T1: ["00: 00", "00: 00"] } };

  it("of a network tariff the sum of its parts is meant unless a part is named", async () => {
    const part = (price: number): Json => ({ FlatRate: { Value: price, Unit: "$/kWh" } });
    const file = list({ DUOS: part(0.1), TUOS: part(0.2), NUOS: part(0.3) });
    expect((await readTariffs(file)).tariffs.map((t) => t.id)).to.deep.equal([
      "T1",
      "T1/DUOS",
      "T1/TUOS",
      "T1/NUOS",
    ]);
    expect(cents(rate([kwh], await readTariff(file, "T1")))).to.equal(30n);
    expect(cents(rate([kwh], await readTariff(file, "T1/TUOS")))).to.equal(20n);
  });

  const refused: [string, Json, string][] = [
    ["an unknown charge", { Wind: {} }, "kind of charge"],
    ["another unit", { FlatRate: { Value: 1, Unit: "c/kWh" } }, "$/kWh"],
    [
      "two prices at one time",
      { TOU: { a: allDay, b: { ...allDay, Value: 0.3, Weekday: false } } },
      "two prices for sat",
    ],
    [
      "an hour without a price",
      { TOU: { a: { ...allDay, TimeIntervals: { T1: ["00:00", "23:00"] } } } },
      "no price for",
    ],
    [
      "a last block with a limit",
      { BlockDaily: { a: { Value: 1, Unit: "$/kWh", HighBound: 3 } } },
      "last has none",
    ],
    ["a price of words", { FlatRate: { Value: "low", Unit: "$/kWh" } }, "decimal"],
    ["nothing at all", {}, "no charge"],
  ];
  for (const [what, parameters, reason] of refused) {
    it(`refuses ${what}, and says where`, async () => {
      const error = await refusal(readTariff(list(parameters)));
      expect(error.code).to.equal("tariff/bad-tariff");
      expect(error.message).to.include(reason);
    });
  }

  it("asks which of several is meant", async () => {
    const bytes = `[{"Tariffs": [${[1, 2].map((i) => `{"Tariff ID": "T${i}", "Name": "n", "Parameters": {"FlatRate": {"Value": 0.${i}, "Unit": "$/kWh"}}}`).join(",")}]}]`;
    const file = { name: "two.json", bytes };
    expect((await refusal(readTariff(file))).code).to.equal("tariff/choice");
    expect((await refusal(readTariff(file, "T3"))).message).to.include("T1, T2");
    expect(cents(rate([kwh], await readTariff(file, "T2")))).to.equal(20n);
  });
});

describeWithData("the Australian tariffs of the data folder", () => {
  const files = [
    ["au_retail_tariffs_2019", 74, 74],
    ["au_network_tariffs", 77, 378],
  ] as const;

  it("windows without prices are not tariffs", async () => {
    const error = await refusal(readTariff(dataFile("tariffs/au_tou_windows.json")));
    expect(error.message).to.include("no prices");
  });

  it("a path chooses after a #", async () => {
    const tariff = await readTariff(`${dataFile("tariffs/au_retail_tariffs_2019.json")}#TRB0009`);
    expect(tariff.name).to.include("TRB0009");
  });

  let homes: readonly Home[];
  before(async () => {
    const set = await readReadings(dataFile("sgsc11_2013_halfhourly_wide.csv"));
    homes = set.homes.filter((h) => h.gaps.length === 0 && h.intervals.length === 17_520);
  });

  for (const [name, count, withParts] of files) {
    it(`${name}: all load, and bill as a second, plain computation does`, async () => {
      const path = dataFile(`tariffs/${name}.json`);
      const { tariffs } = await readTariffs(path);
      expect(tariffs.length).to.equal(withParts);
      expect(tariffs.filter((t) => !t.id.includes("/")).length).to.equal(count);
      const raw = rawJson(readFileSync(path, "utf8")) as [{ Tariffs: Json[] }];
      const byId = new Map(raw[0].Tariffs.map((t) => [t["Tariff ID"], t]));
      // One home and month for each tariff, so that all meet somewhere; of the parts every fifth.
      for (const [i, listed] of tariffs.entries()) {
        if (listed.id.includes("/") && i % 5 !== 0) continue;
        const home = homes[i % homes.length]!;
        const month = (i * 5) % 12;
        const period = `2013-${String(month + 1).padStart(2, "0")}`;
        const [id, part] = listed.id.split("/");
        const whole = byId.get(id)!.Parameters as Json;
        const parameters = (part === undefined ? (whole.NUOS ?? whole) : whole[part]) as Json;
        // Blocks may begin with the year.
        const begin = JSON.stringify(parameters).includes("Block") ? 0 : month;
        // The local times of the file are those of UTC+10 all year.
        const local = (month: number): number => Date.UTC(2013, month, 1);
        const [from, to] = [local(begin) - tenHours, local(month + 1) - tenHours];
        const all = [...home.intervals.between(from, to)].map((interval): HalfHour => ({
          at: interval.start + tenHours,
          wattHours: interval.wattHours,
        }));
        const plain = plainBill(parameters, all, Date.UTC(2013, month, 1));
        let sum = 0n;
        for (const item of itemsOfPeriod({ supply: home, period, tariff: listed.tariff() }))
          sum += amountOf(item);
        // Fractions of a cent, 10^-15, against those of a dollar, 10^-18.
        expect(sum * 10n, `${listed.id}, home ${home.id}, ${period}`).to.equal(plain);
      }
    });
  }
});
