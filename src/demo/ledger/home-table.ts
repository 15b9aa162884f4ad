/** Readings laid out by interval: what each home reports to the ledger in each. */
import { toAverage } from "../../ledger/index.js";
import { dayBounds, type Interval, type ReadingSet } from "../../readings/index.js";
import { demoErrors } from "../errors.js";

export interface Slot {
  /** Milliseconds of UTC since 1970. */
  readonly start: number;
  /** Whole interval lengths since 1970. */
  readonly interval: number;
  /** Watt-hours of each home, 0 where it has no reading. */
  readonly wattHours: readonly bigint[];
}

export interface HomeTable {
  readonly timeZone: string;
  /** Length of every interval in seconds. */
  readonly seconds: number;
  readonly homes: readonly string[];
  /** Every interval of the period, in order. */
  readonly slots: readonly Slot[];
  /** Mean reading, for a regional average before there is one: watt-hours, a multiple of 4. */
  readonly average: bigint;
}

/** The first and the last day, `YYYY-MM-DD`, in the time zone of the readings. */
export interface Days {
  readonly first: string;
  readonly last: string;
}

/**
 * Electricity only, on the commonest length of interval; homes without a reading in the period are
 * left out.
 * @throws readings/bad-period, demo/no-homes, demo/off-grid
 */
export function homeTable(set: ReadingSet, { first, last }: Days): HomeTable {
  const { timeZone } = set;
  const { from } = dayBounds(first, timeZone);
  const { to } = dayBounds(last, timeZone);
  const series = set.homes
    .filter((home) => home.commodity === "electricity")
    .map(({ id, intervals }) => ({ id, readings: [...intervals.between(from, to)] }))
    .filter(({ readings }) => readings.length > 0);
  if (series.length === 0) {
    const period = first === last ? first : `${first}..${last}`;
    throw demoErrors.error("no-homes", `no home has a reading in ${period}`, { period });
  }
  const seconds = commonestLength(series.flatMap(({ readings }) => readings));
  const length = seconds * 1000;
  if (from % length !== 0 || (to - from) % length !== 0) {
    throw demoErrors.error(
      "off-grid",
      `intervals of ${seconds} s do not fit in the days of ${timeZone}`,
      { seconds, timeZone },
    );
  }
  const columns = series.map(({ readings }) => {
    const column = new Array<bigint>((to - from) / length).fill(0n);
    for (const { start, wattHours } of readings) {
      const at = Math.floor((start - from) / length);
      column[at]! += BigInt(wattHours);
    }
    return column;
  });
  const slots = Array.from({ length: (to - from) / length }, (_, i): Slot => ({
    start: from + i * length,
    interval: from / length + i,
    wattHours: columns.map((column) => column[i]!),
  }));
  const total = columns.flat().reduce((sum, wattHours) => sum + wattHours, 0n);
  return {
    timeZone,
    seconds,
    homes: series.map(({ id }) => id),
    slots,
    average: toAverage(total / BigInt(slots.length * series.length)),
  };
}

/** Readings of another length are counted in the interval in which they begin. */
function commonestLength(readings: readonly Interval[]): number {
  const counts = new Map<number, number>();
  for (const { seconds } of readings) counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
