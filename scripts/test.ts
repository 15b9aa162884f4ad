/**
 * The test command: builds, then runs the static checks, the Solidity tests, and the tests of each
 * room in a process of its own, two at a time. Each part's output is printed when it is done. Closes
 * with one line `N passed, N failed, N skipped`; fails if any part fails.
 */
import { spawn } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
/** Parts at a time: the machines this runs on have two cores at least. */
const LANES = 2;

interface Part {
  readonly name: string;
  readonly command: readonly string[];
}

interface Finished {
  readonly code: number;
  readonly output: string;
}

function run([command, ...args]: readonly string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command!, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
}

/** Commands that must succeed, one after the other, before anything can be tested. */
async function prepare(...commands: readonly (readonly string[])[]): Promise<void> {
  for (const command of commands) {
    const { code, output } = await run(command);
    if (code !== 0) {
      process.stdout.write(`${output}\nFAILED (exit ${code}): ${command.join(" ")}\n`);
      process.exit(1);
    }
  }
}

/** The test files of each room (each folder of test/), those with the most to do first. */
function rooms(): Part[] {
  const files = new Map<string, string[]>();
  for (const file of globSync("test/*/**/*.test.ts", { cwd: root }).sort()) {
    const room = file.split(/[\\/]/)[1]!;
    files.set(room, [...(files.get(room) ?? []), file]);
  }
  const bytes = (list: readonly string[]): number =>
    list.reduce((sum, f) => sum + statSync(resolve(root, f)).size, 0);
  return [...files]
    .sort(([, a], [, b]) => bytes(b) - bytes(a))
    .map(([room, list]) => ({
      name: `tests of ${room}`,
      command: ["hardhat", "test", "mocha", "--no-compile", ...list],
    }));
}

/** The runner's own totals come last: "12 passing (12 mocha)". */
function count(output: string, word: string): number {
  const all = [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}\\b`, "gm"))];
  return Number(all.at(-1)?.[1] ?? 0);
}

await Promise.all([
  // The pages are built on the bindings of the contracts.
  prepare(["hardhat", "build"], ["vite", "build", "web", "--logLevel", "warn"]),
  prepare(["tsx", "scripts/build-kernel.ts"]),
]);

const check = (...command: string[]): Part => ({ name: command.join(" "), command });
const tests: Part[] = [
  ...rooms(),
  { name: "Solidity tests", command: ["hardhat", "test", "solidity", "--no-compile"] },
];
const checks: Part[] = [
  check("eslint", "."),
  check("tsc"),
  check("tsc", "-p", "web"),
  check("prettier", "--check", "--log-level", "warn", "."),
  check("solhint", "--max-warnings", "0", "contracts/**/*.sol"),
];

const totals = { passed: 0, failed: 0, skipped: 0 };
let ok = true;
const queue = [...tests, ...checks].values();
await Promise.all(
  Array.from({ length: LANES }, async () => {
    for (const part of queue) {
      const start = performance.now();
      const { code, output } = await run(part.command);
      const seconds = ((performance.now() - start) / 1000).toFixed(0);
      const isTest = tests.includes(part);
      const passed = isTest ? count(output, "passing") : 0;
      totals.passed += passed;
      totals.failed += isTest ? count(output, "failing") : 0;
      totals.skipped += isTest ? count(output, "(?:skipped|pending)") : 0;
      // A part that runs no test has lost its tests.
      const good = code === 0 && (!isTest || passed > 0);
      ok &&= good;
      const verdict = good ? "ok" : `FAILED (exit ${code})`;
      if (isTest || !good) process.stdout.write(`\n${output.trim()}\n`);
      process.stdout.write(`${verdict}: ${part.name}, ${seconds} s\n`);
    }
  }),
);

process.stdout.write(
  `\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`,
);
process.exitCode = ok && totals.failed === 0 ? 0 : 1;
