/** What the numbers of tables are: their signs, units, registers and days. */
import { expect } from "chai";
import { refusal } from "../support/errors.js";
import { energies, expectQuestion, readTable, rowsFrom, two } from "../support/tables.js";

const halfHours = (value: (i: number) => string, separator = ";"): string =>
  rowsFrom("2024-02-01T00:00", { minutes: 30, count: 96, separator }, value);

describe("a table's decimal sign", () => {
  it("given zeros in the first rows, then the first number with a comma decides", async () => {
    const set = await readTable(`timestamp;kWh\n${halfHours((i) => (i < 60 ? "0" : "0,25"))}`);
    expect(energies(set)[0]).to.equal(9_000n);
    expect(set.understood![0]!.mapping.decimal).to.equal("comma");
  });

  it("given whole numbers and then 1.234 or 1,234, then it is asked", async () => {
    for (const number of ["1.234", "1,234"]) {
      const text = `timestamp;Wh\n${halfHours((i) => (i < 60 ? "1" : number))}`;
      const error = await expectQuestion(readTable(text), "--decimal");
      expect(error.message).to.include(`${number} at line 62`);
      const sign = number.includes(".") ? "comma" : "dot";
      expect(energies(await readTable(text, { decimal: sign }))[0]).to.equal(60n + 36n * 1234n);
    }
  });

  it("given one number that does not fit the sign of the others, then its line is refused", async () => {
    const text = `timestamp;kWh\n${halfHours((i) => (i === 70 ? "0,25" : "0.125"))}`;
    const error = await refusal(readTable(text));
    expect([error.code, error.details.line]).to.deep.equal(["readings/bad-row", 72]);
    expect(error.message).to.include("0,25").and.to.include("--decimal");
  });

  it("given thousands grouped by dots, spaces or apostrophes, then they are one number", async () => {
    for (const group of [".", " ", "\u00a0", "\u202f", "'"]) {
      const text = `timestamp;Wh\n${halfHours((i) => `1${group}${100 + ((i * 37) % 48)},5`)}`;
      const first = (await readTable(text)).homes[0]!.intervals.at(0).wattHours;
      expect(first, JSON.stringify(group)).to.equal(1100);
    }
  });
});

describe("a table's units", () => {
  const gas = { gasWattHoursPerCubicMetre: 11_000 };

  it("given therms, then they are gas", async () => {
    const set = await readTable(
      "Name,JANE\nAccount Number,77\n\nTYPE,DATE,START TIME,END TIME,USAGE (therms),COST,NOTES\n" +
        "Natural gas usage,2024-02-01,00:00,23:59,1.00,$3,\nNatural gas usage,2024-02-02,00:00,23:59,2.00,$3,\n",
    );
    expect(set.homes.map((h) => [h.id, h.commodity, h.intervals.wattHours])).to.deep.equal([
      ["77", "gas", 87_900n],
    ]);
  });

  it("given cubic metres, then they wait for the energy of one", async () => {
    const text =
      "Consumption (m³), Estimated Cost Inc. Tax (p), Start, End\n" +
      "0.5,1, 2024-02-01T00:00:00+00:00, 2024-02-01T00:30:00+00:00\n" +
      "0.25,1, 2024-02-01T00:30:00+00:00, 2024-02-01T01:00:00+00:00\n";
    const without = await refusal(readTable(text));
    expect(without.code).to.equal("readings/no-readings");
    expect(without.message).to.include("--gas");
    const set = await readTable(text, {}, gas);
    expect([set.homes[0]!.commodity, energies(set)[0]]).to.deep.equal(["gas", 8_250n]);
  });

  it("given the same gas by volume and by energy, row by row, then the energy counts once", async () => {
    const head =
      "Van (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus\n";
    const at = (h: number): string => `01-02-2024;${two(h)}:00:00;01-02-2024;${two(h + 1)}:00:00`;
    const rows = [0, 1, 2].flatMap((h) => [
      `${at(h)};="54";1SAG;Digitale meter;Afname;0,500;m3;Gevalideerd\n`,
      `${at(h)};="54";1SAG;Digitale meter;Afname;5,700;kWh;Gevalideerd\n`,
    ]);
    const text = (head + rows.join("")).replaceAll("Gevalideerd", "Uitgelezen");
    for (const options of [{}, gas]) {
      const set = await readTable(text, {}, options);
      expect(set.homes.map((h) => h.intervals.wattHours)).to.deep.equal([17_100n]);
    }
    expect((await readTable(text, {}, gas)).homes[0]!.commodity).to.equal("gas");
  });

  it("n3rgy's CSV: its times are UTC, summer too, and its gas is in cubic metres", async () => {
    const rows = rowsFrom("2024-07-01T00:00", { minutes: 30, count: 96 }, () => "0.5");
    const set = await readTable(`timestamp (UTC),energyConsumption (kWh)\n${rows}`);
    expect([set.timeZone, set.homes[0]!.intervals.from]).to.deep.equal([
      "Europe/London",
      Date.UTC(2024, 6, 1),
    ]);
    const volume = await readTable(`timestamp (UTC),energyConsumption (m3)\n${rows}`, {}, gas);
    expect(volume.homes[0]!.intervals.wattHours).to.equal(528_000n);
    // Where the file does not show it, the ends of half-hours are not guessed.
    const within = rowsFrom("2024-07-01T07:00", { minutes: 30, count: 9 }, () => "0.5");
    await expectQuestion(
      readTable(`timestamp (UTC),energyConsumption (kWh)\n${within}`),
      "--labels",
    );
  });

  it("given kWh and Wh row by row, then each row has its own unit", async () => {
    const rows = rowsFrom(
      "2024-02-01T00:00",
      { minutes: 30, count: 48 },
      () => "A,0.5,kWh",
    ).replace(/.*\n/g, (row) => row + row.replace("A,0.5,kWh", "B,250,Wh"));
    const set = await readTable(`timestamp,meter,value,unit\n${rows}`, { registers: "add" });
    expect(energies(set)[0]).to.equal(36_000n);
  });
});

describe("a table's registers", () => {
  const header = "MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time\n";
  const day = (d: number, type: string, value: number): string =>
    `1000,2000,${value.toFixed(2)},${type} (kWh),${two(d)}-02-2024 00:00\n`;

  it("given the word in the type of each row, then they count up, with any unit", async () => {
    const rows = Array.from({ length: 20 }, (_, i) =>
      day(20 - i, "24 Hr Active Import Register", 12_000 + (19 - i) * 9.5),
    );
    const set = await readTable(header + rows.join(""));
    expect(energies(set)[0]).to.equal(180_500n);
  });

  it("given day and night registers, then their differences add up", async () => {
    const rows = Array.from({ length: 10 }, (_, i) => [
      day(10 - i, "Day Peak Import Register", 500 + (9 - i) * 2),
      day(10 - i, "Night Import Register", 300 + (9 - i)),
    ]).flat();
    expect(energies(await readTable(header + rows.join("")))[0]).to.equal(27_000n);
  });

  it("given columns that an answer adds up, then both count; unanswered it is asked", async () => {
    const rows = Array.from({ length: 20 }, (_, i) => `2024-02-${two(i + 1)},5.5,2.5\n`).join("");
    const text = `date,day kWh,night kWh\n${rows}`;
    const error = await expectQuestion(readTable(text), "--columns");
    expect(error.message).to.include("import=NAME+NAME");
    const set = await readTable(text, { columns: { import: "day kWh+night kWh" } });
    expect(energies(set)[0]).to.equal(160_000n);
  });

  it("given exports written below nothing, then they are fed in; of both signs they are refused", async () => {
    const rows = (value: (i: number) => string): string =>
      `timestamp,import kWh,export kWh\n${rowsFrom("2024-02-01T00:00", { minutes: 30, count: 48 }, (i) => `0.5,${value(i)}`)}`;
    const set = await readTable(rows((i) => (i % 5 === 0 ? "-0.2" : "0")));
    expect(energies(set)).to.deep.equal([24_000n, 2_000n]);
    const error = await refusal(readTable(rows((i) => (i % 5 === 0 ? "-0.2" : "0.1"))));
    expect(error.message).to.include("negative and positive").and.to.include("--direction net");
  });
});

describe("a table's days and other times", () => {
  it("given ends that are the last day included, then no day is lost between bills", async () => {
    const periods = "Start,End,kWh\n2024-01-01,2024-01-31,310\n2024-02-01,2024-02-29,290\n";
    const set = await readTable(periods);
    expect(set.homes[0]!.gaps).to.deep.equal([]);
    expect(set.homes[0]!.intervals.to).to.equal(Date.UTC(2024, 2, 1));
    const excluded = periods.replace("2024-01-31", "2024-02-01");
    expect((await readTable(excluded)).homes[0]!.intervals.to).to.equal(Date.UTC(2024, 1, 29));
  });

  it("given one row of days, then it is asked whether its last day is part of it", async () => {
    const text = "Start,End,kWh\n2024-01-01,2024-01-31,310\n";
    await expectQuestion(readTable(text), "--ends");
    const ends = async (answer: "included" | "excluded"): Promise<number> =>
      (await readTable(text, { ends: answer })).homes[0]!.intervals.to!;
    expect(await ends("included")).to.equal(Date.UTC(2024, 1, 1));
    expect(await ends("excluded")).to.equal(Date.UTC(2024, 0, 31));
  });

  it("given a date for each month, then it is asked which end it is, and month ends are whole months", async () => {
    const values = [300, 250, 310, 240, 200];
    const rows = (dates: readonly string[]): string =>
      `Date,kWh\n${dates.map((d, i) => `${d},${values[i]}\n`).join("")}`;
    const firsts = rows(["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"]);
    await expectQuestion(readTable(firsts), "--labels");
    const start = await readTable(firsts, { labels: "start" });
    expect(start.homes[0]!.intervals.to).to.equal(Date.UTC(2024, 5, 1));
    const lasts = rows(["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]);
    const end = (await readTable(lasts, { labels: "end" })).homes[0]!;
    expect([end.intervals.from, end.intervals.to, end.gaps.length]).to.deep.equal([
      Date.UTC(2024, 0, 1),
      Date.UTC(2024, 5, 1),
      0,
    ]);
  });

  it("given days of a spreadsheet, seconds of Unix, or digits alone, then they are the same times", async () => {
    const texts = Array.from({ length: 48 }, (_, i) => [
      (45_323 + i / 48).toFixed(6),
      String(1_706_745_600 + i * 1800),
      String((1_706_745_600 + i * 1800) * 1000),
      `20240201${two(Math.floor(i / 2))}${i % 2 === 0 ? "00" : "30"}`,
    ]);
    for (const k of [0, 1, 2, 3]) {
      const set = await readTable(`Date,kWh\n${texts.map((t) => `${t[k]!},0.5\n`).join("")}`);
      const { intervals } = set.homes[0]!;
      expect(
        [intervals.from, intervals.length, intervals.at(7).seconds],
        texts[0]![k],
      ).to.deep.equal([Date.UTC(2024, 1, 1), 48, 1800]);
    }
  });
});
