/**
 * `npm run bench [-- NAME…] [-- --json]`: runs the benchmarks one after the other and prints a table.
 * `npm run bench -- core --against COMMIT`: those of this tree beside those of a commit, by turns.
 */
import { readdirSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { table } from "../src/cli/table.js";
import { compareWith, type Compared } from "./against.js";
import type { Benchmark, Row } from "./harness.js";

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, against: { type: "string" } },
});
const { json, against } = values;
const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
const number = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toPrecision(3));

if (against !== undefined) {
  showCompared(compareWith(against, wanted), against);
  process.exit(0);
}

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
  .filter((f) => f.endsWith(".bench.ts"))
  .sort();

const results: { name: string; rows: readonly Row[] }[] = [];
for (const file of files) {
  const url = pathToFileURL(join(import.meta.dirname, file)).href;
  const { default: benchmark } = (await import(url)) as { default: Benchmark };
  if (wanted.length > 0 && !wanted.includes(benchmark.name)) continue;
  process.stderr.write(`measuring ${benchmark.name} …\n`);
  results.push({ name: benchmark.name, rows: await benchmark.run() });
}

if (json) {
  console.log(JSON.stringify({ format: "sipster/bench@1", machine, results }, null, 2));
} else {
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`);
  for (const { name, rows } of results) {
    console.log(name);
    const lines = rows.map((r) => {
      const c = r.comparedWith;
      // How many times better than what it is compared with.
      const better =
        c === undefined ? 0 : r.unit.startsWith("per ") ? r.value / c.value : c.value / r.value;
      const ratio = c === undefined ? "" : `${number(better)} ×`;
      return [
        `  ${r.what}`,
        number(r.value),
        r.unit,
        r.target ?? "",
        c === undefined ? "" : `${c.what}: ${number(c.value)}`,
        ratio,
      ];
    });
    const right = "right" as const;
    console.log(
      table(
        [
          { head: "  what" },
          { head: "median", align: right },
          { head: "unit" },
          { head: "target" },
          { head: "compared with" },
          { head: "ratio", align: right },
        ],
        lines,
      ),
    );
    console.log("");
  }
}

function showCompared(rows: readonly Compared[], commit: string): void {
  if (json) {
    console.log(
      JSON.stringify({ format: "sipster/bench-against@1", machine, commit, rows }, null, 2),
    );
    return;
  }
  const right = "right" as const;
  const columns = [
    { head: "what" },
    { head: "now", align: right },
    { head: commit.slice(0, 12), align: right },
    { head: "unit" },
    { head: "times as fast", align: right },
  ];
  const lines = rows.map((r) => [
    r.what,
    number(r.now),
    number(r.before),
    r.unit,
    r.ratio.toFixed(2),
  ]);
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`);
  console.log(table(columns, lines));
}
