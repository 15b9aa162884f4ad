import { expect } from "chai";
import { readReadings, type Home, type ReadingSet } from "../../src/readings/index.js";
import { dataFile, describeWithData } from "../data.js";
import { refusal } from "../support/errors.js";

function csv(text: string, name = "homes.csv"): { name: string; bytes: string } {
  return { name, bytes: text };
}

function home(set: ReadingSet, id: string): Home {
  const found = set.homes.find((h) => h.id === id);
  expect(found, `home ${id}`).not.to.equal(undefined);
  return found!;
}

/** One column a home, in kWh, as an answer says. */
const readHomes: typeof readReadings = (source, options = {}) =>
  readReadings(source, {
    ...options,
    mapping: { columns: "homes", quantity: "kWh", labels: "start", step: 30 },
  });

const kinds = (set: ReadingSet): string[] => set.oddities.map((o) => o.kind);

describe("CSV files of readings", () => {
  it("wide: one column a home, an empty cell is not a reading", async () => {
    const set = await readHomes(
      csv(
        "Datetime,a,b\n2013-01-01 00:00,0.5,\n2013-01-01 00:30,1.25,0.001\n2013-01-01 01:00,0,2\n",
      ),
    );
    expect([...home(set, "a").intervals]).to.deep.equal([
      { start: Date.UTC(2013, 0, 1), seconds: 1800, wattHours: 500, quality: "actual" },
      { start: Date.UTC(2013, 0, 1, 0, 30), seconds: 1800, wattHours: 1250, quality: "actual" },
      { start: Date.UTC(2013, 0, 1, 1), seconds: 1800, wattHours: 0, quality: "actual" },
    ]);
    expect([...home(set, "b").intervals].map((i) => i.wattHours)).to.deep.equal([1, 2000]);
    expect(kinds(set)).to.deep.equal(["no-time-zone"]);
  });

  it("long: a home, a time and an energy a row, in any order, with gaps named", async () => {
    const set = await readReadings(
      csv(
        "customer_id,read_at_time,kwh\n" +
          "x,2013-01-01 02:00,0.4\nx,2013-01-01 00:00,0.1\ny,2013-01-01 00:00,7\nx,2013-01-01 00:30,0.2\ny,2013-01-01 00:30,8\n",
      ),
    );
    const x = home(set, "x");
    expect([...x.intervals].map((i) => i.wattHours)).to.deep.equal([100, 200, 400]);
    expect(x.gaps).to.deep.equal([{ from: Date.UTC(2013, 0, 1, 1), to: Date.UTC(2013, 0, 1, 2) }]);
    expect(home(set, "y").intervals.wattHours).to.equal(15_000n);
    expect(kinds(set)).to.include("gap");
  });

  it("takes times as ends of intervals where only that makes whole days", async () => {
    const rows = Array.from({ length: 48 }, (_, i) => {
      const at = new Date(Date.UTC(2012, 6, 1) + (i + 1) * 1_800_000);
      const [d, h, m] = [at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes()];
      return `${d}/07/2012 ${h}:${String(m).padStart(2, "0")},1`;
    });
    const set = await readReadings(csv(`Datetime,kWh\n${rows.join("\n")}\n`, "street.csv"), {
      mapping: { dates: "day-first" },
    });
    expect(home(set, "street").intervals.from).to.equal(Date.UTC(2012, 6, 1));
    expect(home(set, "street").intervals.length).to.equal(48);
    expect(kinds(set)).to.include("labels-are-ends");
  });

  it("reads the hour that clocks show twice as two hours, and days of 23 and 25 hours", async () => {
    const label = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");
    const rows = (from: number, hours: number, offset: (at: number) => number): string =>
      Array.from({ length: hours }, (_, i) => from + i * 3_600_000)
        .map((at) => `${label(at + offset(at))},1`)
        .join("\n");
    const autumn = Date.UTC(2013, 9, 27, 1);
    const text = rows(Date.UTC(2013, 9, 26, 23), 25, (at) => (at < autumn ? 3_600_000 : 0));
    const set = await readReadings(csv(`Datetime,kWh\n${text}\n`), { timeZone: "Europe/London" });
    const [only] = set.homes;
    expect(only!.intervals.length).to.equal(25);
    expect(only!.gaps).to.deep.equal([]);
    expect(only!.intervals.from).to.equal(Date.UTC(2013, 9, 26, 23));
    expect(only!.intervals.to).to.equal(Date.UTC(2013, 9, 28));
  });

  it("refuses a time that clocks jump over", async () => {
    const error = await refusal(
      readReadings(csv("Datetime,kWh\n2013-03-31 01:30,1\n2013-03-31 02:30,1\n"), {
        timeZone: "Europe/London",
      }),
    );
    expect(error.code).to.equal("readings/bad-row");
    expect(error.details).to.include({ file: "homes.csv", line: 2 });
  });

  const bad: [string, string, string, number | null][] = [
    ["a negative energy", "Datetime,a\n2013-01-01 00:00,-1\n", "negative", 2],
    ["words for energy", "Datetime,a\n2013-01-01 00:00,lots\n", "not a number", 2],
    ["hexadecimal", "Datetime,a\n2013-01-01 00:00,0x10\n", "not a number", 2],
    ["infinity", "Datetime,a\n2013-01-01 00:00,Infinity\n", "not a number", 2],
    ["an energy beyond any meter", "Datetime,a\n2013-01-01 00:00,1e20\n", "beyond any meter", 2],
    ["a day not in the calendar", "Datetime,a\n2013-02-30 00:00,1\n", "not a date", 2],
    ["the 13th month", "Datetime,a\n13/13/2013 0:00,1\n", "not a date", 2],
    [
      "a row too short",
      "Datetime,a,b\n2013-01-01 00:00,1,1\n2013-01-01 00:30,1\n",
      "the header has 3",
      3,
    ],
    ["a quote that never closes", 'Datetime,a\n2013-01-01 00:00,"1\n', "a quote does not close", 2],
    ["two columns of one name", "Datetime,a,a\n2013-01-01 00:00,1,1\n", "two columns", 1],
    ["a home without a name", "id,time,kwh\n,2013-01-01 00:00,1\n", "names no home", 2],
  ];
  for (const [what, text, reason, line] of bad) {
    it(`refuses ${what} with file, line and reason`, async () => {
      const error = await refusal(readHomes(csv(text)));
      expect(error.code).to.equal("readings/bad-row");
      expect(error.message).to.include("homes.csv").and.to.include(reason);
      expect(error.details.line).to.equal(line);
    });
  }

  it("takes a bad row as missing when told to, and says so", async () => {
    const set = await readHomes(
      csv("Datetime,a\n2013-01-01 00:00,1\n2013-01-01 00:30,-1\n2013-01-01 01:00,1\n"),
      { badRows: "missing" },
    );
    expect(home(set, "a").intervals.length).to.equal(2);
    expect(set.oddities.find((o) => o.kind === "bad-row")).to.include({ line: 3, home: "a" });
  });

  it("counts a repeated reading once, within a file and across files", async () => {
    const text = "id,time,kwh\na,2013-01-01 00:00,1\na,2013-01-01 00:30,2\n";
    const set = await readReadings([csv(`${text}a,2013-01-01 00:30,2\n`), csv(text, "again.csv")]);
    expect(home(set, "a").intervals.wattHours).to.equal(3000n);
    expect(set.oddities.find((o) => o.kind === "duplicate")?.count).to.equal(3);
  });

  it("refuses contradictory duplicates and names both lines", async () => {
    const error = await refusal(
      readReadings(
        csv("id,time,kwh\na,2013-01-01 00:00,1\na,2013-01-01 00:30,2\na,2013-01-01 00:30,3\n"),
      ),
    );
    expect(error.code).to.equal("readings/contradictory-duplicate");
    expect(error.details).to.include({ line: 3, otherLine: 4 });
  });

  it("refuses intervals that overlap", async () => {
    const error = await refusal(
      readReadings(
        csv(
          "id,time,kwh\na,2013-01-01 00:00,1\na,2013-01-01 01:00,1\na,2013-01-01 02:00,1\na,2013-01-01 02:30,1\n",
        ),
      ),
    );
    expect(error.code).to.equal("readings/overlap");
    expect(error.details).to.include({ line: 4, otherLine: 5 });
  });

  it("keeps what is finer than a watt-hour until it makes one", async () => {
    const set = await readHomes(
      csv(
        "Datetime,a\n2013-01-01 00:00,0.0004\n2013-01-01 00:30,0.0004\n2013-01-01 01:00,0.0004\n",
      ),
    );
    expect([...home(set, "a").intervals].map((i) => i.wattHours)).to.deep.equal([0, 0, 1]);
    expect(kinds(set)).to.include("finer-than-watt-hour");
  });

  it("refuses a line that does not end, and more homes than any file has", async () => {
    const endless = await refusal(readHomes(csv(`Datetime,a\n2013,${"1".repeat(1_100_000)}`)));
    expect(endless.code).to.equal("readings/too-large");
    const homes = Array.from({ length: 50_001 }, (_, i) => `${i},2013-01-01 00:00,1\n`).join("");
    const many = await refusal(readHomes(csv(`id,time,kwh\n${homes}`)));
    expect(many.code).to.equal("readings/too-large");
  });

  it("refuses text that is not UTF-8", async () => {
    const bytes = Buffer.from("Datetime,a\n2013-01-01 00:00,1\n\xff\n", "latin1");
    const error = await refusal(readHomes({ name: "homes.csv", bytes }));
    expect(error.message).to.include("homes.csv").and.to.include("UTF-8");
  });

  it("refuses what is not a file of readings, an empty one, and one that is not there", async () => {
    const unknown = await refusal(readReadings(csv("hello world\n")));
    expect(unknown.code).to.equal("readings/unknown-format");
    expect((await refusal(readReadings(csv("")))).code).to.equal("readings/unknown-format");
    expect((await refusal(readReadings(csv("Datetime,a\n")))).code).to.equal(
      "readings/no-readings",
    );
    const absent = await refusal(readReadings("/nowhere/at/all.csv"));
    expect(absent.code).to.equal("readings/file-unreadable");
  });
});

describeWithData("CSV files of the data folder", () => {
  it("eleven homes of 2013: totals as computed with awk", async () => {
    const set = await readReadings(dataFile("sgsc11_2013_halfhourly_wide.csv"));
    expect(set.homes.map((h) => [h.id, h.intervals.length, h.intervals.wattHours])).to.deep.equal([
      ["8143511", 13125, 2260741n],
      ["8143537", 17516, 6671067n],
      ["8144683", 4933, 666160n],
      ["8144715", 10581, 3245689n],
      ["8145435", 17520, 5910896n],
      ["8145501", 15737, 5591555n],
      ["8145987", 17520, 4692675n],
      ["8145997", 17520, 5515335n],
      ["8146001", 17520, 2272151n],
      ["8146093", 17520, 10893086n],
      ["8146235", 17520, 6997608n],
    ]);
    expect(home(set, "8144715").gaps.length).to.equal(1);
    expect(set.oddities.filter((o) => o.kind === "ends-early").map((o) => o.home)).to.deep.equal([
      "8143511",
      "8144683",
    ]);
  });

  it("three homes of three years: totals as computed with awk, 46 gaps and one gap", async () => {
    const set = await readReadings(dataFile("sgsc3_2012-2014_halfhourly_long.csv"));
    expect(
      set.homes.map((h) => [h.id, h.intervals.length, h.intervals.wattHours, h.gaps.length]),
    ).to.deep.equal([
      ["10006414", 36061, 6696114n, 1],
      ["10006704", 30273, 14177947n, 46],
      ["10018064", 30722, 2170586n, 0],
    ]);
    const missing = home(set, "10006414").gaps.map((g) => (g.to - g.from) / 1_800_000);
    expect(missing).to.deep.equal([40]);
  });

  it("the file broken by hand is refused for its negative reading, at line 5", async () => {
    const file = dataFile("oddfile_billcalc_TestLoadProfile.csv");
    const error = await refusal(readReadings(file));
    expect(error.code).to.equal("readings/bad-row");
    expect(error.details).to.include({ file, line: 5 });
  });

  it("the same file with bad rows as missing: 53 readings gone, two slots missing", async () => {
    const set = await readReadings(dataFile("oddfile_billcalc_TestLoadProfile.csv"), {
      badRows: "missing",
      timeZone: "UTC",
    });
    const rows = 17_518;
    expect(set.homes.reduce((n, h) => n + h.intervals.length, 0)).to.equal(3 * rows - 52 - 1);
    for (const h of set.homes) {
      expect(h.intervals.from).to.equal(Date.UTC(2012, 6, 1));
      const slots = h.gaps.reduce((n, g) => n + (g.to - g.from) / 1_800_000, 0);
      expect(slots + h.intervals.length).to.equal(365 * 48);
    }
  });

  it("a network's load in micro-kWh keeps its sum to the watt-hour", async () => {
    const file = dataFile("au_network_load_2012-13_halfhourly.csv");
    expect((await refusal(readReadings(file))).message).to.include("--scale");
    const set = await readReadings(file, { mapping: { scale: "as-stated" } });
    expect(set.homes[0]!.intervals.wattHours).to.equal(39_782_807_232n);
  });
});
