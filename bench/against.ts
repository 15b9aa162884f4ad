/**
 * Benchmarks of this tree beside those of an earlier commit, in one run: a process for each, by turns,
 * so that both meet the same machine. What stands in both is compared. The commit is written into a
 * folder of its own and runs with the packages that are installed here.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Row } from "./harness.js";

const root = resolve(import.meta.dirname, "..");
const ROUNDS = 3;
/** What `core` stands for: tokens, receipts, bills, payments. */
const CORE = ["sipster/receipts", "sipster/suites", "meter/meter", "utility/utility"];

export interface Compared {
  readonly what: string;
  readonly unit: string;
  /** Medians over the rounds. */
  readonly now: number;
  readonly before: number;
  /** How many times faster this tree is: the median of the rounds' ratios. */
  readonly ratio: number;
}

interface Run {
  readonly rows: readonly Row[];
  readonly cpuMs: number;
}

/**
 * @param names files under bench without their ending, or `core`
 * @throws if the commit is not in the repository, or has no such benchmark
 */
export function compareWith(commit: string, names: readonly string[]): Compared[] {
  const folder = mkdtempSync(join(tmpdir(), "sipster-bench-"));
  try {
    const other = join(folder, "tree");
    mkdirSync(other);
    const archive = execFileSync("git", ["archive", commit], { cwd: root, maxBuffer: 1 << 30 });
    execFileSync("tar", ["-x", "-C", other], { input: archive });
    symlinkSync(join(root, "node_modules"), join(other, "node_modules"));
    return names.flatMap((name) => (name === "core" ? CORE : [name])).flatMap((n) => one(n, other));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function one(name: string, other: string): Compared[] {
  process.stderr.write(`measuring ${name} by turns …\n`);
  const runs: { readonly now: Run; readonly before: Run }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const first = round % 2 === 0 ? run(name, root) : null;
    const before = run(name, other);
    runs.push({ now: first ?? run(name, root), before });
  }
  const known = runs[0]!.before.rows.map(({ what }) => what);
  const both = runs[0]!.now.rows.filter(({ what }) => known.includes(what));
  const value = ({ rows }: Run, what: string): number => rows.find((r) => r.what === what)!.value;
  return [
    ...both.map(({ what, unit }) =>
      compared({ what: `${name}: ${what}`, unit, runs, of: (tree) => value(tree, what) }),
    ),
    compared({
      what: `${name}: processor time of the whole`,
      unit: "ms",
      runs,
      of: (tree) => tree.cpuMs,
    }),
  ];
}

function compared({
  what,
  unit,
  runs,
  of,
}: {
  readonly what: string;
  readonly unit: string;
  readonly runs: readonly { readonly now: Run; readonly before: Run }[];
  readonly of: (run: Run) => number;
}): Compared {
  const [now, before] = [runs.map((r) => of(r.now)), runs.map((r) => of(r.before))];
  const faster = (i: number): number =>
    unit.startsWith("per ") ? now[i]! / before[i]! : before[i]! / now[i]!;
  const ratio = median(runs.map((_, i) => faster(i)));
  return { what, unit, now: median(now), before: median(before), ratio };
}

function run(name: string, tree: string): Run {
  const file = join(tree, "bench", `${name}.bench.ts`);
  if (!existsSync(file)) throw new Error(`there is no ${file}`);
  const args = ["--import", "tsx", join(root, "bench/one.ts"), file];
  const text = execFileSync(process.execPath, args, { cwd: tree, encoding: "utf8" });
  return JSON.parse(text) as Run;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
