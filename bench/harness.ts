/**
 * What every benchmark is written with. A benchmark is a file `bench/<room>/<name>.bench.ts` whose
 * default export measures something together with what it is compared to, in the same run.
 */

/** One measured figure. Times are medians over `runs` runs, after a warm-up. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The stated aim, in the same unit, as text: "≤ 120", "≥ 5000". */
  readonly target?: string;
  /** What it is compared with, measured in the same run. */
  readonly comparedWith?: { readonly what: string; readonly value: number };
}

export interface Benchmark {
  /** Short name, used to select: `npm run bench -- NAME`. */
  readonly name: string;
  run(): Promise<readonly Row[]>;
}

/** Milliseconds of processor time of this process so far: what other work on the machine does not change. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Median milliseconds of one call of `fn`, over `runs` runs after `warmUp` runs that do not count.
 * `fn` may return how many operations it did; the result is then per operation.
 * With `clock: cpuMs` they are of processor time.
 */
export async function medianMs(
  fn: () => unknown,
  {
    runs = 7,
    warmUp = 1,
    clock = () => performance.now(),
  }: { runs?: number; warmUp?: number; clock?: () => number } = {},
): Promise<number> {
  const times: number[] = [];
  for (let i = -warmUp; i < runs; i++) {
    const start = clock();
    const result = await fn();
    const ms = (clock() - start) / (typeof result === "number" ? result : 1);
    if (i >= 0) times.push(ms);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)]!;
}
