/** `tsx bench/one.ts FILE`: runs one benchmark of this tree or another, and prints its rows and processor time. */
import { pathToFileURL } from "node:url";
import { cpuMs, type Benchmark } from "./harness.js";

const { default: benchmark } = (await import(pathToFileURL(process.argv[2]!).href)) as {
  default: Benchmark;
};
const rows = await benchmark.run();
process.stdout.write(`${JSON.stringify({ rows, cpuMs: cpuMs() })}\n`);
