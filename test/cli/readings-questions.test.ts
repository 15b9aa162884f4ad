/** Each question that a reader asks, with the option that answers it, on the command line and kept in a file. */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { ANSWERS } from "../../src/cli/reading-options.js";
import { sipster } from "../support/recorded-io.js";
import { rowsFrom } from "../support/tables.js";

interface Answer {
  readonly text: string;
  /** Watt-hours drawn and fed in. */
  readonly drawn: number;
  readonly fedIn?: number;
  readonly from?: string;
}

interface Case {
  readonly what: string;
  readonly option: keyof typeof ANSWERS;
  readonly file: string;
  /** A second file beside it. */
  readonly beside?: string;
  readonly answers: readonly Answer[];
  readonly also?: readonly string[];
}

const HALF_HOURS = { minutes: 30, count: 48 };
/** Watt-hours of the half-hour `i`; 48 of them make 10,932. */
const wh = (i: number): number => 100 + ((i * 137) % 251);
const kWh = (i: number): string => (wh(i) / 1000).toFixed(3);
const DAY = Array.from({ length: 48 }, (_, i) => wh(i)).reduce((a, b) => a + b, 0);
const day = (value: (i: number) => string, from = "2024-02-01T00:00"): string =>
  rowsFrom(from, HALF_HOURS, value);

/** Runs of half-hours and hours, of which the last of hours is short. */
const STEPS = [
  ["2024-02-01T00:00", 30, 30],
  ["2024-02-01T15:00", 60, 10],
  ["2024-02-02T01:00", 30, 10],
  ["2024-02-02T06:00", 60, 4],
  ["2024-02-02T10:00", 30, 10],
] as const;

/** Three digits after a comma. */
const groups = (i: number): number => 100 + ((i * 37) % 97);
const GROUPS = Array.from({ length: 48 }, (_, i) => groups(i)).reduce((a, b) => a + b, 0);

/** Tenths of a kWh of twelve days. */
const DAYS = [83, 91, 77, 102, 68, 99, 85, 72, 94, 88, 101, 79];

const greenButton = (second: (i: number) => number): string => {
  const entry = (self: string, related: string, content: string): string =>
    `<entry><link rel="self" href="${self}"/><link rel="related" href="${related}"/><content>${content}</content></entry>`;
  const blocks = [wh, second].map((value, k) => {
    const self = `u/7/UsagePoint/1/MeterReading/${k + 1}`;
    const rows = Array.from(
      { length: 48 },
      (_, i) =>
        `<IntervalReading><timePeriod><duration>1800</duration><start>${1_706_745_600 + i * 1800}</start></timePeriod><value>${value(i)}</value></IntervalReading>`,
    );
    return (
      entry(self, `t/${k}`, "<MeterReading/>") +
      entry(`t/${k}`, "x", "<ReadingType><uom>72</uom></ReadingType>") +
      entry(`${self}/IntervalBlock/1`, "x", `<IntervalBlock>${rows.join("")}</IntervalBlock>`)
    );
  });
  const point = "<UsagePoint><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>";
  return `<feed>${entry("u/7/UsagePoint/1", "u/7/UsagePoint/1/MeterReading", point)}${blocks.join("")}</feed>`;
};

const pageOf = (next: string | null): string =>
  JSON.stringify({
    ...{ count: 2, next, previous: null },
    results: [
      {
        consumption: 0.5,
        interval_start: "2024-02-01T00:00:00Z",
        interval_end: "2024-02-01T00:30:00Z",
      },
    ],
  });

const CASES: readonly Case[] = [
  {
    what: "which of two columns is the energy drawn",
    option: "columns",
    file: `timestamp,Peak kWh,Total kWh\n${day((i) => `${kWh(i)},0.400`)}`,
    answers: [
      { text: "import=Peak kWh", drawn: DAY },
      { text: "import=#3", drawn: 48 * 400 },
      { text: "import=Peak kWh+Total kWh", drawn: DAY + 48 * 400 },
    ],
  },
  {
    what: "which column holds the time",
    option: "columns",
    file: `a,b,kWh\n${day((i) => `2024-03-01 00:00,${kWh(i)}`)}`,
    answers: [{ text: "time=a", drawn: DAY, from: "2024-02-01" }],
    also: ["--labels", "start"],
  },
  {
    what: "what numbers without a unit are",
    option: "quantity",
    file: `timestamp,usage\n${day(kWh)}`,
    answers: [
      { text: "kWh", drawn: DAY },
      { text: "kW", drawn: Math.floor(DAY / 2) },
    ],
  },
  {
    what: "whether numbers that never fall are a register",
    option: "quantity",
    file: `timestamp,kWh\n${day((i) => (2.3 + i / 4).toFixed(2))}`,
    answers: [
      { text: "register", drawn: 47 * 250 },
      { text: "kWh", drawn: Math.round(48 * 2300 + 250 * ((47 * 48) / 2)) },
    ],
  },
  {
    what: "whether energy named net is drawn, fed in, or both",
    option: "direction",
    file: `timestamp,Net kWh\n${day(kWh)}`,
    answers: [
      { text: "import", drawn: DAY },
      { text: "export", drawn: 0, fedIn: DAY },
      { text: "net", drawn: DAY },
    ],
  },
  {
    what: "whether a table of energy fed in alone is all",
    option: "direction",
    file: `timestamp,Export kWh\n${day(kWh)}`,
    answers: [{ text: "export", drawn: 0, fedIn: DAY }],
  },
  {
    what: "whether times begin or end their intervals",
    option: "labels",
    file: `timestamp,kWh\n${day(kWh, "2024-02-01T07:00")}`,
    answers: [
      { text: "start", drawn: DAY, from: "2024-02-01 07:00" },
      { text: "end", drawn: DAY, from: "2024-02-01 06:30" },
    ],
  },
  {
    what: "whether days or months come first",
    option: "dates",
    file: `timestamp,kWh\n${day(kWh, "2024-04-03T00:00").replaceAll("2024-04-03", "03/04/2024")}`,
    answers: [
      { text: "day-first", drawn: DAY, from: "2024-04-03" },
      { text: "month-first", drawn: DAY, from: "2024-03-04" },
    ],
  },
  {
    what: "whether a comma is a decimal sign or groups thousands",
    option: "decimal",
    file: `timestamp;Wh\n${rowsFrom("2024-02-01T00:00", { ...HALF_HOURS, separator: ";" }, (i) => `1,${groups(i)}`)}`,
    answers: [
      { text: "comma", drawn: 48 + Math.floor(GROUPS / 1000) },
      { text: "dot", drawn: 48_000 + GROUPS },
    ],
  },
  {
    what: "how long the only interval is",
    option: "step",
    file: "timestamp,kWh\n2024-02-01 07:00,0.500\n",
    answers: [{ text: "60", drawn: 500 }],
    also: ["--labels", "start"],
  },
  {
    what: "whether the step changes or rows are missing",
    option: "step",
    file: `timestamp,kWh\n${STEPS.map(([from, minutes, count]) => rowsFrom(from, { minutes, count }, kWh)).join("")}`,
    answers: [
      {
        text: "30",
        drawn: STEPS.flatMap(([, , count]) =>
          Array.from({ length: count }, (_, i) => wh(i)),
        ).reduce((a, b) => a + b, 0),
      },
    ],
    also: ["--labels", "start", "--gaps", "missing"],
  },
  {
    what: "whether the day that ends a row is part of it",
    option: "ends",
    file: "Start,End,kWh\n2024-01-01,2024-01-31,310\n",
    answers: [
      { text: "included", drawn: 310_000 },
      { text: "excluded", drawn: 310_000 },
    ],
  },
  {
    what: "whether times without a row are zeros",
    option: "gaps",
    file: `timestamp,kWh\n${day(kWh)
      .split("\n")
      .filter((_, i) => i < 20 || i % 4 !== 0)
      .join("\n")}`,
    answers: ["missing", "zero"].map((text) => ({
      text,
      drawn: Array.from({ length: 48 }, (_, i) => (i < 20 || i % 4 !== 0 ? wh(i) : 0)).reduce(
        (a, b) => a + b,
        0,
      ),
    })),
  },
  {
    what: "whether a register that goes back was exchanged or rolled over",
    option: "resets",
    file: `timestamp,Meter Reading kWh\n${day((i) => String(i < 24 ? 5000 + i : 100 + i))}`,
    answers: [
      { text: "exchange", drawn: 46_000 },
      { text: "rollover", drawn: 47_000 + (10_000 - 4900) * 1000 - 0 - 0 },
      { text: "zero", drawn: 46_000 + 124_000 },
    ],
    also: ["--scale", "as-stated"],
  },
  {
    what: "whether two registers that differ add up",
    option: "registers",
    file: greenButton((i) => 250 + ((i * 53) % 97)),
    answers: [
      { text: "u/7/UsagePoint/1/MeterReading/1", drawn: DAY },
      {
        text: "add",
        drawn:
          DAY +
          Array.from({ length: 48 }, (_, i) => 250 + ((i * 53) % 97)).reduce((a, b) => a + b, 0),
      },
    ],
  },
  {
    what: "whether a unit is right by which a home draws hundreds of kilowatts",
    option: "scale",
    file: `timestamp,MWh\n${day(kWh)}`,
    answers: [
      { text: "0.001", drawn: DAY },
      { text: "as-stated", drawn: DAY * 1000 },
    ],
  },
  {
    what: "whether a page is enough",
    option: "pages",
    file: pageOf(
      "https://api.octopus.energy/v1/electricity-meter-points/1/meters/2/consumption/?page=2",
    ),
    answers: [{ text: "partial", drawn: 500 }],
  },
  {
    what: "in which encoding the text is",
    option: "encoding",
    file: `Zeitstempel;Verbrauch kWh;Bemerkung für Kunden\n${rowsFrom("2024-02-01T00:00", { ...HALF_HOURS, separator: ";" }, (i) => `${kWh(i)};bestätigt`)}`,
    answers: [{ text: "windows-1252", drawn: DAY }],
  },
  {
    what: "which character separates the fields",
    option: "separator",
    // A comma within a header, and decimal commas: both cut each row in two.
    file: `Date;Energy, kWh\n${DAYS.map((tenths, i) => `${13 + i}.02.2024;${Math.floor(tenths / 10)},${tenths % 10}\n`).join("")}`,
    answers: [{ text: "semicolon", drawn: DAYS.reduce((a, b) => a + b, 0) * 100 }],
  },
  {
    what: "whether files that name no home are of one",
    option: "files",
    file: `timestamp,kWh\n${day(kWh)}`,
    beside: `timestamp,kWh\n${day(kWh, "2024-02-02T00:00")}`,
    answers: [
      { text: "one", drawn: 2 * DAY },
      { text: "each", drawn: DAY },
    ],
  },
  {
    what: "whether two meters that measure at the same times add up",
    option: "registers",
    file: `timestamp,meter,kWh\n${day((i) => `A,${kWh(i)}`)}${day((i) => `B,0.2${String((i * 37) % 48).padStart(2, "0")}`)}`,
    answers: [
      { text: "A", drawn: DAY },
      { text: "add", drawn: DAY + 48 * 200 + (47 * 48) / 2 },
    ],
  },
];

describe("questions of sipster readings", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sipster-questions-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  interface Document {
    readonly homes: readonly {
      readonly wh: string;
      readonly exportedWh: string;
      readonly from: string | null;
    }[];
  }
  const energies = async (
    ...args: string[]
  ): Promise<{ drawn: number; fedIn: number; from: string }> => {
    const run = await sipster("readings", ...args, "--json");
    expect(run.code, run.err + run.out.slice(0, 500)).to.equal(0);
    const [home] = (JSON.parse(run.out) as Document).homes;
    return { drawn: Number(home!.wh), fedIn: Number(home!.exportedWh), from: home!.from ?? "" };
  };

  for (const [n, { what, option, file, beside, answers, also = [] }] of CASES.entries()) {
    it(`given a file that leaves open ${what}, then --${option} is asked for, answers it, and is kept in a mapping file`, async () => {
      const path = join(folder, `${n}.csv`);
      const latin = option === "encoding";
      writeFileSync(path, file, latin ? "latin1" : "utf8");
      const second = join(folder, `${n}-beside.csv`);
      if (beside !== undefined) writeFileSync(second, beside);
      const files = beside === undefined ? [path] : [path, second];
      const asked = await sipster("readings", ...files, ...also);
      expect(asked.code).to.equal(65);
      expect(asked.err).to.include(`--${option}`);
      for (const { text, drawn, fedIn = 0, from = "" } of answers) {
        const kept = join(folder, `${n}.mapping.json`);
        const given = [`--${option}`, text, ...also];
        const direct = await energies(...files, ...given, "--keep-mapping", kept);
        expect([direct.drawn, direct.fedIn], text).to.deep.equal([drawn, fedIn]);
        expect(direct.from.replace("T", " ")).to.include(from);
        const again = await energies(...files, "--mapping", kept);
        expect(again, `${text}, kept`).to.deep.equal(direct);
      }
    });
  }

  it("every option that a question names is answered in one of these tests", () => {
    const root = resolve(import.meta.dirname, "../..");
    const asked = new Set(
      globSync("src/readings/**/*.ts", { cwd: root }).flatMap((path) => {
        const text = readFileSync(join(root, path), "utf8");
        const named = [
          ...text.matchAll(/option: "--(\w+)"|\(--(\w+) |^\s*ask\([^)]*?"(\w+)", \[/gm),
        ];
        return named.map((m) => (m[1] ?? m[2] ?? m[3])!);
      }),
    );
    expect(asked.size).to.be.greaterThan(9);
    const answered = new Set<string>(CASES.map((c) => c.option));
    for (const option of Object.keys(ANSWERS)) asked.add(option);
    expect([...asked].filter((option) => !answered.has(option))).to.deep.equal([]);
  });
});
