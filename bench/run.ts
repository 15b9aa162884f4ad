/** `npm run bench [-- NAME…] [-- --json]`: runs the benchmarks one after the other and prints a table. */
import { readdirSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { table } from "../src/cli/table.js";
import type { Benchmark, Row } from "./harness.js";

const args = process.argv.slice(2);
const json = args.includes("--json");
const wanted = args.filter((a) => !a.startsWith("--"));

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

const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
const number = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toPrecision(3));
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
