/**
 * Mutation testing of a room: `npm run mutate -- sipster --sample 60`. Changes one place of the
 * room's source at a time and runs the room's tests; a mutant that they do not notice survives and
 * is listed. Mutants that scripts/mutation/equivalent.json names change nothing that a caller can
 * see; they are left out, each with its reason.
 */
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Prng } from "../src/readings/prng.js";
import { findMutants, type Mutant } from "./mutation/mutants.js";
import { Sandbox } from "./mutation/sandbox.js";

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
  ecash: ["test/vectors/protocol.test.ts"],
  sipster: ["test/vectors/protocol.test.ts", "test/exchange/*.test.ts"],
};
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    file: { type: "string", multiple: true },
    tests: { type: "string", multiple: true },
    least: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
  },
});
const [room] = positionals;
if (room === undefined) {
  process.stderr.write(
    "usage: npm run mutate -- ROOM [--sample N|all] [--seed S] [--file F]… [--tests GLOB]… [--least PERCENT] [--json]\n",
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
    .flatMap((file) => findMutants(file, read(file)).map((mutant) => ({ file, ...mutant })))
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

const all = (values.file ?? [`src/${room}/**/*.ts`]).flatMap(mutantsOf);
const chosen = values.sample === "all" ? all : sampled(all, Number(values.sample));
const besides = TESTS_BESIDE[room] ?? [];
const tests = (values.tests ?? [...besides, `test/${room}/**/*.test.ts`]).flatMap((pattern) =>
  globSync(pattern, { cwd: root }).sort(),
);
const sandbox = new Sandbox(root);
const survivors: Placed[] = [];
try {
  const start = performance.now();
  if ((await sandbox.test(tests, 1_200_000)) !== "passed") {
    throw new Error(`the tests of ${room} fail without any change`);
  }
  const timeout = 3 * (performance.now() - start) + 30_000;
  for (const [i, mutant] of chosen.entries()) {
    const source = read(mutant.file);
    const text = source.slice(0, mutant.start) + mutant.replacement + source.slice(mutant.end);
    const restore = sandbox.replace(mutant.file, text);
    const result = await sandbox.test(tests, timeout);
    restore();
    if (result === "passed") survivors.push(mutant);
    const what = `${mutant.file}:${mutant.line}  ${oneLine(mutant.original)} → ${mutant.replacement}`;
    process.stderr.write(
      `${i + 1}/${chosen.length} ${result === "passed" ? "SURVIVED" : "killed"}  ${what}\n`,
    );
  }
} finally {
  sandbox.remove();
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 80);
}

const killed = chosen.length - survivors.length;
const percent = chosen.length === 0 ? 100 : (100 * killed) / chosen.length;
if (values.json) {
  const document = {
    format: "sipster/mutation@1",
    room,
    mutants: all.length,
    tested: chosen.length,
  };
  process.stdout.write(`${JSON.stringify({ ...document, killed, survivors }, null, 2)}\n`);
} else {
  for (const { file, line, original, replacement } of survivors) {
    process.stdout.write(`survived: ${file}:${line}  ${oneLine(original)} → ${replacement}\n`);
  }
  process.stdout.write(
    `${room}: ${killed} of ${chosen.length} mutants killed (${percent.toFixed(1)} %), of ${all.length} in the room\n`,
  );
}
process.exitCode = percent >= Number(values.least) ? 0 : 1;
