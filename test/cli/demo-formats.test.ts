import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { dataFile, describeWithData } from "../data.js";
import { sipster } from "../support/recorded-io.js";
import { temporaryDirectory } from "../support/temporary.js";

interface Demo {
  readonly bills: readonly { readonly home: string; readonly units: number }[];
}
interface Readings {
  readonly bills: readonly { readonly home: string; readonly due: string }[];
}

/**
 * The units that the meters emit for a month are the minor units that the itemised bill asks for: the
 * one adds up charges interval by interval, the other quantities by price.
 */
async function expectSameBills(args: readonly string[], homes: number): Promise<void> {
  const made = await sipster("demo", "--readings", ...args, "--no-settle", "--json");
  expect(made.code, made.err).to.equal(0);
  const asked = await sipster("readings", ...args, "--json");
  expect(asked.code, asked.err).to.equal(0);
  const units = (made.json as Demo).bills.map((b) => [b.home, String(b.units)]);
  expect(units).to.have.length(homes);
  expect(units).to.deep.equal((asked.json as Readings).bills.map((b) => [b.home, b.due]));
}

describeWithData("sipster demo on every format of readings", function () {
  this.timeout(60_000);
  const cases: [string, string[], number][] = [
    [
      "Green Button, days of 24 hours in binned blocks",
      ["greenbutton/TestGBDataOneYearDailyBinnedMonthly.xml", "--period", "2014-02"],
      1,
    ],
    [
      "Green Button, quarters of an hour",
      ["greenbutton/openespi_test_usage_data_1.xml", "--period", "2012-03"],
      1,
    ],
    ["NEM12, half-hours", ["nem12/NEM12_actual_interval.csv", "--period", "2004-02"], 1],
    [
      "NEM12, lengths mixed",
      ["nem12/NEM12_different_interval_length.csv", "--period", "2004-04"],
      1,
    ],
    ["NEM13, read every quarter", ["nem12/NEM13_consumption_data.csv", "--period", "2003-10"], 1],
  ];
  for (const [what, [file, ...options], homes] of cases) {
    it(what, () => expectSameBills([dataFile(file!), ...options], homes));
  }

  it("long CSV in a zone of one's choice, at a retailer's tariff", async () => {
    const tariff = `${dataFile("tariffs/au_retail_tariffs_2019.json")}#TRB0004`;
    const file = dataFile("sgsc3_2012-2014_halfhourly_long.csv");
    const zone = ["--time-zone", "Australia/Brisbane", "--period", "2013-05"];
    await expectSameBills([file, ...zone, "--tariff", tariff], 3);
  });

  it("wide CSV at half-hourly prices", async () => {
    const tariff = dataFile("lcl_dtou_tariff_2013_halfhourly.csv");
    const file = dataFile("sgsc11_2013_halfhourly_wide.csv");
    await expectSameBills([file, "--period", "2013-03", "--tariff", tariff], 11);
  });

  it("rows that cannot be right are refused, or missing when told so", async () => {
    const file = dataFile("oddfile_billcalc_TestLoadProfile.csv");
    const refused = await sipster("demo", "--readings", file, "--no-settle");
    expect(refused.code).to.equal(65);
    expect(refused.err).to.contain("readings/bad-row").and.to.contain("--bad-rows missing");
    const zone = ["--time-zone", "Australia/Sydney"];
    const read = await sipster(
      "demo",
      "--readings",
      file,
      "--no-settle",
      "--bad-rows",
      "missing",
      ...zone,
    );
    expect(read.code, read.err).to.equal(0);
  });
});

describe("sipster demo on files that a resident downloads", function () {
  this.timeout(60_000);
  const directory = temporaryDirectory();

  it("gas from Octopus needs the energy of a cubic metre", async () => {
    const hour = (h: number, value: string): string =>
      `{"consumption":${value},"interval_start":"2024-01-09T0${h}:00:00Z","interval_end":"2024-01-09T0${h + 1}:00:00Z"}`;
    const next = "https://api.octopus.energy/v1/gas-meter-points/12/meters/Z/consumption/?page=2";
    const file = join(directory(), "gas.json");
    const results = [hour(1, "1.25"), hour(2, "0.5")];
    writeFileSync(
      file,
      `{"count":2,"next":"${next}","previous":null,"results":[${results.join(",")}]}`,
    );
    const refused = await sipster("demo", "--readings", file, "--pages", "partial", "--no-settle");
    expect([refused.code, refused.err.includes("cubic metre")]).to.deep.equal([65, true]);
    await expectSameBills(
      [
        file,
        "--gas",
        "11000",
        "--pages",
        "partial",
        "--time-zone",
        "Europe/London",
        "--period",
        "2024-01",
      ],
      1,
    );
  });

  it("telegrams of a P1 port", async () => {
    const telegram = (time: string, register: string): string =>
      [
        "/ISK5-1003",
        "",
        "1-3:0.2.8(42)",
        `0-0:1.0.0(${time})`,
        "0-0:96.1.1(4B38)",
        `1-0:1.8.1(${register}*kWh)`,
        "!",
      ].join("\r\n");
    const file = join(directory(), "p1.txt");
    const telegrams = ["0", "1", "2"].map((h) => telegram(`2401090${h}0000W`, `00010${h}.5${h}0`));
    writeFileSync(file, `${telegrams.join("\r\n")}\r\n`);
    await expectSameBills([file, "--period", "2024-01"], 1);
  });
});
