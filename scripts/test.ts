/**
 * The test command: builds, then runs the static checks, the Solidity tests, and the tests of each
 * room in processes of their own, two at a time. Each part's output is printed when it is done. A part
 * of tests that fails runs once more, alone: if it passes then, its name and its first failure are
 * printed at the end as unsteady. Closes with the failures of every part again and one line
 * `N passed, N failed, N skipped`; fails if any part fails or takes too long.
 */
import { spawn } from "node:child_process";
import { globSync, statSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
/** Parts at a time: the machines this runs on have two cores at least. */
const LANES = 2;
/** Bytes of test files in one part: a large room becomes several, so that both lanes end together. */
const PART_BYTES = 60_000;
/** A part that runs longer hangs: it is ended, with the processes it started, and fails. */
const PART_MS = 20 * 60_000;

/** Process groups under way. */
const groups = new Set<number>();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    for (const group of groups) process.kill(-group, "SIGKILL");
    process.exit(1);
  });
}

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
    // A group of its own, so that what a test has started ends with it.
    const child = spawn(command!, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const group = child.pid;
    if (group !== undefined) groups.add(group);
    const limit = setTimeout(() => {
      output += `\nended after ${PART_MS / 60_000} minutes\n`;
      if (group !== undefined) process.kill(-group, "SIGKILL");
    }, PART_MS);
    let output = "";
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      if (signal !== null) output += `\nended by ${signal}\n`;
      if (group !== undefined) groups.delete(group);
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

/** The test files of each room (each folder of test/) in parts, those with the most to do first. */
function rooms(): Part[] {
  const files = new Map<string, string[]>();
  for (const file of globSync("test/*/**/*.test.ts", { cwd: root }).sort()) {
    const room = file.split(/[\\/]/)[1]!;
    files.set(room, [...(files.get(room) ?? []), file]);
  }
  return [...files]
    .flatMap(([room, list]) => inParts(room, list))
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ name, list }) => ({
      name,
      command: ["hardhat", "test", "mocha", "--no-compile", ...list],
    }));
}

/** A room's files, the larger ones spread first, in as many parts as their size asks for. */
function inParts(
  room: string,
  files: readonly string[],
): { name: string; list: string[]; bytes: number }[] {
  const sizes = new Map(files.map((file) => [file, statSync(resolve(root, file)).size]));
  const total = [...sizes.values()].reduce((a, b) => a + b, 0);
  const parts = Array.from({ length: Math.ceil(total / PART_BYTES) }, () => ({
    list: [] as string[],
    bytes: 0,
  }));
  for (const [file, bytes] of [...sizes].sort(([, a], [, b]) => b - a)) {
    const smallest = parts.reduce((a, b) => (b.bytes < a.bytes ? b : a));
    smallest.list.push(file);
    smallest.bytes += bytes;
  }
  return parts
    .filter(({ list }) => list.length > 0)
    .map((part, i) => ({
      ...part,
      name:
        parts.length === 1 ? `tests of ${room}` : `tests of ${room} (${i + 1} of ${parts.length})`,
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

interface Result {
  readonly part: Part;
  readonly good: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What the runner said of its failures, or the end of the output. */
  readonly failure: string;
}

/** Runs a part and prints its output and its verdict. */
async function judge(part: Part): Promise<Result> {
  const start = performance.now();
  const { code, output } = await run(part.command);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const isTest = tests.includes(part);
  const passed = isTest ? count(output, "passing") : 0;
  const failed = isTest ? count(output, "failing") : 0;
  // A part that runs no test has lost its tests.
  const good = code === 0 && failed === 0 && (!isTest || passed > 0);
  const verdict = good ? "ok" : `FAILED (exit ${code})`;
  if (isTest || !good) process.stdout.write(`\n${output.trim()}\n`);
  process.stdout.write(`${verdict}: ${part.name}, ${seconds} s\n`);
  return {
    part,
    good,
    passed,
    failed,
    skipped: isTest ? count(output, "(?:skipped|pending)") : 0,
    failure: good ? "" : failureIn(output),
  };
}

/** The runner's report of failures; without one (the part hung, crashed or is a check) the last lines. */
function failureIn(output: string): string {
  const report = [...output.matchAll(/^\s*\d+ failing\b/gm)].at(-1);
  const text = report ? output.slice(report.index) : output.split("\n").slice(-40).join("\n");
  return text.trim();
}

const results: Result[] = [];
const queue = [...tests, ...checks].values();
await Promise.all(
  Array.from({ length: LANES }, async () => {
    for (const part of queue) results.push(await judge(part));
  }),
);

for (const [i, first] of results.entries()) {
  if (first.good || !tests.includes(first.part)) continue;
  process.stdout.write(`\nonce more, alone: ${first.part.name}\n`);
  const second = await judge(first.part);
  results[i] = second;
  if (second.good) {
    process.stdout.write(
      `\nUNSTEADY: ${first.part.name} failed, and passed alone\n${first.failure}\n`,
    );
  }
}

for (const { part, good, failure } of results) {
  if (!good) process.stdout.write(`\nFAILED: ${part.name}\n${failure}\n`);
}
const sum = (of: (result: Result) => number): number => results.reduce((n, r) => n + of(r), 0);
process.stdout.write(
  `\n${sum((r) => r.passed)} passed, ${sum((r) => r.failed)} failed, ${sum((r) => r.skipped)} skipped\n`,
);
process.exitCode = results.every(({ good }) => good) ? 0 : 1;
