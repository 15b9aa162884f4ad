/**
 * Mutated files: after any change to a file, reading it ends with readings or with an error of the
 * catalogue, and every reading that the text still holds is either in the set or accounted for.
 */
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { generateHomes, readReadings, type ReadingSet } from "../../src/readings/index.js";
import { readTariff } from "../../src/tariff/index.js";
import { Prng } from "../../src/readings/prng.js";
import { dataFile, describeWithData } from "../data.js";
import { MADE } from "./support/exports.js";

/** Tables of these tests are of homes, in kWh, by the beginnings of intervals. */
const readTables: typeof readReadings = (source, options = {}) =>
  readReadings(source, {
    ...options,
    mapping: { columns: "homes", quantity: "kWh", labels: "start", gaps: "missing", step: 30 },
  });

const tokens = [
  ..."0123456789-+.,;:\"'<>&/\\[]{}()#*\t\n ",
  ...[
    "NaN",
    "Infinity",
    "null",
    "1e309",
    "-0",
    "99999999999999999999",
    "\u0000",
    "\uFEFF",
    "é",
    "電",
  ],
  ...[
    "<!DOCTYPE x>",
    "&x;",
    "]]>",
    "<!--",
    "A,,,\n",
    "300,",
    "400,1,48,A,,\n",
    "900\n",
    "2013-13-45",
    "\r",
  ],
];

/** One to four small injuries. */
function mutate(text: string, prng: Prng): string {
  let result = text;
  for (let n = prng.between(1, 4); n > 0; n--) {
    const at = prng.below(Math.min(result.length, 1_000_000) + 1);
    const span = prng.between(1, 30);
    const token = tokens[prng.below(tokens.length)]!;
    switch (prng.below(7)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + span);
        break;
      case 1:
        result = result.slice(0, at) + token + result.slice(at + 1);
        break;
      case 2:
        result = result.slice(0, at) + token + result.slice(at);
        break;
      case 3:
        result = result.slice(0, at) + result.slice(at, at + span) + result.slice(at);
        break;
      case 4: {
        const lines = result.split("\n");
        const [i, k] = [prng.below(lines.length), prng.below(lines.length)];
        [lines[i], lines[k]] = [lines[k]!, lines[i]!];
        result = lines.join("\n");
        break;
      }
      case 5: {
        const lines = result.split("\n");
        lines.splice(prng.below(lines.length), 1);
        result = lines.join("\n");
        break;
      }
      case 6:
        result = result.slice(0, at);
        break;
    }
  }
  return result;
}

/** Readings in a set, with those that were noted as repeated, replaced, bad or left out. */
function accountedFor(set: ReadingSet): number {
  const held = set.homes.reduce((n, h) => n + h.intervals.length + h.exported.length, 0);
  const noted = set.oddities
    .filter((o) => ["duplicate", "replaced", "bad-row", "ignored"].includes(o.kind))
    .reduce((n, o) => n + (o.count ?? 1), 0);
  // Another serial number is another meter: the interval before it and the one after it are lost.
  const exchanges = set.oddities.filter((o) => o.kind === "meter-exchange").length;
  return held + noted + 2 * exchanges;
}

interface Subject {
  readonly name: string;
  readonly text: string;
  /** How many readings a text holds at least, by a look that knows nothing of the reader. */
  readonly count: (text: string) => number;
}

/** `npm run fuzz` multiplies the rounds. */
const MORE = Number(process.env.SIPSTER_FUZZ ?? "1");

async function fuzz({ name, text, count }: Subject, fewest: number): Promise<{ read: number }> {
  const rounds = fewest * MORE;
  const prng = new Prng("fuzz", name);
  let read = 0;
  for (let round = 0; round < rounds; round++) {
    const mutated = mutate(text, prng);
    for (const badRows of ["refuse", "missing"] as const) {
      const began = performance.now();
      try {
        const set = await readTables({ name: `${name}.fuzz`, bytes: mutated }, { badRows });
        read += 1;
        for (const home of set.homes) {
          for (const { wattHours, seconds, start } of home.intervals) {
            const sound = Number.isSafeInteger(wattHours) && wattHours >= 0 && seconds > 0;
            expect(sound && Number.isFinite(start), `round ${round}`).to.equal(true);
          }
        }
        const held = accountedFor(set);
        expect(held, `${name}, round ${round}, ${badRows}`).to.be.at.least(count(mutated));
      } catch (error) {
        if (!isSipsterError(error) || !error.code.startsWith("readings/")) throw error;
      }
      // Far from a measurement: only a hang takes this long.
      expect(performance.now() - began, `round ${round}`).to.be.lessThan(20_000);
    }
  }
  return { read };
}

/** Rows of a CSV file that have every field, of which one is an energy. */
function csvRows(width: number, energies: (fields: string[]) => string[]) {
  return (text: string): number =>
    text
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(","))
      .filter((fields) => fields.length === width && !fields.join("").includes('"'))
      .flatMap((fields) => energies(fields))
      .filter((field) => /^\d+(\.\d+)?$/.test(field.trim())).length;
}

/** Values of interval records in streams of energy; without quotes, whose reader may see other fields. */
function nemValues(text: string): number {
  let stream = "";
  let count = 0;
  for (const line of text.split("\n")) {
    const fields = line.trim().split(",");
    if (fields[0] === "200")
      stream = `${fields[4] ?? ""} ${(fields[7] ?? "").toLowerCase()} ${fields[8] ?? ""}`;
    if (fields[0] === "300" && /^[EB]\d? k?wh 30/.test(stream) && !line.includes('"')) count += 48;
  }
  return count;
}

/** A pattern's matches, less those whose day, telegram or entry may rightly have been refused whole. */
const matches =
  (pattern: RegExp) =>
  (text: string): number =>
    [...text.matchAll(pattern)].length;

const home = generateHomes({ homes: 2, period: "2013-02", seed: "fuzz" }).homes;
const some = [...home[0]!.intervals].slice(0, 120);
const stamp = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ");

const wide = `Datetime,a,b\n${some.map((i, k) => `${stamp(i.start)},${i.wattHours / 1000},${home[1]!.intervals.at(k).wattHours / 1000}\n`).join("")}`;
const long = `id,time,kwh\n${some.map((i) => `a,${stamp(i.start)},${i.wattHours / 1000}\n`).join("")}`;
const octopus = `{"next": null, "previous": null, "results": [\n${some
  .map(
    (i) =>
      `{"consumption": ${i.wattHours / 1000}, "interval_start": "${new Date(i.start).toISOString()}", "interval_end": "${new Date(i.start + 1_800_000).toISOString()}"}`,
  )
  .join(",\n")}\n]}`;
/** Without checksums: of those with them hardly a mutated one is read. */
const telegrams = some
  .slice(0, 30)
  .map((i, k) => {
    const time = new Date(i.start).toISOString().replaceAll(/[-:T]/g, "").slice(2, 14);
    const text = `/ISK5\\2M550T-1012\r\n\r\n1-3:0.2.8(50)\r\n0-0:1.0.0(${time}W)\r\n0-0:96.1.1(4B38)\r\n1-0:1.8.1(${(100 + k / 7).toFixed(3)}*kWh)\r\n!`;
    return `${text}\r\n`;
  })
  .join("");

/** The beginning of a table, or of a list in JSON, closed. */
function shortened(text: string): string {
  const entries = text.split("},");
  if (/^[[{]/.test(text))
    return `${entries.slice(0, 60).join("},")}}]${text.startsWith("{") ? "}" : ""}`;
  return text.split("\n").slice(0, 70).join("\n");
}

describe("mutated files", () => {
  const subjects: Subject[] = [
    { name: "wide CSV", text: wide, count: csvRows(3, (f) => f.slice(1)) },
    { name: "long CSV", text: long, count: csvRows(3, (f) => f.slice(2)) },
    {
      name: "Octopus JSON",
      text: octopus,
      count: matches(
        /\{"consumption": \d+(\.\d+)?, "interval_start": "[^"]*", "interval_end": "[^"]*"\}/g,
      ),
    },
    {
      name: "P1 telegrams",
      text: telegrams,
      // One interval less than telegrams with their register and time.
      count: (text) =>
        matches(/^\/ISK5[^/!]*\(\d{12}W\)\r\n[^/!]*\n1-0:1\.8\.1\(\d+\.\d+\*kWh\)\r\n[^/!]*^!/gm)(
          text,
        ) - 1,
    },
  ];
  // Made-up downloads of portals that are in no data folder, a day or two of each.
  for (const { name, text } of MADE) {
    it(`${name}: no crash, no hang`, async () => {
      await fuzz({ name, text: shortened(text), count: () => 0 }, 100);
    });
  }

  for (const subject of subjects) {
    it(`${subject.name}: no crash, no hang, no silent loss`, async () => {
      const { read } = await fuzz(subject, 300);
      // Some must be read, or nothing was tested but refusals.
      expect(read).to.be.greaterThan(20);
    });
  }

  it("tariffs: no crash, no hang", async () => {
    const tariff = JSON.stringify(
      {
        ...{ format: "sipster/tariff@1", name: "t", currency: "EUR", timeZone: "Europe/London" },
        versions: [
          {
            components: [
              { kind: "standing", name: "s", price: "0.25" },
              {
                kind: "time-of-use",
                name: "e",
                bands: [
                  {
                    name: "n",
                    price: "0.1",
                    windows: [{ from: "22:00", to: "07:00", months: [1, 2] }],
                  },
                  { name: "d", price: "0.2" },
                ],
              },
              {
                kind: "blocks",
                name: "b",
                per: "day",
                blocks: [
                  { name: "x", price: 1, upTo: 3 },
                  { name: "y", price: 2 },
                ],
              },
              { kind: "demand", name: "d", price: "3", windows: [{}] },
            ],
            taxes: [{ name: "VAT", percent: "5" }],
          },
        ],
      },
      null,
      1,
    );
    const prices = `time,pence_per_kWh\n${some.map((i) => `${stamp(i.start)},1.5\n`).join("")}`;
    const prng = new Prng("fuzz", "tariffs");
    let read = 0;
    for (let round = 0; round < 400; round++) {
      const bytes = mutate(round % 2 === 0 ? tariff : prices, prng);
      try {
        await readTariff({ name: "t", bytes });
        read += 1;
      } catch (error) {
        if (!isSipsterError(error) || !/^(readings|tariff)\//.test(error.code)) throw error;
      }
    }
    expect(read).to.be.greaterThan(5);
  });
});

describeWithData("mutated files of the data folder", () => {
  const start = (name: string, bytes: number): string =>
    readFileSync(dataFile(name), "utf8").slice(0, bytes);
  /** A feed with its first entries of readings, closed. */
  const feed = (name: string): string => {
    const text = readFileSync(dataFile(name), "utf8");
    const entries = text.split("</entry>");
    return `${entries.slice(0, 6).join("</entry>")}</entry></feed>`;
  };
  const download = (name: string, bytes: number): Subject => ({
    name,
    text: start(`exports/${name}`, bytes),
    count: () => 0,
  });
  const subjects: Subject[] = [
    {
      name: "sgsc11",
      text: start("sgsc11_2013_halfhourly_wide.csv", 9000),
      count: csvRows(12, (f) => f.slice(1)),
    },
    {
      name: "sgsc3",
      text: start("sgsc3_2012-2014_halfhourly_long.csv", 6000),
      count: csvRows(3, (f) => f.slice(2)),
    },
    {
      name: "hand-broken",
      text: start("oddfile_billcalc_TestLoadProfile.csv", 4000),
      count: csvRows(4, (f) => f.slice(1)),
    },
    ...["fluvius.csv", "enedis.csv", "pge_electric_new.csv", "octopus.csv", "n3rgy.json"].map((n) =>
      download(n, 3000),
    ),
    ...["uk_mpan_rows.csv", "us_dates.csv", "cumulative_meter.csv", "import_export_kwh.csv"].map(
      (n) => download(n, 3000),
    ),
    { name: "NEM12", text: start("nem12/NEM12_actual_interval.csv", 9000), count: () => 0 },
    {
      name: "NEM12 qualities",
      text: start("nem12/NEM12_multiple_quality.csv", 9000),
      count: () => 0,
    },
    { name: "NEM13", text: start("nem12/NEM13_consumption_data.csv", 9000), count: () => 0 },
    {
      name: "Coastal",
      text: feed(
        "greenbutton/Coastal_Multi_Family_12hr_Jan_1_2011_to_Jan_1_2012_RetailCustomer_3.xml",
      ),
      count: matches(/<IntervalReading>/g),
    },
    {
      name: "gas",
      text: start("greenbutton/abridged_gas_direct.xml", 9000),
      count: matches(/<IntervalReading>/g),
    },
  ];
  for (const subject of subjects) {
    it(`${subject.name}: no crash, no hang, no silent loss`, async () => {
      await fuzz(subject, 150);
    });
  }

  it("NEM12: a strictly read day has all its values", async () => {
    const text = start("nem12/NEM12_actual_interval.csv", 9000);
    const prng = new Prng("fuzz", "strict NEM12");
    let read = 0;
    for (let round = 0; round < 300; round++) {
      const bytes = mutate(text, prng);
      try {
        const set = await readTables({ name: "n", bytes });
        expect(accountedFor(set), `round ${round}`).to.be.at.least(nemValues(bytes));
        read += 1;
      } catch (error) {
        if (!isSipsterError(error)) throw error;
      }
    }
    expect(read).to.be.greaterThan(10);
  });
});
