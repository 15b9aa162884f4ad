/**
 * A program of its own, run on compiled code, so that its memory is its own: reads one file, by this
 * package or whole by a plain parser, and prints readings, seconds and peak memory as JSON.
 */
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import type * as Readings from "../../src/readings/index.js";

const [room = "", file = "", how = ""] = process.argv.slice(2);
const { readReadings } = (await import(room)) as typeof Readings;
const began = performance.now();
let count = 0;
switch (how) {
  case "csv-parse":
    count = (parse(readFileSync(file), { columns: true }) as unknown[]).length;
    break;
  case "JSON.parse":
    count = (JSON.parse(readFileSync(file, "utf8")) as { results: unknown[] }).results.length;
    break;
  default: {
    const { homes } = await readReadings(file);
    count = homes.reduce((n, h) => n + h.intervals.length, 0);
  }
}
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ count, seconds, peak: process.resourceUsage().maxRSS / 1024 }));
