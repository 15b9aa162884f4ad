/**
 * The test command: builds, then runs the static checks and the tests side by side, and closes with
 * one line `N passed, N failed, N skipped`. Fails if any part fails.
 */
import { spawn } from "node:child_process";

interface Finished {
  readonly code: number;
  readonly output: string;
}

function run(command: string, args: readonly string[], live: boolean): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (chunk: Buffer): void => {
      const text = chunk.toString();
      output += text;
      if (live) process.stdout.write(text);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
}

/** Runs the commands one after the other, and prints each one's output when it is done. */
async function staticChecks(steps: readonly (readonly string[])[]): Promise<Finished> {
  let code = 0;
  let output = "";
  for (const [command, ...args] of steps) {
    const result = await run(command!, args, false);
    const verdict = result.code === 0 ? "ok" : `FAILED (exit ${result.code})`;
    output += `${result.code === 0 ? "" : result.output}${verdict.padEnd(8)} ${[command, ...args].join(" ")}\n`;
    if (result.code !== 0) code = 1;
  }
  return { code, output };
}

function count(output: string, word: string): number {
  // The runner's own totals come last: "12 passing (3 solidity, 9 mocha)".
  const all = [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}\\b`, "gm"))];
  return Number(all.at(-1)?.[1] ?? 0);
}

/** One command after the other, as long as they succeed. */
async function sequence(...steps: readonly (readonly string[])[]): Promise<Finished> {
  let result: Finished = { code: 0, output: "" };
  for (const [command, ...args] of steps) {
    result = await run(command!, args, true);
    if (result.code !== 0) break;
  }
  return result;
}

const builds = await Promise.all([
  // The pages are built on the bindings of the contracts.
  sequence(["hardhat", "build"], ["vite", "build", "web", "--logLevel", "warn"]),
  run("tsx", ["scripts/build-kernel.ts"], true),
]);
if (builds.some(({ code }) => code !== 0)) process.exit(1);

const [checks, tests] = await Promise.all([
  staticChecks([
    ["tsc"],
    ["tsc", "-p", "web"],
    ["eslint", "."],
    ["prettier", "--check", "--log-level", "warn", "."],
    ["solhint", "--max-warnings", "0", "contracts/**/*.sol"],
  ]),
  run("hardhat", ["test", "--no-compile"], true),
]);
process.stdout.write(`\nStatic checks\n${checks.output}\n`);

const passed = count(tests.output, "passing");
const failed = count(tests.output, "failing");
const skipped = count(tests.output, "(?:skipped|pending)");
const ok = checks.code === 0 && tests.code === 0 && failed === 0 && passed > 0;
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = ok ? 0 : 1;
