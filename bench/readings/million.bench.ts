/** Time and memory for a million readings of each format, beside parsers that hold the whole file. */
import { spawnSync } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Benchmark, Row } from "../harness.js";
import { formats, READINGS } from "./million-files.js";

interface Measured {
  readonly count: number;
  readonly seconds: number;
  /** Seconds of the processor, which other programs on the machine do not change. */
  readonly processor: number;
  /** MB. */
  readonly peak: number;
}

const root = resolve(import.meta.dirname, "../..");
/** Compiled here: what users run has no TypeScript loader in its memory. */
const compiled = join(root, "cache", "bench");

function run(args: readonly string[]): string {
  const child = spawnSync(process.execPath, args, { encoding: "utf8", cwd: root });
  if (child.status !== 0) throw new Error(child.stderr + child.stdout);
  return child.stdout;
}

function read(file: string, how: string): Measured {
  const program = join(import.meta.dirname, "read-one.mjs");
  const room = join(compiled, "readings", "index.js");
  return JSON.parse(run([program, room, file, how])) as Measured;
}

/** What reads the same file alone, without making readings of it. */
const whole: Readonly<Record<string, string>> = {
  "long CSV": "csv-parse",
  "Green Button": "saxes",
  "Octopus JSON": "JSON.parse",
};

const benchmark: Benchmark = {
  name: "readings",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "sipster-bench-"));
    const rows: Row[] = [];
    run([
      join(root, "node_modules/typescript/bin/tsc"),
      "-p",
      "tsconfig.build.json",
      "--outDir",
      compiled,
    ]);
    try {
      for (const [name, text] of Object.entries(formats)) {
        const file = join(folder, name.replaceAll(/\W+/g, "-"));
        await pipeline(Readable.from(text()), createWriteStream(file));
        const ours = read(file, "readings");
        if (ours.count < READINGS) throw new Error(`${name}: ${ours.count} readings`);
        const other = whole[name];
        const plain = other === undefined ? undefined : read(file, other);
        const against = (value: number | undefined): Pick<Row, "comparedWith"> =>
          value === undefined ? {} : { comparedWith: { what: `${other!} alone`, value } };
        rows.push(
          {
            what: `${name}, 10^6 readings`,
            value: ours.seconds,
            unit: "s",
            ...against(plain?.seconds),
          },
          {
            what: `${name}, peak memory`,
            value: ours.peak,
            unit: "MB",
            target: "≤ 200",
            ...against(plain?.peak),
          },
        );
        if (plain !== undefined) {
          rows.push({
            what: `${name}, processor time beside ${other!} alone`,
            value: ours.processor / plain.processor,
            unit: "times",
            // JSON.parse is native code.
            ...(other === "JSON.parse" ? {} : { target: "≤ 3" }),
          });
        }
        rmSync(file);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
    return rows;
  },
};
export default benchmark;
