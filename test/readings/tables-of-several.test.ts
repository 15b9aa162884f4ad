/** Several files without a home's name, several meters in one table, registers that begin again, and rows of a day. */
import { expect } from "chai";
import { readReadings, type Mapping, type ReadingSet } from "../../src/readings/index.js";
import { refusal } from "../support/errors.js";
import { energies, expectQuestion, readTable, rowsFrom, two } from "../support/tables.js";

const HALF_HOURS = { minutes: 30, count: 336 };
const wh = (i: number): number => 100 + ((i * 137) % 251);
const kWh = (i: number): string => (wh(i) / 1000).toFixed(3);
const sum = (from: number, to: number): number =>
  Array.from({ length: to - from }, (_, i) => wh(from + i)).reduce((a, b) => a + b, 0);
const WEEK = sum(0, 336);
const week = (from: string, value = kWh): string => rowsFrom(from, HALF_HOURS, value);
/** The state of a register in kWh before the half-hour `i`. */
const state = (i: number, at: number): string => ((at + sum(0, i)) / 1000).toFixed(3);

const read = (
  files: readonly (readonly [string, string])[],
  mapping: Mapping,
): Promise<ReadingSet> =>
  readReadings(
    files.map(([name, bytes]) => ({ name, bytes })),
    { mapping },
  );
const homes = (set: ReadingSet): [string, bigint][] =>
  set.homes.map(({ id, intervals }) => [id, intervals.wattHours]);

describe("files that name no home", () => {
  const [first, second] = ["2024-02-12T00:00", "2024-02-19T00:00"].map(
    (from) => `timestamp,kWh\n${week(from)}`,
  );

  it("given two weeks of one home in two files, then it is asked, and blocks do not begin again with each file", async () => {
    const files = [
      ["one.csv", first!],
      ["two.csv", second!],
    ] as const;
    const error = await expectQuestion(read(files, {}), "--files");
    expect(error.message).to.include("one.csv, two.csv");
    expect(homes(await read(files, { files: "one" }))).to.deep.equal([["one", BigInt(2 * WEEK)]]);
    const each = homes(await read(files, { files: "each" }));
    expect(each).to.deep.equal([
      ["one", BigInt(WEEK)],
      ["two", BigInt(WEEK)],
    ]);
  });

  it("given files of the same name from two folders, then each is a home of its own, not one with both", async () => {
    const files = [
      ["ann/usage.csv", first!],
      ["bob/usage.csv", second!],
    ] as const;
    await expectQuestion(read(files, {}), "--files");
    const each = homes(await read(files, { files: "each" }));
    expect(each.map(([id]) => id)).to.deep.equal(["usage", "bob/usage.csv"]);
  });

  it("given JSON without a meter beside a table, then it is asked as well", async () => {
    const json = JSON.stringify([
      {
        consumption: 0.5,
        interval_start: "2024-02-26T00:00:00Z",
        interval_end: "2024-02-26T00:30:00Z",
      },
    ]);
    const files = [
      ["one.csv", first!],
      ["two.json", json],
    ] as const;
    await expectQuestion(read(files, {}), "--files");
  });

  it("given one file, or files that name their homes, then nothing is asked", async () => {
    expect(homes(await read([["one.csv", first!]], {}))).to.have.lengthOf(1);
    const named = ["A", "B"].map(
      (id) =>
        [
          `${id}.csv`,
          `timestamp,meter id,kWh\n${week("2024-02-12T00:00", (i) => `${id},${kWh(i)}`)}`,
        ] as const,
    );
    expect(homes(await read(named, {})).map(([id]) => id)).to.deep.equal(["A", "B"]);
  });
});

describe("meters in one table", () => {
  const intervals = `timestamp,meter,kWh\n${week("2024-02-12T00:00", (i) => `A,${kWh(i)}`)}${week("2024-02-12T00:00", (i) => `B,${kWh(i + 7)}`)}`;
  const states = `timestamp,meter,Meter Reading kWh\n${week("2024-02-12T00:00", (i) => `A,${state(i, 5_000_000)}`)}${week("2024-02-12T00:00", (i) => `B,${state(i, 9_000_000)}`)}`;
  const B = sum(7, 343);

  it("given two that measure at the same times, then one home is not billed for both unasked", async () => {
    const error = await expectQuestion(readTable(intervals), "--registers");
    expect(error.message).to.include("A and B").and.include("--columns home=meter");
    expect(energies(await readTable(intervals, { registers: "add" }))[0]).to.equal(
      BigInt(WEEK + B),
    );
    expect(energies(await readTable(intervals, { registers: "B" }))[0]).to.equal(BigInt(B));
    const apart = homes(await readTable(intervals, { columns: { home: "meter" } }));
    expect(apart).to.deep.equal([
      ["A", BigInt(WEEK)],
      ["B", BigInt(B)],
    ]);
  });

  it("given an answer that names a meter which is not there, then it is asked again and nothing is added up", async () => {
    await expectQuestion(readTable(intervals, { registers: "C" }), "--registers");
  });

  it("given the states of two registers in turn, then each answer of the question reads them", async () => {
    await expectQuestion(readTable(states), "--registers");
    const one = sum(0, 335);
    expect(energies(await readTable(states, { registers: "A" }))[0]).to.equal(BigInt(one));
    expect(energies(await readTable(states, { registers: "add" }))[0]).to.equal(BigInt(2 * one));
    const apart = homes(await readTable(states, { columns: { home: "meter" } }));
    expect(apart.map(([, energy]) => energy)).to.deep.equal([BigInt(one), BigInt(one)]);
  });

  it("given a meter that was exchanged, with the last state of the old and the first of the new at one time, then nothing is asked", async () => {
    const exchanged = `timestamp,meter,Meter Reading kWh\n${week("2024-02-12T00:00", (i) =>
      i < 100
        ? `A,${state(i, 5_000_000)}`
        : `${i === 100 ? `A,${state(i, 5_000_000)}\n2024-02-14 02:00,` : ""}B,${state(i, -sum(0, 100))}`,
    )}`;
    const set = await readTable(exchanged);
    expect(energies(set)[0]).to.equal(BigInt(sum(0, 335)));
    expect(set.oddities.map((o) => o.message)).to.include("the meter was exchanged: A, then B");
  });
});

describe("registers that begin again", () => {
  const daily = `timestamp,Cumulative kWh\n${week("2024-02-12T00:00", (i) => {
    const begun = i - (i % 48);
    return (sum(begun, i + 1) / 1000).toFixed(3);
  })}`;

  it("given one that counts from zero each day, when the answer is zero, then no watt-hour of midnight is lost", async () => {
    const error = await expectQuestion(readTable(daily), "--resets");
    expect(error.message).to.include("zero");
    const set = await readTable(daily, { resets: "zero" });
    expect(energies(set)[0]).to.equal(BigInt(sum(1, 336)));
    expect(set.homes[0]!.gaps).to.deep.equal([]);
    const exchanged = await readTable(daily, { resets: "exchange" });
    expect(exchanged.homes[0]!.gaps).to.have.lengthOf(6);
  });
});

describe("rows that hold a day", () => {
  const days = Array.from({ length: 12 }, (_, d) => `2024-10-${20 + d}`);
  const hours = (
    head: (h: number) => string,
    count: number,
    cell: (d: number, h: number) => string,
  ): string =>
    `Date,${Array.from({ length: count }, (_, h) => head(h)).join(",")}\n${days
      .map(
        (date, d) => `${date},${Array.from({ length: count }, (_, h) => cell(d, h)).join(",")}\n`,
      )
      .join("")}`;

  it("given hours whose headers name their unit, then they are hours of the day and no columns to add up", async () => {
    const numbered = hours(
      (h) => `H${h + 1} (kWh)`,
      25,
      (d, h) => (h < 24 || days[d] === "2024-10-27" ? kWh(d * 25 + h) : ""),
    );
    const set = await readTable(numbered, {}, { timeZone: "Europe/Amsterdam" });
    expect(set.homes[0]!.intervals.length).to.equal(12 * 24 + 1);
    expect(set.homes[0]!.gaps).to.deep.equal([]);
    const before = Array.from({ length: 7 }, (_, d) => sum(d * 25, d * 25 + 24)).reduce(
      (a, b) => a + b,
      0,
    );
    const upTo = Date.parse("2024-10-26T22:00Z");
    const first = [...set.homes[0]!.intervals].filter((r) => r.start < upTo);
    expect(first.reduce((n, r) => n + r.wattHours, 0)).to.equal(before);
  });

  it("given clock times with a unit in watt-hours, then the unit of the header holds", async () => {
    const clocks = hours(
      (h) => `${two(h)}:00 Wh`,
      24,
      (d, h) => String(wh(d * 24 + h)),
    );
    const set = await readTable(clocks, { gaps: "missing" });
    expect(energies(set)[0]).to.equal(BigInt(sum(0, 288)));
  });
});

describe("a row that cannot be right", () => {
  it("given a row of several homes with an offset in its time, then each of its readings is counted as missing", async () => {
    const rows = week("2024-02-12T00:00", (i) => `${kWh(i)},${kWh(i + 1)}`).replace(
      "12 03:00,",
      "12T03:00Z,",
    );
    const mapping: Mapping = { columns: "homes", quantity: "kWh" };
    const set = await readTable(`timestamp,a,b\n${rows}`, mapping, { badRows: "missing" });
    const bad = set.oddities.filter((o) => o.kind === "bad-row");
    expect(bad.map((o) => o.count)).to.deep.equal([2]);
  });
});

describe("questions about columns", () => {
  it("given two columns of which neither is known, then nothing is asked about a column without a name", async () => {
    const peaks = `timestamp,Peak (kWh),Off-peak (kWh)\n${week("2024-02-12T00:00", (i) => `${kWh(i)},0`)}`;
    const error = await expectQuestion(readTable(peaks), "--columns");
    expect(error.details.options).to.equal("--columns");
  });
});

describe("an order of dates that is answered and does not exist", () => {
  it("given either order, then the refusal names the line and the option of the other", async () => {
    const days = (text: (d: number) => string): string =>
      `date,kWh\n${Array.from({ length: 12 }, (_, i) => `${text(13 + i)},8.${i % 3}\n`).join("")}`;
    const cases = [
      [days((d) => `${d}/02/2024`), "month-first", "the month first (--dates day-first"],
      [days((d) => `02/${d}/2024`), "day-first", "the day first (--dates month-first"],
    ] as const;
    for (const [text, dates, said] of cases) {
      const error = await refusal(readTable(text, { dates }));
      expect(error.message).to.include(said).and.to.include("line 2");
    }
  });
});
