import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import type { Io } from "../../src/cli/io.js";
import { main } from "../../src/cli/main.js";
import { pricedMonth } from "../../src/demo/sealed/priced-readings.js";
import { readReadings } from "../../src/readings/index.js";
import {
  amountOf,
  defaultTariff,
  itemsOfPeriod,
  readTariff,
  type Component,
  type Tariff,
} from "../../src/tariff/index.js";
import { dataFile, describeWithData } from "../data.js";
import { expectError } from "../support/errors.js";
import { wideTable } from "../support/wide-table.js";
import { temporaryDirectory } from "../support/temporary.js";

interface Document {
  readonly format: string;
  readonly code?: string;
  readonly homes: {
    home: string;
    intervals: number;
    flagged: string[];
    amount: string | null;
    clear: string;
    refused?: string;
  }[];
  readonly trustees: number;
  readonly threshold: number;
  readonly bytes: { report: number };
  readonly timings: Record<string, number>;
}

/** Runs `sipster sealed ARGS…` and keeps what it writes. */
async function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const documents: unknown[] = [];
  const io: Io = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    json: (value) => documents.push(value),
    colour: false,
    width: 100,
  };
  const code = await main(["sealed", ...args], io);
  return { code, out: out.join("\n"), err: err.join("\n"), document: documents[0] as Document };
}

/** Prices that change at 07:00, in the middle of a half-hour at 23:15, a credit, tax and a charge a day. */
const tariff = {
  format: "sipster/tariff@1",
  name: "Test",
  currency: "GBP",
  minorDigits: 2,
  timeZone: "UTC",
  versions: [
    {
      components: [
        {
          kind: "time-of-use",
          name: "energy",
          direction: "import",
          taxed: true,
          bands: [
            { name: "night", price: "0.0913", windows: [{ from: "23:15", to: "07:00" }] },
            { name: "day", price: "0.2817", windows: [] },
          ],
        },
        { kind: "standing", name: "supply", per: "day", price: "0.4321", taxed: true },
      ],
      taxes: [{ name: "VAT", percent: "5" }],
      holidays: [],
    },
  ],
};

/** Writes files into a directory of each test's own. */
function files(): (name: string, text: string) => string {
  const directory = temporaryDirectory();
  return (name, text) => {
    const path = join(directory(), name);
    writeFileSync(path, text);
    return path;
  };
}

describe("sipster sealed", () => {
  const file = files();
  const tariffFile = (): string => file("tariff.json", JSON.stringify(tariff));

  /** Two homes, six half-hours around midnight; `b` has one abnormal reading and one gap. */
  const readings = (): string =>
    file(
      "two.csv",
      `datetime,a,b
2013-01-01 22:00,0.100,0.211
2013-01-01 22:30,0.101,7.001
2013-01-01 23:00,0.103,0.207
2013-01-01 23:30,0,
2013-01-02 06:30,0.099,0.050
2013-01-02 07:00,0.250,0.090
`,
    );

  const common = (): string[] => [
    ...[
      "--readings",
      readings(),
      ...wideTable(dirname(readings())),
      "--tariff",
      tariffFile(),
      "--period",
      "2013-01",
    ],
    ...["--range", "0..5000", "--time-zone", "UTC"],
  ];

  it("prints each home's bill beside that in the clear, and the abnormal intervals", async () => {
    const { code, out, err } = await run(
      ...common(),
      "--min-readings",
      "3",
      "--min-per-price",
      "1",
    );
    expect(code, err).to.equal(0);
    const rows = out.split("\n").map((line) => line.split(/\s{2,}/));
    // The half-hour in which the price changes counts as two readings.
    // a: (0.100 + 0.101 + 0.052)·0.2817 + (0.051 + 0.099)·0.0913 + 0.250·0.2817, 2 days, 5 % tax.
    expect(rows[1]).to.deep.equal(["a", "7", "0", "1.07", "1.07", "equal"]);
    // b, without 7.001 kWh: (0.211 + 0.104 + 0.090)·0.2817 + (0.103 + 0.050)·0.0913.
    expect(rows[2]).to.deep.equal(["b", "6", "1", "1.04", "1.04", "equal"]);
    expect(out).to.contain("b, abnormal: 2013-01-01T22:30 (UTC)");
    expect(out).to.match(/A report of 48 readings: \d+ bytes/);
    expect(err).to.contain("key ceremony of 4 trustees, any 3 decrypt, 1 of them may be corrupt");
  });

  it("writes one JSON document with the stated schema", async () => {
    const { code, out, document } = await run(
      ...common(),
      ...[
        "--min-readings",
        "3",
        "--min-per-price",
        "1",
        "--trustees",
        "5",
        "--threshold",
        "4",
        "--json",
      ],
    );
    expect(code).to.equal(0);
    expect(out).to.equal("");
    expect(document).to.deep.include({
      format: "sipster/sealed@1",
      trustees: 5,
      threshold: 4,
      tolerated: 1,
    });
    expect(document.homes).to.deep.equal([
      { home: "a", intervals: 7, flagged: [], amount: "1.07", clear: "1.07" },
      {
        home: "b",
        intervals: 6,
        flagged: ["2013-01-01T22:30:00.000Z"],
        amount: "1.04",
        clear: "1.04",
      },
    ]);
    expect(document.bytes.report).to.be.within(1600, 1900);
    expect(Object.keys(document.timings)).to.deep.equal([
      "encryptUs",
      "proveMs",
      "verifyMs",
      "batchVerifyMs",
      "decryptMs",
    ]);
    for (const ms of Object.values(document.timings)) expect(ms).to.be.greaterThan(0);
  });

  it("bills abnormal readings too when asked, and takes several readings in a report", async () => {
    const { code, document } = await run(
      ...common(),
      ...[
        "--min-readings",
        "3",
        "--min-per-price",
        "1",
        "--bill-flagged",
        "--per-report",
        "4",
        "--homes",
        "b",
        "--json",
      ],
    );
    expect(code).to.equal(0);
    expect(document.homes).to.have.lengthOf(1);
    expect(document.homes[0]).to.deep.include({ amount: "3.11", clear: "3.11" });
    expect(document.homes[0]!.flagged).to.have.lengthOf(1);
  });

  it("answers no where the trustees refuse", async () => {
    const { code, out, document } = await run(...common(), "--json");
    expect(code).to.equal(1);
    expect(document.homes.map((h) => [h.amount, h.refused])).to.deep.equal([
      [null, "sealed/too-few-readings"],
      [null, "sealed/too-few-readings"],
    ]);
    expect(out).to.equal("");
    const strict = await run(...common(), "--min-readings", "3", "--min-per-price", "4");
    expect(strict.code).to.equal(1);
    expect(strict.out).to.match(/^a +7 +0 +refused +1.07 +sealed\/too-few-at-a-price$/m);
    expect(strict.err).to.contain("the bill says much about them");
  });

  it("rounds prices to levels that enough readings share, and says what the bill is at them", async () => {
    const { code, document } = await run(
      ...common(),
      ...["--min-readings", "3", "--min-per-price", "2", "--round-prices", "--json"],
    );
    // Night and day are levels of their own: the month has enough of both. Home b has two at night.
    expect(code).to.equal(0);
    expect(document.homes.map((h) => h.amount)).to.deep.equal(["1.07", "1.04"]);
    const one = await run(
      ...common(),
      ...["--min-readings", "3", "--min-per-price", "700", "--round-prices", "--json"],
    );
    expect(one.document.homes.map((h) => h.refused)).to.deep.equal([
      "sealed/too-few-at-a-price",
      "sealed/too-few-at-a-price",
    ]);
  });

  it("explains wrong usage, and homes and months that are not there", async () => {
    for (const extra of [
      ["--range", "5"],
      ["--range", "9..1"],
      ["--range", "0..4294967296"],
      ["--trustees", "0"],
      ["--trustees", "2", "--threshold", "3"],
      ["--per-report", "5953"],
      ["--per-report", "0"],
    ]) {
      expect((await run(...common(), ...extra)).code, extra.join(" ")).to.equal(2);
    }
    expect(
      (await run("--readings", readings(), ...wideTable(dirname(readings())), "--range", "0..1"))
        .code,
    ).to.equal(2);
    expect((await run(...common(), "--period", "2012-13")).code).to.equal(2);
    const month = await run(...common(), "--period", "2012-12", "--json");
    expect(month.document.code).to.equal("cli/no-homes");
    const home = await run(...common(), "--homes", "c", "--json");
    expect(home.document.code).to.equal("cli/no-homes");
    const help = await run("--help");
    expect(help.code).to.equal(0);
    expect(help.out.trimStart()).to.match(/^Examples:/);
  });

  it("refuses tariffs whose charges are not a price times a reading", async () => {
    const set = await readReadings(readings(), {
      timeZone: "UTC",
      mapping: { columns: "homes", quantity: "kWh", labels: "start" },
    });
    const blocks: Component = {
      kind: "blocks",
      name: "by use",
      taxed: false,
      direction: "import",
      per: "month",
      blocks: [{ name: "all", price: "0.1" }],
    };
    const [version] = defaultTariff.versions;
    const stepped: Tariff = {
      ...defaultTariff,
      versions: [{ ...version!, components: [...version!.components, blocks] }],
    };
    const error = expectError(
      () => pricedMonth(set.homes[0]!, "2013-01", stepped),
      "sealed/tariff-not-linear",
    );
    expect(error.details).to.deep.include({ component: "by use", kind: "blocks" });
  });
});

describeWithData("sipster sealed on real readings", () => {
  const file = files();

  it("bills a month of half-hours in daily reports, with no option but those it needs", async function () {
    // 17,500 bits of range proofs.
    this.timeout(600_000);
    const { code, document, err } = await run(
      ...["--readings", dataFile("sgsc11_2013_halfhourly_wide.csv"), "--period", "2013-02"],
      ...["--range", "0..5000", "--per-report", "48", "--homes", "8143537", "--json"],
    );
    expect(code, err).to.equal(0);
    expect(document.homes[0]!.amount).to.equal(document.homes[0]!.clear);
    expect(document.homes[0]!.intervals).to.be.greaterThan(1300);
  });

  it("bills the last readings of two homes by half-hourly prices, to the penny", async () => {
    const set = await readReadings(dataFile("sgsc11_2013_halfhourly_wide.csv"));
    const prices = await readTariff(dataFile("lcl_dtou_tariff_2013_halfhourly.csv"));
    for (const [period, id, intervals] of [
      ["2013-10", "8143511", 21],
      ["2013-04", "8145501", 17],
    ] as const) {
      const { code, document } = await run(
        ...["--readings", dataFile("sgsc11_2013_halfhourly_wide.csv")],
        ...["--tariff", dataFile("lcl_dtou_tariff_2013_halfhourly.csv")],
        ...[
          "--period",
          period,
          "--homes",
          id,
          "--range",
          "0..200",
          "--min-readings",
          "5",
          "--min-per-price",
          "1",
          "--json",
        ],
      );
      expect(code).to.equal(0);
      const { readings } = pricedMonth(
        set.homes.find((h) => h.id === id)!,
        period,
        prices,
      );
      const high = readings.filter((r) => r.interval.wattHours > 200);
      const [bill] = document.homes;
      expect(bill!.intervals).to.equal(intervals);
      expect(high.length).to.be.within(1, intervals - 5);
      expect(bill!.flagged).to.deep.equal(
        high.map((r) => new Date(r.interval.start).toISOString()),
      );
      const pence = readings
        .filter((r) => !high.includes(r))
        .reduce((sum, r) => sum + Number(r.price) * r.interval.wattHours, 0);
      expect(bill!.amount).to.equal((pence / 1e17).toFixed(2));
      expect(bill!.clear).to.equal(bill!.amount);
    }
  });

  it("takes for the bill in the clear what the rating of the whole month says", async () => {
    const set = await readReadings(dataFile("sgsc11_2013_halfhourly_wide.csv"));
    for (const period of ["2013-04", "2013-08"]) {
      for (const home of set.homes.slice(0, 4)) {
        const { readings, standing } = pricedMonth(home, period, defaultTariff);
        // The command leaves out homes without a reading in the month.
        if (readings.length === 0) continue;
        const items = [...itemsOfPeriod({ supply: home, period, tariff: defaultTariff })];
        const rated = items.reduce((sum, item) => sum + amountOf(item), 0n);
        const priced = readings.reduce(
          (sum, r) => sum + r.price * BigInt(r.interval.wattHours),
          0n,
        );
        expect(priced + standing, home.id).to.equal(rated);
      }
    }
  });

  it("pays a home for what it feeds in", async () => {
    const feedIn = {
      ...defaultTariff,
      versions: [
        {
          ...defaultTariff.versions[0]!,
          components: [
            { kind: "flat", name: "feed-in", direction: "export", taxed: false, price: "0.0812" },
          ],
        },
      ],
    };
    const { code, document } = await run(
      ...["--readings", dataFile("nem12/NEM12_multiple_meters.csv"), "--homes", "NDDD001888"],
      ...["--tariff", file("feed-in.json", JSON.stringify(feedIn))],
      ...["--time-zone", "Australia/Sydney", "--period", "2003-12", "--range", "0..65535"],
      ...["--json"],
    );
    expect(code).to.equal(0);
    const [bill] = document.homes;
    expect(bill!.intervals).to.equal(192);
    expect(bill!.amount).to.equal(bill!.clear).and.to.match(/^-\d/);
  });
});
