/**
 * Registers of one supply and direction that measured the same energy: the half-hours and the register of
 * the day, or a total beside its day and night. Each energy counts once; where that is likely but not sure,
 * it is asked.
 */
import type { Collector } from "./collector.js";
import { IntervalSeries, type Interval } from "./interval.js";
import { addSeries } from "./add-series.js";
import { questionError } from "./table/question.js";

export interface RegisterSeries {
  readonly register: string;
  readonly series: IntervalSeries;
}

/** Registers may be read at other times of a day than they count, and to hundredths of a kWh. */
const LONG_SECONDS = 72_000;
const DAY_TOLERANCE = 20;
/** Fewer intervals than this show nothing. */
const ENOUGH = 3;

/** Of more registers than this only pairs are compared. */
const MOST_TOGETHER = 6;

/** @throws readings/question */
export function withoutRepeats(
  all: readonly RegisterSeries[],
  about: {
    readonly collector: Collector;
    readonly home: string;
    readonly note: (message: string) => void;
  },
): readonly RegisterSeries[] {
  const answer = about.collector.options.mapping?.registers;
  const filled = all.filter((r) => r.series.length > 0);
  if (answer === "add" || filled.length < 2) return filled;
  const named = filled.filter((r) => r.register === answer);
  if (named.length > 0) return named;
  let kept: readonly RegisterSeries[] = filled;
  for (let found = twice(kept); found !== undefined; found = twice(kept)) {
    const { dropped, by, share } = found;
    const names = dropped.map((r) => r.register).join(" and ");
    if (share < SURE) throw openQuestion(about, [by.register, names]);
    about.note(`readings of ${names} are left out where ${by.register} has the same energy`);
    kept = kept.flatMap((r) => {
      if (!dropped.includes(r)) return [r];
      const series = apart(r.series, by.series);
      return series.length === 0 ? [] : [{ ...r, series }];
    });
  }
  return kept;
}

/** The share of equal intervals from which registers are the same, and that from which they may be. */
const SURE = 0.9;
const LIKELY = 0.3;

interface Twice {
  readonly dropped: readonly RegisterSeries[];
  readonly by: RegisterSeries;
  readonly share: number;
}

/** A register, and others that are the same energy as it alone or together; the coarser go. */
function twice(kept: readonly RegisterSeries[]): Twice | undefined {
  const finestFirst = [...kept].sort((a, b) => b.series.length - a.series.length);
  for (const one of finestFirst) {
    const others = finestFirst.filter((r) => r !== one);
    for (const some of subsets(others)) {
      const together = joined(some);
      const oneIsFiner = one.series.length > together.series.length;
      const [finer, coarser] = oneIsFiner ? [one, together] : [together, one];
      const share = sameShare(finer.series, coarser.series);
      const enough = isLong(coarser.series) && !isLong(finer.series) ? LIKELY : 0.99;
      if (share < enough) continue;
      return { dropped: oneIsFiner ? some : [one], by: finer, share };
    }
  }
  return undefined;
}

/** Each alone; of a few also several together. */
function subsets(others: readonly RegisterSeries[]): RegisterSeries[][] {
  const single = others.map((r) => [r]);
  if (others.length < 2 || others.length > MOST_TOGETHER) return single;
  const several: RegisterSeries[][] = [];
  for (let bits = 1; bits < 2 ** others.length; bits++) {
    const some = others.filter((_, i) => Math.floor(bits / 2 ** i) % 2 === 1);
    if (some.length > 1) several.push(some);
  }
  return [...single, ...several];
}

function joined(some: readonly RegisterSeries[]): RegisterSeries {
  const [first] = some;
  if (some.length === 1) return first!;
  const series = addSeries(
    some.map((r) => r.series),
    first!.series.timeZone,
  );
  return { register: some.map((r) => r.register).join(" and "), series };
}

function isLong(series: IntervalSeries): boolean {
  return series.length > 0 && series.at(0).seconds >= LONG_SECONDS;
}

/** Of the coarser intervals that the finer series covers whole, the share with the same energy. */
function sameShare(finer: IntervalSeries, coarser: IntervalSeries): number {
  let [compared, equal, i] = [0, 0, 0];
  let [sumFine, sumCoarse] = [0, 0];
  for (const { start, seconds, wattHours } of coarser) {
    const end = start + seconds * 1000;
    while (i < finer.length && finer.at(i).start < start) i += 1;
    let [covered, energy, parts] = [0, 0, 0];
    for (; i < finer.length && finer.at(i).start < end; i++) {
      covered += finer.at(i).seconds;
      energy += finer.at(i).wattHours;
      parts += 1;
    }
    if (covered !== seconds) continue;
    compared += 1;
    sumFine += energy;
    sumCoarse += wattHours;
    const tolerance = parts + (seconds >= LONG_SECONDS ? DAY_TOLERANCE : 0);
    if (Math.abs(energy - wattHours) <= tolerance) equal += 1;
  }
  // Registers of nearly nothing are near to each other by chance.
  if (compared < ENOUGH || sumFine === 0) return 0;
  if (equal === compared && Math.abs(sumFine - sumCoarse) > sumFine / 100) return 0;
  return equal / compared;
}

/** The intervals that nothing of the finer series overlaps. */
function apart(coarser: IntervalSeries, finer: IntervalSeries): IntervalSeries {
  const rest: Interval[] = [];
  let i = 0;
  for (const interval of coarser) {
    const end = interval.start + interval.seconds * 1000;
    while (i < finer.length && finer.at(i).start + finer.at(i).seconds * 1000 <= interval.start)
      i += 1;
    if (i >= finer.length || finer.at(i).start >= end) rest.push(interval);
  }
  return IntervalSeries.of(coarser.timeZone, rest);
}

function openQuestion(
  { collector, home }: { readonly collector: Collector; readonly home: string },
  names: readonly string[],
): Error {
  return questionError(collector.file, [
    {
      about: "registers",
      question: `whether the registers ${names.join(" and ")} of ${home} are the same energy or add up`,
      option: "--registers",
      choices: ["add", ...names],
    },
  ]);
}
