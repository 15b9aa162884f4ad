/** Tables whose days have 23 or 25 hours, by every way in which programs write them. */
import { expect } from "chai";
import type { Interval, ReadingSet } from "../../src/readings/index.js";
import { refusal } from "../support/errors.js";
import {
  clockTimes,
  energies,
  expectQuestion,
  readTable,
  rowsFrom,
  two,
} from "../support/tables.js";

const AUTUMN = "2024-10-27";
const SPRING = "2024-03-31";
const all = (set: ReadingSet): Interval[] => [...set.homes[0]!.intervals];

/** Without a gap, an hour each, from local midnight on; the energy of each tells which row it was. */
function expectHours(set: ReadingSet, from: number, count: number): void {
  expect(set.homes[0]!.gaps).to.deep.equal([]);
  expect(all(set).map((i) => [(i.start - from) / 3_600_000, i.seconds, i.wattHours])).to.deep.equal(
    Array.from({ length: count }, (_, i) => [i, 3600, i + 1]),
  );
}

describe("a table whose clocks are put back or forward", () => {
  const madrid = { timeZone: "Europe/Madrid" };
  const datadis = "cups;fecha;hora;consumo_kWh;metodoObtencion\n";
  const row = (hour: string, i: number): string => `ES1;2024/10/27;${hour};0,00${i + 1};Real\n`;

  it("given the hour 03:00 twice as an end, then both hours from 02:00 count, in their order", async () => {
    const hours = ["01:00", "02:00", "03:00", "03:00", "04:00", "05:00"];
    const set = await readTable(datadis + hours.map(row).join(""), {}, madrid);
    expectHours(set, Date.UTC(2024, 9, 26, 22), 6);
  });

  it("given ends by the clock, where 02:00 comes twice, then the same hours count", async () => {
    const hours = ["01:00", "02:00", "02:00", "03:00", "04:00", "05:00"];
    const set = await readTable(datadis + hours.map(row).join(""), {}, madrid);
    expectHours(set, Date.UTC(2024, 9, 26, 22), 6);
  });

  it("given 03:00 as the end that clocks jump over, or 02:00, then the day has no gap", async () => {
    for (const missing of ["02:00", "03:00"]) {
      const hours = clockTimes(60, 6, 60).filter((h) => h !== missing);
      const rows = hours.map((h, i) => row(h, i).replace("10/27", "03/31"));
      const set = await readTable(datadis + rows.join(""), {}, madrid);
      expectHours(set, Date.UTC(2024, 2, 30, 23), 5);
    }
  });

  it("given hours by number, 1 to 25 and 1 to 23, then each is an hour that passed", async () => {
    const header = "CUPS;Fecha;Hora;AE_kWh;REAL/ESTIMADO\n";
    const days: readonly (readonly [string, number, number])[] = [
      ["27/10/2024", 25, Date.UTC(2024, 9, 26, 22)],
      ["31/03/2024", 23, Date.UTC(2024, 2, 30, 23)],
    ];
    for (const [date, count, from] of days) {
      const rows = Array.from(
        { length: count },
        (_, i) => `ES1;${date};${i + 1};0,0${two(i + 1)};R\n`,
      );
      expectHours(
        await readTable(header + rows.join(""), { quantity: "kWh" }, madrid),
        from,
        count,
      );
    }
  });

  it("given hours by number of the clock, without the one that is jumped over, then the rest is in place", async () => {
    const hours = Array.from({ length: 24 }, (_, i) => i + 1).filter((h) => h !== 3);
    const rows = hours.map((h, i) => `ES1;31/03/2024;${h};0,0${two(i + 1)};R\n`);
    const set = await readTable(
      `CUPS;Fecha;Hora;AE_kWh;R\n${rows.join("")}`,
      { quantity: "kWh" },
      madrid,
    );
    expectHours(set, Date.UTC(2024, 2, 30, 23), 23);
  });

  it("given hours from 0, then they are starts; without 0 and 24 it is asked", async () => {
    const rows = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, i) => `2024-02-01,${from + i},0.5\n`).join("");
    const set = await readTable(`date,hour,kWh\n${rows(0, 24)}`);
    expect(set.homes[0]!.intervals.from).to.equal(Date.UTC(2024, 1, 1));
    await expectQuestion(readTable(`date,hour,kWh\n${rows(7, 19)}`), "--labels");
    const ends = await readTable(`date,hour,kWh\n${rows(7, 19)}`, { labels: "end" });
    expect(ends.homes[0]!.intervals.from).to.equal(Date.UTC(2024, 1, 1, 6));
  });

  it("given 46 or 50 numbered half-hours in a row, then the day has 23 or 25 hours", async () => {
    const numbers = Array.from({ length: 50 }, (_, i) => i + 1);
    const header = `mpan,date,${numbers.map((n) => `hh${two(n)}`).join(",")}\n`;
    for (const [date, count] of [
      ["31/03/2024", 46],
      ["27/10/2024", 50],
    ] as const) {
      const values = numbers.map((n) => (n <= count ? `0.0${two(n)}` : ""));
      const set = await readTable(`${header}12000,${date},${values.join(",")}\n`);
      expect(all(set).map((i) => i.wattHours)).to.deep.equal(numbers.slice(0, count));
      expect(set.homes[0]!.gaps).to.deep.equal([]);
    }
  });

  it("given 48 full half-hours on a day of 23 hours, then it is refused and says what such a clock needs", async () => {
    const header = `mpan,date,${Array.from({ length: 48 }, (_, i) => `hh${two(i + 1)}`).join(",")}\n`;
    const text = `${header}12000,31/03/2024,${"0.5,".repeat(47)}0.5\n`;
    const error = await refusal(readTable(text));
    expect(error.code).to.equal("readings/bad-row");
    expect(error.message).to.include("--time-zone");
    const steady = await readTable(text, {}, { timeZone: "+00:00" });
    expect(steady.homes[0]!.intervals.length).to.equal(48);
  });

  it("given zeros in the hour that clocks jump over, then they are left out, and this is said", async () => {
    const text = `timestamp,kWh\n${rowsFrom(`${SPRING}T00:00`, { minutes: 30, count: 48 }, (i) => (i === 2 || i === 3 ? "0" : "0.5"))}`;
    const set = await readTable(text, {}, { timeZone: "Europe/London" });
    expect(all(set).length).to.equal(46);
    expect(set.homes[0]!.gaps).to.deep.equal([]);
    expect(set.oddities.some((o) => o.message.includes("left out (2)"))).to.equal(true);
  });

  it("given days newest first and hours oldest first, then the doubled hour keeps its order", async () => {
    const day = (date: string, times: readonly string[], from: number): string =>
      times.map((t, i) => `${date} ${t},0.${100 + from + i}\n`).join("");
    const doubled = [...clockTimes(30, 4), "01:00", "01:30", ...clockTimes(30, 44, 120)];
    const text =
      "timestamp,kWh\n" +
      day("2024-10-28", clockTimes(30), 100) +
      day(AUTUMN, doubled, 50) +
      day("2024-10-26", clockTimes(30), 0);
    const set = await readTable(text, { quantity: "kWh" }, { timeZone: "Europe/London" });
    const there = all(set).slice(48, 98);
    expect(there.map((i) => i.wattHours)).to.deep.equal(
      Array.from({ length: 50 }, (_, i) => 150 + i),
    );
  });

  it("given the doubled hour once, then it is asked whether the meter's clock is ever changed", async () => {
    const text = `timestamp,kWh\n${rowsFrom("2024-10-26T00:00", { minutes: 30, count: 144 }, (i) => `0.${100 + ((i * 37) % 48)}`)}`;
    const london = { timeZone: "Europe/London" };
    const error = await expectQuestion(readTable(text, {}, london), "--gaps");
    expect(error.message).to.include("--time-zone").and.to.include(AUTUMN);
    const missing = await readTable(text, { gaps: "missing" }, london);
    expect(missing.homes[0]!.gaps.length).to.equal(1);
    const steady = await readTable(text, {}, { timeZone: "+00:00" });
    expect([steady.homes[0]!.gaps.length, energies(steady)[0]]).to.deep.equal([
      0,
      energies(missing)[0],
    ]);
  });

  it("given a spring without the hour that is jumped over, then the lost hour of autumn is a gap", async () => {
    const spring = rowsFrom(`${SPRING}T00:00`, { minutes: 30, count: 48 }, () => "0.5")
      .split("\n")
      .filter((r) => !/ 01:/.test(r))
      .join("\n");
    const autumn = rowsFrom(`${AUTUMN}T00:00`, { minutes: 30, count: 48 }, () => "0.4");
    const set = await readTable(
      `timestamp,kWh\n${spring}${autumn}`,
      {},
      { timeZone: "Europe/London" },
    );
    expect(set.homes[0]!.gaps.at(-1)).to.deep.equal({
      from: Date.UTC(2024, 9, 27, 1),
      to: Date.UTC(2024, 9, 27, 2),
    });
  });
});
