/**
 * Measures what can be linked and rewrites the tables of docs/privacy.md and their picture:
 * `npm run attack:tables`. It attacks real homes, whose files are in ../shared/data.
 *
 *     npm run attack:tables                        every row, each kept as soon as it is measured
 *     npm run attack:tables -- --missing           rows that docs/attack/tables.json lacks
 *     npm run attack:tables -- --only events       the rows of one table
 *     npm run attack:tables -- --render            the page and the picture, from the rows that are there
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { format, resolveConfig } from "prettier";
import { FORMAT, measure, missedBounds, rowJson, type Row } from "../src/attack/index.js";
import { cellOf, planOf, type AttackPlan } from "../src/cli/attack/plan.js";
import { withTables } from "./lib/attack/page.js";
import { picture } from "./lib/attack/picture.js";
import { readResults, writeResults, type Result, type Results } from "./lib/attack/results.js";
import { nameOf, rowsOf, TABLES, type TableName, type TableRow } from "./lib/attack/tables.js";

const root = resolve(import.meta.dirname, "..");
const page = resolve(root, "docs/privacy.md");
const data = (name: string): string => resolve(root, "../shared/data", name);

const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [...TABLES] },
    missing: { type: "boolean", default: false },
    render: { type: "boolean", default: false },
    data: { type: "string" },
  },
});

function fileOf(name: string): string {
  return options.data === undefined ? data(name) : resolve(options.data, name);
}

async function plan(): Promise<AttackPlan> {
  return planOf({
    readings: ["sgsc11_2013_halfhourly_wide.csv", "sgsc3_2012-2014_halfhourly_long.csv"].map(
      fileOf,
    ),
    tariff: fileOf("lcl_dtou_tariff_2013_halfhourly.csv"),
    ...{ badRows: "missing", timeZone: "Europe/London", period: "2013-03", unit: "1" },
    ...{ policy: [], denominations: [], homes: [], event: [], seed: "sipster" },
  });
}

function resultOf(row: Row): Result {
  const { attacks, ...columns } = rowJson(row);
  const { joint, counts, "joint+curves": jointKnowing } = attacks;
  return {
    ...columns,
    ...(joint !== undefined && { joint }),
    ...(jointKnowing !== undefined && { jointKnowing }),
    ...(counts !== undefined && { counts }),
    holds: missedBounds(row).length === 0,
  };
}

async function measureRows(rows: readonly TableRow[]): Promise<void> {
  const { population, period, seed, inputs } = await plan();
  for (const row of rows) {
    const begun = performance.now();
    const cell = cellOf(
      { name: row.policy, list: row.denominations, homes: row.homes, event: row.event },
      { trials: String(row.trials) },
    );
    const result = resultOf(measure({ population, period, cell, seed }));
    const known = readResults();
    const of = { ...inputs, readings: "14 real homes" };
    await writeResults({ ...known, inputs: of, rows: { ...known.rows, [nameOf(row)]: result } });
    console.error(`${nameOf(row)}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  }
}

async function render(results: Results): Promise<void> {
  const text = withTables(readFileSync(page, "utf8"), results);
  const config = await resolveConfig(page);
  writeFileSync(page, await format(text, { ...config, filepath: page }));
  writeFileSync(resolve(root, "docs/attack/policies.svg"), picture(results));
}

mkdirSync(resolve(root, "docs/attack"), { recursive: true });
const known = options.missing || options.render ? readResults() : null;
if (known === null && options.only.length === TABLES.length) {
  await writeResults({ format: FORMAT, inputs: {}, rows: {} });
}
if (!options.render) {
  const wanted = options.only.flatMap((table) => rowsOf(table as TableName));
  const once = new Map(wanted.map((row) => [nameOf(row), row]));
  await measureRows([...once.values()].filter((row) => known?.rows[nameOf(row)] === undefined));
}
await render(readResults());
