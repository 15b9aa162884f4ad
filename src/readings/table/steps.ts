/** How long the intervals of a register are, where rows name one end of them only. */

/** A run of equal distances is a step of its own from this length on. */
const ESTABLISHED = 8;

export interface Steps {
  /** Milliseconds of each row's interval; NaN where nothing tells. */
  readonly lengths: Float64Array;
  /** Distinct lengths, the commonest first. */
  readonly distinct: readonly number[];
  /** Index of a row where a step may change or rows may be missing: both fit. */
  readonly unclear?: number;
}

/** The most frequent distance between neighbours, the shorter of equals; 0 where there is none. */
export function commonStep(all: readonly Float64Array[]): number {
  const counts = new Map<number, number>();
  for (const times of all) {
    for (let i = 1; i < times.length; i++) {
      const step = times[i]! - times[i - 1]!;
      if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
    }
  }
  let [best, most] = [0, 0];
  for (const [step, count] of counts) {
    if (count > most || (count === most && step < best)) [best, most] = [step, count];
  }
  return best;
}

/**
 * Lengths of the intervals of sorted times. A distance that holds over a run of rows is a step; one that
 * stands alone is a gap after, or before, an interval of the step beside it. So each row keeps its energy
 * and its own length where the step changes.
 *
 * @param common of the whole file, for a register with too few rows to tell
 * @param labels whether a time begins or ends its interval
 */
export function stepsOf(times: Float64Array, common: number, labels: "start" | "end"): Steps {
  const n = times.length;
  const lengths = new Float64Array(n).fill(NaN);
  const own = commonStep([times]) || common;
  if (own === 0) return { lengths, distinct: [] };
  const runs = runsOf(times);
  const long = new Set(runs.filter((r) => r.count >= ESTABLISHED).map((r) => r.step));
  long.add(own);
  let unclear: number | undefined;
  for (const [k, { step, from, count }] of runs.entries()) {
    if (!long.has(step)) continue;
    const around = [runs[k - 1]?.step, runs[k + 1]?.step].filter(
      (s) => s !== undefined && long.has(s),
    );
    // One such distance among others is a gap; a few may be either.
    const isGap = step !== own && count < ESTABLISHED && around.some((s) => s! < step);
    if (isGap) {
      if (count > 1) unclear ??= from;
      continue;
    }
    for (let i = from; i < from + count; i++) lengths[labels === "start" ? i : i + 1] = step;
  }
  fill(lengths, labels, own);
  const counts = new Map<number, number>();
  for (const length of lengths) counts.set(length, (counts.get(length) ?? 0) + 1);
  const distinct = [...counts].sort((a, b) => b[1] - a[1]).map(([length]) => length);
  return { lengths, distinct, ...(unclear === undefined ? {} : { unclear }) };
}

/** Rows beside a gap have the length of their neighbour on the other side. */
function fill(lengths: Float64Array, labels: "start" | "end", own: number): void {
  const n = lengths.length;
  const at = (i: number): number => (labels === "start" ? i : n - 1 - i);
  let before = NaN;
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(lengths[at(i)]!)) lengths[at(i)] = before;
    before = lengths[at(i)]!;
  }
  let after = own;
  for (let i = n - 1; i >= 0; i--) {
    if (Number.isNaN(lengths[at(i)]!)) lengths[at(i)] = after;
    after = lengths[at(i)]!;
  }
}

/** Runs of equal distances; repeated times have none. */
function runsOf(times: Float64Array): { step: number; from: number; count: number }[] {
  const runs: { step: number; from: number; count: number }[] = [];
  for (let i = 1; i < times.length; i++) {
    const step = times[i]! - times[i - 1]!;
    const last = runs.at(-1);
    if (last?.step === step) last.count += 1;
    else runs.push({ step, from: i - 1, count: 1 });
  }
  return runs;
}
