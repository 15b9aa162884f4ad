/** The same energy in several registers, in a file or in files that are given together: counted once. */
import { expect } from "chai";
import { readReadings, type Mapping, type ReadingSet } from "../../src/readings/index.js";
import { energies, expectQuestion, two } from "../support/tables.js";

const header = "MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time\n";
const DAYS = 20;
const power = (i: number): number => 200 + ((i * 37) % 97) * 10;
const end = (minutes: number): string => {
  const at = new Date(Date.UTC(2024, 1, 1) + minutes * 60_000).toISOString();
  return `${at.slice(8, 10)}-${at.slice(5, 7)}-${at.slice(0, 4)} ${at.slice(11, 16)}`;
};
const row = (value: string, type: string, at: string): string =>
  `1000,2000,${value},${type},${at}\n`;

/** Half-hours of mean power in kW, newest first. */
const halfHours = (from = 0): string => {
  const rows = Array.from({ length: DAYS * 48 - from }, (_, k) => {
    const i = from + k;
    return row((power(i) / 1000).toFixed(3), "Active Import Interval (kW)", end((i + 1) * 30));
  });
  return header + rows.reverse().join("");
};

/** Registers at each midnight, in hundredths of a kWh; `share` of the energy of each half-hour. */
function registers(parts: readonly (readonly [string, (i: number) => number])[]): string {
  const rows = parts.flatMap(([type, share]) =>
    Array.from({ length: DAYS + 1 }, (_, d) => {
      let wattHours = 5_000_000;
      for (let i = 0; i < d * 48; i++) wattHours += (power(i) / 2) * share(i);
      return row((Math.floor(wattHours / 10) / 100).toFixed(2), `${type} (kWh)`, end(d * 1440));
    }),
  );
  return header + rows.reverse().join("");
}

const isNight = (i: number): number => (i % 48 < 16 ? 1 : 0);
const day24 = registers([["24 Hr Active Import Register", () => 1]]);
const dayNight = registers([
  ["Day Off-Peak Import Register", (i) => 1 - isNight(i)],
  ["Night Import Register", isNight],
]);
const total = Array.from({ length: DAYS * 48 }, (_, i) => power(i) / 2).reduce((a, b) => a + b);

const read = (texts: readonly string[], mapping: Mapping = {}): Promise<ReadingSet> =>
  readReadings(
    texts.map((bytes, i) => ({ name: `${i}.csv`, bytes })),
    { mapping },
  );

describe("files of the same energy given together", () => {
  it("given half-hours and the register of each day, in any order, then the half-hours count", async () => {
    for (const files of [
      [halfHours(), day24],
      [day24, halfHours()],
    ]) {
      const set = await read(files);
      expect(Number(energies(set)[0])).to.equal(total);
      expect(set.homes[0]!.intervals.length).to.equal(DAYS * 48);
      expect(set.oddities.some((o) => o.message.includes("has the same energy"))).to.equal(true);
    }
  });

  it("given the registers of day and night as well, then nothing counts twice", async () => {
    const all = [halfHours(), day24, dayNight];
    expect(Number(energies(await read(all))[0])).to.equal(total);
    const coarse = Number(energies(await read([day24, dayNight]))[0]);
    expect(Math.abs(coarse - total)).to.be.lessThan(40);
  });

  it("given half-hours of the last days alone, then the register counts before them", async () => {
    const set = await read([halfHours(10 * 48), day24]);
    expect(Math.abs(Number(energies(set)[0]) - total)).to.be.lessThan(20);
    expect(set.homes[0]!.gaps).to.deep.equal([]);
  });

  it("given a register that agrees on some days only, then it is asked, and each answer is followed", async () => {
    // On five days the register counted what the half-hours lack.
    const other = registers([
      ["24 Hr Active Import Register", (i) => (Math.floor(i / 48) % 4 === 1 ? 2 : 1)],
    ]);
    await expectQuestion(read([halfHours(), other]), "--registers");
    const added = Number(energies(await read([halfHours(), other], { registers: "add" }))[0]);
    expect(added).to.be.greaterThan(2 * total);
  });

  it("given a total beside its day and night in each row's register, then it counts once", async () => {
    const rows = Array.from({ length: 24 }, (_, i) => {
      const [d, n] = [300 + ((i * 37) % 48), 100 + ((i * 11) % 48)];
      const at = `2024-02-${two(i + 1)}`;
      return `${at},Import Day,${d}\n${at},Import Night,${n}\n${at},Import Total,${d + n}\n`;
    });
    const set = await readReadings({ name: "t.csv", bytes: `date,register,Wh\n${rows.join("")}` });
    const sum = Array.from({ length: 24 }, (_, i) => 400 + ((i * 37) % 48) + ((i * 11) % 48));
    expect(Number(energies(set)[0])).to.equal(sum.reduce((a, b) => a + b));
  });

  it("given two registers that differ, then they add up unasked", async () => {
    const rows = Array.from({ length: 24 }, (_, i) => {
      const at = `2024-02-${two(i + 1)}`;
      return `${at},Import Day,${300 + ((i * 37) % 48)}\n${at},Import Night,${100 + ((i * 11) % 48)}\n`;
    });
    const set = await readReadings({ name: "t.csv", bytes: `date,register,Wh\n${rows.join("")}` });
    const sum = Array.from({ length: 24 }, (_, i) => 400 + ((i * 37) % 48) + ((i * 11) % 48));
    expect(Number(energies(set)[0])).to.equal(sum.reduce((a, b) => a + b));
  });
});
