/** Exports as portals give them, each with one thing changed: no change may make a wrong bill. */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { readReadings, type Mapping, type ReadingSet } from "../../src/readings/index.js";
import { dataFile, describeWithData } from "../data.js";
import { refusal } from "../support/errors.js";

type Change = (text: string) => string;
const rename =
  (from: string, to: string): Change =>
  (text) =>
    text.replace(from, to);
const withoutLines =
  (count: number): Change =>
  (text) =>
    text.split("\n").slice(count).join("\n");
const withoutColumn =
  (at: number, separator: string): Change =>
  (text) =>
    text
      .split(/\r?\n/)
      .map((line) => line.split(separator))
      .map((fields) => fields.filter((_, i) => i !== at).join(separator))
      .join("\n");
const MONTH_FIRST = "$2-$1-$3";
const dates: Change = (text) => text.replaceAll(/(\d\d)[-/](\d\d)[-/](\d{4})/g, MONTH_FIRST);

/** Drawn and fed in, in watt-hours. */
type Energy = readonly [bigint, bigint];
interface Case {
  readonly file: string;
  readonly what: string;
  readonly change: Change;
  /** What the refusal or question says; absent where the file is read unasked. */
  readonly says?: readonly string[];
  /** What answers it. */
  readonly answer?: Mapping;
  readonly energy?: Energy;
}

const HOME: Energy = [314_121n, 0n];
const cases: readonly Case[] = [
  {
    ...{ file: "octopus.csv", what: "its column of energy renamed" },
    change: rename("Consumption (kWh)", "Usage"),
    says: ["--quantity", "Octopus Energy CSV", '"consumption (kwh)"'],
    ...{ answer: { quantity: "kWh" }, energy: HOME },
  },
  {
    ...{ file: "octopus.csv", what: "semicolons for commas" },
    ...{ change: (text) => text.replaceAll(",", ";"), energy: HOME },
  },
  {
    ...{ file: "octopus.csv", what: "the column of energy missing" },
    change: withoutColumn(0, ","),
    says: ["--columns", "Octopus Energy CSV", '"consumption (kwh)"'],
  },
  {
    ...{ file: "pge_electric_new.csv", what: "the lines before its header missing" },
    ...{ change: withoutLines(5), energy: [584_780n, 0n] },
  },
  {
    ...{ file: "pge_electric_new.csv", what: "its column of imports renamed" },
    change: rename("IMPORT (kWh)", "POWER FLOW"),
    says: ["--columns", '"POWER FLOW"'],
    answer: { columns: { import: "POWER FLOW", export: "EXPORT (kWh)" }, quantity: "kWh" },
    energy: [584_780n, 0n],
  },
  {
    ...{ file: "enedis.csv", what: "the lines with its unit missing" },
    change: withoutLines(2),
    says: ["--quantity"],
    ...{ answer: { quantity: "W" }, energy: HOME },
  },
  {
    ...{ file: "enedis.csv", what: "its column of energy renamed" },
    change: rename("Valeur", "Mesure"),
    says: ["--columns", "Enedis", '"valeur"'],
    ...{ answer: { columns: { import: "Mesure" }, quantity: "W", labels: "end" }, energy: HOME },
  },
  {
    ...{ file: "fluvius.csv", what: "the month first in its dates" },
    ...{ change: dates, energy: [584_772n, 0n] },
  },
  {
    ...{ file: "fluvius.csv", what: "its column of units missing" },
    change: withoutColumn(9, ";"),
    says: ["--quantity"],
    ...{ answer: { quantity: "kWh" }, energy: [584_772n, 0n] },
  },
  {
    ...{ file: "fluvius.csv", what: "its volume renamed" },
    change: rename("Volume", "Waarde"),
    says: ["--columns", "Fluvius", '"volume"'],
    ...{ answer: { columns: { import: "Waarde" } }, energy: [584_772n, 0n] },
  },
  {
    ...{ file: "uk_mpan_rows.csv", what: "the month first in its dates" },
    ...{ change: dates, energy: HOME },
  },
  {
    ...{ file: "uk_mpan_rows.csv", what: "its last half-hour missing" },
    change: withoutColumn(49, ","),
    says: ["half-hourly rows of an MPAN", '"hh48"'],
  },
  {
    ...{ file: "semicolon.csv", what: "commas for semicolons, beside decimal commas" },
    change: (text) => text.replaceAll(";", ","),
    says: ["the row has 3 fields, and the header has 2"],
  },
  {
    ...{ file: "us_dates.csv", what: "one day only" },
    change: (text) => text.split("\n").slice(0, 49).join("\n"),
    says: ["--dates"],
  },
];

describeWithData("downloads with one thing changed", () => {
  const read = ({ file, change }: Case, mapping: Mapping): Promise<ReadingSet> => {
    const bytes = change(readFileSync(dataFile(`exports/${file}`), "utf8"));
    return readReadings({ name: file, bytes }, { mapping });
  };
  for (const one of cases) {
    const { file, what, says, answer, energy } = one;
    const then = says === undefined ? "it is read right" : "it is asked or refused";
    it(`given ${file} with ${what}, then ${then}`, async () => {
      if (says !== undefined) {
        const error = await refusal(read(one, {}));
        for (const text of says) expect(error.message).to.include(text);
      }
      if (energy === undefined) return;
      const [home, ...others] = (await read(one, answer ?? {})).homes;
      expect(others).to.deep.equal([]);
      expect([home!.intervals.wattHours, home!.exported.wattHours]).to.deep.equal(energy);
      expect(home!.gaps).to.deep.equal([]);
    });
  }

  it("given an order of dates that a file does not have, then the answer is refused at its line", async () => {
    const [us] = cases.slice(-1);
    const text = { ...us!, change: (t: string) => t };
    const error = await refusal(read(text, { dates: "day-first" }));
    expect(error.code).to.equal("readings/bad-row");
    expect(error.message).to.include("--dates month-first");
  });
});

describe("text that is not UTF-8", () => {
  it("given Windows-1252, then the refusal names its option, and with it the file is read", async () => {
    const rows = Array.from({ length: 48 }, (_, i) => {
      const at = new Date(Date.UTC(2024, 1, 1) + i * 1_800_000).toISOString();
      return `${at.slice(0, 10)} ${at.slice(11, 16)};0,5;bestätigt\n`;
    });
    const bytes = Buffer.from(
      `Zeitstempel;Verbrauch kWh;Bemerkung für Kunden\n${rows.join("")}`,
      "latin1",
    );
    const file = { name: "t.csv", bytes };
    const error = await refusal(readReadings(file));
    expect(error.message).to.include("--encoding");
    const set = await readReadings(file, { mapping: { encoding: "windows-1252" } });
    expect(set.homes[0]!.intervals.wattHours).to.equal(24_000n);
  });
});
