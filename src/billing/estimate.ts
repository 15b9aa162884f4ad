/**
 * Readings that are missing, by a stated rule. A gap of at most fourteen days between readings is filled
 * in steps as long as the interval before it. Each step is estimated as the mean, rounded down, of the
 * readings of the same clock time one to four weeks before and after; where there are none, as the mean
 * of all readings of its length within four weeks of the gap. Longer gaps, and what lies before the first
 * and after the last reading, are left: nobody knows that there was supply.
 */
import { IntervalSeries, type Gap, type Interval, Zone } from "../readings/index.js";

const dayMs = 86_400_000;
/** A gap is estimated up to this length. */
export const LONGEST_ESTIMATE_MS: number = 14 * dayMs;
const weeks = [-28, -21, -14, -7, 7, 14, 21, 28];

export interface Filled {
  readonly series: IntervalSeries;
  /** The intervals that were added. */
  readonly estimates: readonly Interval[];
  /** Gaps that were left. */
  readonly left: readonly Gap[];
}

/** Fills the gaps of a series that begin in [from, to), looking at readings around them. */
export function estimateGaps(series: IntervalSeries, from: number, to: number): Filled {
  const estimates: Interval[] = [];
  const left: Gap[] = [];
  for (const gap of series.gaps()) {
    if (gap.to <= from || gap.from >= to) continue;
    const filled = gap.to - gap.from <= LONGEST_ESTIMATE_MS ? fill(series, gap) : undefined;
    if (filled === undefined) left.push(gap);
    else estimates.push(...filled);
  }
  return { series: merged(series, estimates), estimates, left };
}

/** A series with further intervals in its gaps. */
export function merged(series: IntervalSeries, more: readonly Interval[]): IntervalSeries {
  if (more.length === 0) return series;
  const all = [...series, ...more].sort((a, b) => a.start - b.start);
  return IntervalSeries.of(series.timeZone, all);
}

function fill(series: IntervalSeries, gap: Gap): Interval[] | undefined {
  const before = series.endingAt(gap.from);
  if (before === undefined) return undefined;
  const { seconds } = before;
  const around = series.between(gap.from - 28 * dayMs, gap.to + 28 * dayMs);
  const overall = mean([...around].filter((i) => i.seconds === seconds));
  if (overall === undefined) return undefined;
  const zone = Zone.of(series.timeZone);
  const filled: Interval[] = [];
  for (let start = gap.from; start < gap.to; start += seconds * 1000) {
    const length = Math.min(seconds, (gap.to - start) / 1000);
    const alike = weeks.flatMap((days) => {
      const found = zone
        .instants(zone.civil(start) + days * dayMs)
        .map((instant) => series.find(instant))
        .find((i) => i?.seconds === seconds);
      return found === undefined ? [] : [found];
    });
    const whole = mean(alike) ?? overall;
    // The last step may be shorter.
    const wattHours = Math.floor((whole * length) / seconds);
    filled.push({ start, seconds: length, wattHours, quality: "estimated" });
  }
  return filled;
}

function mean(intervals: readonly Interval[]): number | undefined {
  if (intervals.length === 0) return undefined;
  return Math.floor(intervals.reduce((sum, i) => sum + i.wattHours, 0) / intervals.length);
}
