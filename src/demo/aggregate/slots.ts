/** Readings of many homes, laid out by interval: what each home sends to the aggregation at each. */
import { aggregationErrors } from "../../aggregation/index.js";
import {
  periodAt,
  periodBounds,
  type Home,
  type Interval,
  type ReadingSet,
} from "../../readings/index.js";

/** No home draws a megawatt-hour in one interval: unless told otherwise, members agree to send nothing greater. */
export const MAX_WATT_HOURS = 1_000_000n;

/** One interval of the period, the same for all homes. */
export interface Slot {
  /** Milliseconds of UTC since 1970. */
  readonly start: number;
  /** Watt-hours by home; a home without a reading is not in it. */
  readonly values: ReadonlyMap<string, bigint>;
}

export interface SlotTable {
  readonly period: string;
  readonly timeZone: string;
  /** Length of every slot in seconds. */
  readonly seconds: number;
  /** Homes with at least one reading on the grid. */
  readonly homes: readonly string[];
  /** Homes without any: they take no part. */
  readonly leftOut: readonly string[];
  /** In order of time; times at which no home has a reading are not there. */
  readonly slots: readonly Slot[];
}

/**
 * The slots of one month: the one given, or the one with most readings. The grid is the commonest
 * length of interval; readings of other lengths are not used.
 * @throws readings/bad-period, aggregation/value-out-of-range
 */
export function slotTable(
  set: ReadingSet,
  wanted: string | undefined,
  largest: bigint = MAX_WATT_HOURS,
): SlotTable {
  const homes = ofCommonestCommodity(set.homes);
  const period = wanted ?? busiestMonth(homes, set.timeZone);
  const { from, to } = periodBounds(period, set.timeZone);
  const series = homes.map(({ id, intervals }) => ({ id, intervals: intervals.between(from, to) }));

  const lengths = new Map<number, number>();
  for (const { intervals } of series) {
    for (const { seconds } of intervals) lengths.set(seconds, (lengths.get(seconds) ?? 0) + 1);
  }
  const seconds = commonest(lengths) ?? 0;
  const slots = new Map<number, Map<string, bigint>>();
  const present = new Set<string>();
  for (const { id, intervals } of series) {
    for (const interval of intervals) {
      if (interval.seconds !== seconds) continue;
      if (BigInt(interval.wattHours) > largest) throw tooLarge(id, interval, largest);
      let values = slots.get(interval.start);
      if (values === undefined) slots.set(interval.start, (values = new Map()));
      values.set(id, BigInt(interval.wattHours));
      present.add(id);
    }
  }
  return {
    period,
    timeZone: set.timeZone,
    seconds,
    homes: homes.map((h) => h.id).filter((id) => present.has(id)),
    leftOut: set.homes.map((h) => h.id).filter((id) => !present.has(id)),
    slots: [...slots].sort(([a], [b]) => a - b).map(([start, values]) => ({ start, values })),
  };
}

/** Gas and electricity are not added up. */
function ofCommonestCommodity(homes: readonly Home[]): readonly Home[] {
  const counts = new Map<Home["commodity"], number>();
  for (const { commodity } of homes) counts.set(commodity, (counts.get(commodity) ?? 0) + 1);
  const chosen = commonest(counts);
  return homes.filter((h) => h.commodity === chosen);
}

function busiestMonth(homes: readonly Home[], timeZone: string): string {
  const counts = new Map<string, number>();
  for (const { intervals } of homes) {
    for (const { start } of intervals) {
      const period = periodAt(start, timeZone);
      counts.set(period, (counts.get(period) ?? 0) + 1);
    }
  }
  return commonest(counts) ?? periodAt(0, timeZone);
}

/** The key with the greatest count, the first of several. */
function commonest<K>(counts: ReadonlyMap<K, number>): K | undefined {
  let best: K | undefined;
  for (const [key, count] of counts) {
    if (best === undefined || count > counts.get(best)!) best = key;
  }
  return best;
}

/** Takes away the readings of meters that fail, a share `probability` of all, always the same ones. */
export function withFailures(
  { values, start }: Slot,
  probability: number,
  draw: (home: string, start: number) => number,
): Slot {
  if (probability === 0) return { start, values };
  const working = [...values].filter(([home]) => draw(home, start) >= probability);
  return { start, values: new Map(working) };
}

function tooLarge(home: string, { start, wattHours }: Interval, largest: bigint): Error {
  const at = new Date(start).toISOString();
  return aggregationErrors.error(
    "value-out-of-range",
    `the reading of home ${home} at ${at} is ${wattHours} Wh, more than ${largest}`,
    { home, start: at, wattHours },
  );
}
