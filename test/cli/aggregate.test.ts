import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { dailyMeans, drawDay } from "../../src/cli/aggregate/chart.js";
import { allExact, median, plainSum, runAggregation } from "../../src/demo/aggregate/run.js";
import { slotTable, withFailures } from "../../src/demo/aggregate/slots.js";
import { IntervalSeries, readReadings, type Home } from "../../src/readings/index.js";
import { dataFile, describeWithData } from "../data.js";
import { expectError } from "../support/errors.js";
import { sipster } from "../support/recorded-io.js";
import { wideTable } from "../support/wide-table.js";
import { temporaryDirectory } from "../support/temporary.js";

interface Document {
  readonly format: string;
  readonly scheme: string;
  readonly period: string;
  readonly homes: number;
  readonly groups: number[];
  readonly intervals: { start: string; wh: number | null; homes: number; missing: string[] }[];
  readonly exact: boolean | null;
  readonly timings: { setupMs: number; encryptUs: number; decryptUs: number };
  readonly bytes: { ciphertext: number };
}

/** Runs `sipster ARGS…`; `document` is what it printed, read as JSON. */
async function run(...args: string[]) {
  const result = await sipster(...args);
  return {
    ...result,
    get document(): Document {
      return JSON.parse(result.out) as Document;
    },
  };
}

describe("sipster aggregate", () => {
  const directory = temporaryDirectory();

  /** Five homes, four half-hours of January and one of February; `c` misses the third. */
  function readings(): string {
    const path = join(directory(), "five.csv");
    writeFileSync(
      path,
      `datetime,a,b,c,d,e
2013-01-01 00:00,0.100,0.200,0.300,0.400,0.500
2013-01-01 00:30,0.101,0.201,0.301,0.401,0.501
2013-01-01 01:00,0.102,0.202,,0.402,0.502
2013-01-01 01:30,0,0,0,0,5.18
2013-02-01 00:00,1,1,1,1,1
`,
    );
    return path;
  }

  it("prints every interval's sum, who was missing, the day's load and both schemes", async () => {
    const { code, out, err } = await run(
      "aggregate",
      "--readings",
      readings(),
      ...wideTable(directory()),
      "--check",
    );
    expect(code, err).to.equal(0);
    const rows = out.split("\n").map((line) => line.split(/\s{2,}/));
    expect(rows[1]).to.deep.equal(["2013-01-01 00:00", "1500", "5"]);
    expect(rows[2]).to.deep.equal(["2013-01-01 00:30", "1505", "5"]);
    expect(rows[3]).to.deep.equal(["2013-01-01 01:00", "1208", "4", "c"]);
    expect(rows[4]).to.deep.equal(["2013-01-01 01:30", "5180", "5"]);
    expect(out).to.contain("Exact: all 4 sums equal those of the plain readings.");
    expect(out).to.match(/^psa +\d+ µs +\d+ µs +11 B +33536 B +2\^80 +repair in \d+ µs$/m);
    expect(out).to.match(/^dmcfe +\d+ µs +\d+ µs +64 B +256 B +2\^37 +no sum$/m);
    expect(out).to.contain("█");
    expect(err).to.contain("the smallest group has 5 homes");
  });

  it("writes one JSON document, with null for what was not asked", async () => {
    const { code, document } = await run(
      "aggregate",
      "--readings",
      readings(),
      ...wideTable(directory()),
      "--json",
    );
    expect(code).to.equal(0);
    expect(document).to.deep.include({
      format: "sipster/aggregate@1",
      scheme: "psa",
      period: "2013-01",
      homes: 5,
      groups: [5],
      exact: null,
      bytes: { ciphertext: 11 },
    });
    expect(document.intervals).to.have.length(4);
    expect(document.intervals[2]).to.deep.equal({
      start: "2013-01-01T01:00:00.000Z",
      wh: 1208,
      homes: 4,
      missing: ["c"],
    });
    for (const time of Object.values(document.timings)) expect(time).to.be.greaterThan(0);
  });

  it("takes the month that is asked for", async () => {
    const args = [
      "--readings",
      readings(),
      ...wideTable(directory()),
      "--period",
      "2013-02",
      "--json",
    ];
    const { document } = await run("aggregate", ...args);
    expect(document.intervals.map((i) => i.wh)).to.deep.equal([5000]);
  });

  it("has no sum with dmcfe where a home is missing, and the same sums elsewhere", async () => {
    const args = [
      "--readings",
      readings(),
      ...wideTable(directory()),
      "--scheme",
      "dmcfe",
      "--check",
      "--json",
    ];
    const { code, err, document } = await run("aggregate", ...args);
    expect(code, err).to.equal(0);
    expect(document.exact).to.equal(true);
    expect(document.bytes.ciphertext).to.equal(64);
    expect(document.intervals.map((i) => i.wh)).to.deep.equal([1500, 1505, null, 5180]);
    expect(document.intervals[2]).to.deep.include({ homes: 0, missing: ["a", "b", "c", "d", "e"] });
    expect(err).to.contain("1 intervals have no sum: this scheme needs every home");
  });

  it("sums over groups, and leaves a group out where too few of it are present", async () => {
    const args = [
      "--readings",
      readings(),
      ...wideTable(directory()),
      "--group",
      "3",
      "--check",
      "--json",
    ];
    const { document } = await run("aggregate", ...args);
    expect(document.groups).to.deep.equal([2, 3]);
    expect(document.exact).to.equal(true);
    expect(document.intervals[0]).to.deep.include({ wh: 1500, homes: 5, missing: [] });
    // c, d, e are a group of three, which needs three: its two others are left out with c.
    expect(document.intervals[2]).to.deep.include({ wh: 304, homes: 2, missing: ["c", "d", "e"] });
  });

  it("takes so many time steps and values up to the largest that were asked for", async () => {
    const two = await run(
      "aggregate",
      "--readings",
      readings(),
      ...wideTable(directory()),
      "--steps",
      "2",
      "--check",
      "--json",
    );
    expect(two.code).to.equal(0);
    expect(two.document.intervals).to.have.lengthOf(2);
    const small = ["--readings", readings(), ...wideTable(directory()), "--steps", "1", "--json"];
    expect((await run("aggregate", ...small, "--largest", "10000")).code).to.equal(0);
    const refused = await run("aggregate", ...small, "--largest", "1");
    expect(refused.code).to.equal(65);
    expect((refused.document as unknown as { code: string }).code).to.equal(
      "aggregation/value-out-of-range",
    );
    for (const wrong of [
      ["--steps", "0"],
      ["--largest", "0"],
      ["--largest", "x"],
    ]) {
      expect((await run("aggregate", ...small, ...wrong)).code).to.equal(2);
    }
  });

  it("loses the readings of failing meters, and says whose", async () => {
    const all = ["--readings", readings(), ...wideTable(directory()), "--check", "--json"];
    const { document, err } = await run("aggregate", ...all, "--fail", "1");
    expect(document.intervals.map((i) => i.wh)).to.deep.equal([null, null, null, null]);
    expect(err).to.contain("4 intervals have no sum: too few homes");
    // Nothing was encrypted or decrypted, so the figures are those of a sample.
    expect(document.timings.encryptUs).to.be.greaterThan(0);
    expect(document.timings.decryptUs).to.be.greaterThan(0);
    const some = await run("aggregate", ...all, "--fail", "0.2");
    const again = await run("aggregate", ...all, "--fail", "0.2");
    expect(again.document.intervals).to.deep.equal(some.document.intervals);
    expect(some.document.exact).to.equal(true);
    const lost = some.document.intervals.flatMap((i) => i.missing);
    expect(lost.length).to.be.within(2, 8);
  });

  it("finds a sum that is wrong, or that counts a missing home", () => {
    const values = new Map([
      ["a", 1n],
      ["b", 2n],
      ["c", 4n],
    ]);
    const slots = [{ start: 0, values }];
    const sum = { start: 0, wattHours: 3n, homes: 2, missing: ["c"] };
    expect(plainSum(slots[0]!, sum)).to.equal(3n);
    expect(allExact(slots, [sum])).to.equal(true);
    expect(allExact(slots, [{ ...sum, wattHours: 4n }])).to.equal(false);
    expect(allExact(slots, [{ ...sum, missing: [] }])).to.equal(false);
    expect(allExact(slots, [{ ...sum, wattHours: null }])).to.equal(true);
  });

  it("explains wrong usage with exit code 2", async () => {
    for (const args of [
      [],
      ["--readings", "x.csv", "--homes", "5"],
      ["--homes", "1"],
      ["--homes", "many"],
      ["--homes", "5", "--group", "1"],
      ["--homes", "5", "--fail", "1.5"],
      ["--homes", "5", "--fail", "often"],
      ["--homes", "5", "--scheme", "rsa"],
      ["--homes", "5", "--period", "2013-13"],
    ]) {
      const { code, err } = await run("aggregate", ...args);
      expect(code, args.join(" ")).to.equal(2);
      expect(err).to.match(/error: |readings\/bad-period/);
    }
  });

  it("refuses a single home and a file that is not there with exit code 65", async () => {
    const one = join(directory(), "one.csv");
    writeFileSync(one, "datetime,a\n2013-01-01 00:00,0.1\n2013-01-01 00:30,0.1\n");
    const single = await run("aggregate", "--readings", one, ...wideTable(directory()));
    expect(single.code).to.equal(65);
    expect(single.err).to.contain("aggregation/group-too-small");
    const missing = await run("aggregate", "--readings", join(directory(), "none.csv"));
    expect(missing.code).to.equal(65);
  });

  it("starts its help with examples", async () => {
    const { code, out } = await run("aggregate", "--help");
    expect(code).to.equal(0);
    expect(out).to.match(/^Examples:\n {2}sipster aggregate --readings/);
  });
});

describe("laying readings out by interval", () => {
  const home = (id: string, rows: readonly (readonly [number, number, number])[]): Home => ({
    id,
    commodity: id.startsWith("gas") ? "gas" : "electricity",
    timeZone: "UTC",
    intervals: IntervalSeries.of(
      "UTC",
      rows.map(([minute, minutes, wattHours]) => ({
        start: minute * 60_000,
        seconds: minutes * 60,
        wattHours,
        quality: "actual" as const,
      })),
    ),
    exported: IntervalSeries.of("UTC", []),
    gaps: [],
  });
  const of = (...homes: Home[]) =>
    slotTable({ format: "test", timeZone: "UTC", homes, oddities: [] }, undefined);

  it("uses the commonest length and commodity, and leaves others out", () => {
    const table = of(
      home("a", [
        [0, 30, 1],
        [30, 30, 2],
      ]),
      home("b", [
        [30, 30, 4],
        [60, 60, 99],
      ]),
      home("hourly", [[0, 60, 8]]),
      home("gas", [[0, 30, 16]]),
    );
    expect(table.seconds).to.equal(1800);
    expect(table.homes).to.deep.equal(["a", "b"]);
    expect(table.leftOut).to.deep.equal(["hourly", "gas"]);
    expect(table.slots.map((s) => [...s.values])).to.deep.equal([
      [["a", 1n]],
      [
        ["a", 2n],
        ["b", 4n],
      ],
    ]);
  });

  it("names the home and the time of a reading that no home can have", () => {
    const error = expectError(
      () => of(home("a", [[0, 30, 1_000_000]]), home("b", [[0, 30, 1_000_001]])),
      "aggregation/value-out-of-range",
    );
    expect(error.message).to.contain("home b at 1970-01-01T00:00:00.000Z");
  });

  it("takes away about the share of readings that is asked for", () => {
    const values = new Map(Array.from({ length: 1000 }, (_, i) => [`h${i}`, 1n]));
    const draw = (id: string): number => Number(id.slice(1)) / 1000;
    expect(withFailures({ start: 0, values }, 0.1, draw).values.size).to.equal(900);
    expect(withFailures({ start: 0, values }, 0, draw).values.size).to.equal(1000);
  });
});

describe("chart of the day", () => {
  const slots = Array.from({ length: 96 }, (_, i) => ({
    start: i * 1_800_000,
    wattHours: i === 5 ? null : BigInt((i % 48) * 10),
    homes: 3,
    missing: [],
  }));

  it("takes the mean at each time of day, in the zone's time", () => {
    const means = dailyMeans(slots, "UTC");
    expect(means).to.have.length(48);
    expect(means[0]).to.deep.equal({ time: "00:00", wattHours: 0 });
    expect(means[5]).to.deep.equal({ time: "02:30", wattHours: 50 });
    expect(dailyMeans(slots, "Asia/Kolkata")[0]).to.deep.equal({ time: "00:00", wattHours: 370 });
  });

  it("draws the greatest value to the top, within the terminal", () => {
    const means = dailyMeans(slots, "UTC");
    for (const width of [40, 80, 200]) {
      const lines = drawDay(means, width).split("\n");
      expect(lines).to.have.length(9);
      for (const line of lines) expect(line.length).to.be.at.most(width);
      expect(lines[0]!.endsWith("█")).to.equal(true);
      expect(lines[8]).to.match(/^ +00:00 +23:30$/);
    }
    expect(drawDay(means, 200)).to.match(/^ +470 /);
    expect(drawDay([], 80).split("\n")).to.have.length(9);
  });

  it("knows the median of any number of values", () => {
    expect([median([]), median([3]), median([5, 1, 9])]).to.deep.equal([0, 3, 5]);
  });
});

describe("aggregation of a month of short intervals", () => {
  it("takes a new key when a month has more labels than a key serves", async () => {
    const homes = ["a", "b"];
    const slots = Array.from({ length: 2978 }, (_, i) => ({
      start: i * 300_000,
      values: new Map(homes.map((h) => [h, BigInt(i)])),
    }));
    const result = await runAggregation(
      { homes, slots },
      { scheme: "psa", groupSize: 2, curve: await createMclBn254(), progress: () => undefined },
    );
    expect(result.slots.map((s) => s.wattHours)).to.deep.equal(slots.map((_, i) => BigInt(2 * i)));
  });
});

describeWithData("aggregation of real readings", () => {
  it("sums three days of eleven homes exactly, with gaps and a tenth of the meters failing", async () => {
    const set = await readReadings(dataFile("sgsc11_2013_halfhourly_wide.csv"));
    const table = slotTable(set, "2013-02");
    expect(table.homes).to.have.length(11);
    expect(table.slots).to.have.length(28 * 48);
    let n = 0;
    const slots = table.slots
      .slice(0, 3 * 48)
      .map((s) => withFailures(s, 0.1, () => ((n++ * 7) % 97) / 97));
    const result = await runAggregation(
      { homes: table.homes, slots },
      { scheme: "psa", groupSize: 200, curve: await createMclBn254(), progress: () => undefined },
    );
    expect(result.slots).to.have.length(144);
    result.slots.forEach((sum, i) => {
      const absent = table.homes.filter((h) => !slots[i]!.values.has(h));
      // Nine of eleven are four fifths.
      if (absent.length > 2) {
        expect(sum.wattHours).to.equal(null);
        return;
      }
      expect(sum.wattHours).to.equal(plainSum(slots[i]!, sum));
      expect(sum.homes + sum.missing.length).to.equal(11);
      expect(sum.missing).to.have.members(absent);
    });
    const repaired = result.slots.filter((s) => s.wattHours !== null && s.missing.length > 0);
    expect(repaired.length).to.be.greaterThan(40);
  });
});
