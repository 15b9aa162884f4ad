/**
 * Mutation testing of a room: `npm run mutate -- sipster --sample 60`. Changes one place of the
 * room's source at a time and runs the room's tests; a mutant that they do not notice survives and
 * is listed. `contracts` is a room as well: each mutant is compiled first, and one that does not
 * compile does not count. Mutants that scripts/mutation/equivalent.json names change nothing that a caller can
 * see; they are left out, each with its reason.
 */
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Prng } from "../src/readings/prng.js";
import { findMutants, type Mutant } from "./mutation/mutants.js";
import { Sandbox, type TestFiles, type TestRun } from "./mutation/sandbox.js";
import { findSolidityMutants } from "./mutation/solidity.js";

interface Placed extends Mutant {
  readonly file: string;
}

/** A mutant is known by its file and by what it changes to what, in which line of text. */
interface Equivalent {
  readonly file: string;
  readonly text: string;
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

const root = resolve(import.meta.dirname, "..");

/** Tests of other rooms that hold a room's encodings fast: published vectors, and messages as bytes. */
const TESTS_BESIDE: Readonly<Record<string, readonly string[]>> = {
  ledger: ["test/cli/ledger.test.ts"],
  ecash: ["test/vectors/protocol.test.ts"],
  sipster: ["test/vectors/protocol.test.ts", "test/exchange/*.test.ts"],
  tariff: ["test/meter/notices.test.ts", "test/meter/periods.test.ts"],
};
/** What the tests compare to the last unit of gas would notice every change, and say nothing about it. */
const GAS_SNAPSHOTS = /[/-]gas\.test\.ts$/;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    file: { type: "string", multiple: true },
    tests: { type: "string", multiple: true },
    solidity: { type: "string", multiple: true },
    match: { type: "string", default: "" },
    least: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
  },
});
const [room] = positionals;
if (room === undefined) {
  process.stderr.write(
    "usage: npm run mutate -- ROOM [--sample N|all] [--seed S] [--file F]… [--tests GLOB]… [--solidity GLOB]… [--match REGEXP] [--least PERCENT] [--json]\n",
  );
  process.exit(2);
}

const texts = new Map<string, string>();
/** A file as it was when it was read first: the checkout may change while the mutants run. */
function read(file: string): string {
  const text = texts.get(file) ?? readFileSync(resolve(root, file), "utf8");
  texts.set(file, text);
  return text;
}
const equivalents = JSON.parse(read("scripts/mutation/equivalent.json")) as Equivalent[];

function isEquivalent(mutant: Placed): boolean {
  const text = read(mutant.file).split("\n")[mutant.line - 1]!.trim();
  return equivalents.some(
    (e) =>
      e.file === mutant.file &&
      e.text === text &&
      e.original === mutant.original &&
      e.replacement === mutant.replacement,
  );
}

function mutantsOf(pattern: string): Placed[] {
  return globSync(pattern, { cwd: root })
    .filter((file) => !/(^|\/)(index|errors|tags|domains)\.ts$/.test(file))
    .sort()
    .flatMap((file) => {
      const find = file.endsWith(".sol") ? findSolidityMutants : findMutants;
      return find(file, read(file)).map((mutant) => ({ file, ...mutant }));
    })
    .filter((mutant) => !isEquivalent(mutant));
}

/** Fisher and Yates, from the seed: the same sample for everybody. */
function sampled(all: readonly Placed[], count: number): Placed[] {
  const random = new Prng(values.seed, room!);
  const rest = [...all];
  for (let i = rest.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [rest[i], rest[j]] = [rest[j]!, rest[i]!];
  }
  return rest.slice(0, count);
}

/** Most mutants die before these have their turn. */
const SLOW = /many|killed|process|power-cut|gateway|exchanged|rotation|loss|restoring/;
const isContracts = room === "contracts";
const sources = isContracts
  ? ["contracts/*.sol", "contracts/{libraries,prices,registries}/*.sol"]
  : [`src/${room}/**/*.ts`];
const all = (values.file ?? sources).flatMap(mutantsOf).filter(isWanted);
const chosen = values.sample === "all" ? all : sampled(all, Number(values.sample));
const besides = TESTS_BESIDE[room] ?? [];
const found = (patterns: readonly string[]): string[] =>
  patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).sort());
const tests: TestFiles = {
  mocha: found(values.tests ?? [...besides, `test/${room}/**/*.test.ts`])
    .filter((file) => !GAS_SNAPSHOTS.test(file))
    .sort((a, b) => Number(SLOW.test(a)) - Number(SLOW.test(b))),
  solidity: found(values.solidity ?? (isContracts ? ["test/solidity/*.t.sol"] : [])),
};
const sandbox = new Sandbox(root, isContracts ? ["cache"] : []);
const survivors: Placed[] = [];
const invalid: Placed[] = [];
const WORDS: Readonly<Record<TestRun["result"], string>> = {
  passed: "SURVIVED",
  failed: "killed",
  "timed out": "killed",
  "does not compile": "does not compile",
};
try {
  if (isContracts && !(await sandbox.build())) {
    throw new Error("the contracts do not compile without any change");
  }
  const start = performance.now();
  const unchanged = await sandbox.test(tests, 1_200_000);
  if (unchanged.result !== "passed") {
    throw new Error(`the tests of ${room} fail without any change: ${unchanged.by ?? "?"}`);
  }
  const timeout = 3 * (performance.now() - start) + 30_000;
  for (const [i, mutant] of chosen.entries()) {
    const source = read(mutant.file);
    const text = source.slice(0, mutant.start) + mutant.replacement + source.slice(mutant.end);
    const restore = sandbox.replace(mutant.file, text);
    const isCompiled = !isContracts || (await sandbox.build());
    const run: TestRun = isCompiled
      ? await sandbox.test(tests, timeout)
      : { result: "does not compile" };
    const { result, by } = run;
    restore();
    if (result === "passed") survivors.push(mutant);
    if (result === "does not compile") invalid.push(mutant);
    const what = `${mutant.file}:${mutant.line}  ${changeOf(mutant)}`;
    const test = by === undefined ? "" : `  by "${by}"`;
    process.stderr.write(`${i + 1}/${chosen.length} ${WORDS[result]}  ${what}${test}\n`);
  }
} finally {
  sandbox.remove();
}

/** What is changed to what, as it is printed. */
function changeOf({ original, replacement }: Mutant): string {
  return `${oneLine(original)} → ${replacement}`;
}

function isWanted(mutant: Mutant): boolean {
  return new RegExp(values.match).test(changeOf(mutant));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 80);
}

const tested = chosen.length - invalid.length;
const killed = tested - survivors.length;
const percent = tested === 0 ? 100 : (100 * killed) / tested;
if (values.json) {
  const document = {
    format: "sipster/mutation@1",
    room,
    mutants: all.length,
    tested,
  };
  process.stdout.write(`${JSON.stringify({ ...document, killed, survivors }, null, 2)}\n`);
} else {
  for (const mutant of survivors) {
    process.stdout.write(`survived: ${mutant.file}:${mutant.line}  ${changeOf(mutant)}\n`);
  }
  process.stdout.write(
    `${room}: ${killed} of ${tested} mutants killed (${percent.toFixed(1)} %), of ${all.length} in the room\n`,
  );
}
process.exitCode = percent >= Number(values.least) ? 0 : 1;
