/** The homes of a demonstration: whose readings, which month, what they owe, interval by interval. */
import {
  generateHomes,
  intervalsOfPeriod,
  periodBounds,
  periodsBetween,
  readReadings,
  type Home,
  type IntervalSeries,
  type ReadingSet,
} from "../readings/index.js";
import {
  chargesOfPeriod,
  defaultTariff,
  readingsOfBill,
  readTariff,
  type Charge,
  type Tariff,
} from "../tariff/index.js";
import { demoErrors } from "./errors.js";
import type { DemoOptions } from "./options.js";

/** When nothing says otherwise: few enough to read the table, and a month with a clock change. */
const DEFAULT_HOMES = 6;
const DEFAULT_PERIOD = "2026-03";
const DEFAULT_ZONE = "Europe/Berlin";

export interface Household {
  readonly id: string;
  readonly home: Home;
  /** What it owes, in order of time. */
  charges(): Iterable<Charge>;
  readonly wattHours: number;
  readonly intervals: number;
  /** Milliseconds of the month without a reading: they are not billed. */
  readonly missingMs: number;
}

export interface Households {
  readonly period: string;
  /** The one zone of all their bills: that of the deployment. */
  readonly timeZone: string;
  readonly tariff: Tariff;
  /** Where the readings come from, for people. */
  readonly source: string;
  readonly households: readonly Household[];
  /** Homes without a reading in the month. */
  readonly without: readonly string[];
}

/** @throws demo/no-homes, and what reading files throws */
export async function loadHouseholds(options: DemoOptions): Promise<Households> {
  const tariff = options.tariff === null ? defaultTariff : await readTariff(options.tariff);
  const read =
    options.readings.length === 0 ? generated(options, tariff) : await fromFiles(options, tariff);
  const set = readingsOfBill(read, tariff);
  const period =
    options.period ?? (options.readings.length === 0 ? DEFAULT_PERIOD : latestMonth(set));
  const households: Household[] = [];
  const without: string[] = [];
  for (const home of set.homes) {
    const intervals = intervalsOfPeriod(home, period);
    if (intervals.length === 0) without.push(home.id);
    else households.push(household({ home, intervals, tariff, period }));
  }
  if (households.length === 0) {
    throw demoErrors.error("no-homes", `no home has a reading in ${period}`, { period });
  }
  const source =
    options.readings.length === 0
      ? `${households.length} generated homes, seed "${options.seed}"`
      : options.readings.join(", ");
  return { period, timeZone: set.timeZone, tariff, source, households, without };
}

function generated({ homes, period, seed, reading }: DemoOptions, tariff: Tariff): ReadingSet {
  return generateHomes({
    homes: homes ?? DEFAULT_HOMES,
    period: period ?? DEFAULT_PERIOD,
    seed,
    timeZone: tariff.timeZone ?? reading.timeZone ?? DEFAULT_ZONE,
  });
}

async function fromFiles(
  { readings, reading, homes }: DemoOptions,
  tariff: Tariff,
): Promise<ReadingSet> {
  const timeZone = reading.timeZone ?? tariff.timeZone;
  const set = await readReadings(readings, {
    ...reading,
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return homes === null ? set : { ...set, homes: set.homes.slice(0, homes) };
}

/** The latest month of the readings with the most homes in it. */
function latestMonth(set: ReadingSet): string {
  const homesIn = new Map<string, number>();
  for (const home of set.homes) {
    if (home.intervals.length === 0) continue;
    const last = home.intervals.at(home.intervals.length - 1);
    const months = periodsBetween(home.intervals.at(0).start, last.start + 1, home.timeZone);
    for (const month of months) {
      if (intervalsOfPeriod(home, month).length > 0) {
        homesIn.set(month, (homesIn.get(month) ?? 0) + 1);
      }
    }
  }
  const most = Math.max(0, ...homesIn.values());
  const month = [...homesIn]
    .filter(([, n]) => n === most)
    .map(([m]) => m)
    .sort()
    .at(-1);
  if (month === undefined) {
    throw demoErrors.error("no-homes", "the files have no readings of energy drawn");
  }
  return month;
}

function household({
  home,
  intervals,
  tariff,
  period,
}: {
  readonly home: Home;
  readonly intervals: IntervalSeries;
  readonly tariff: Tariff;
  readonly period: string;
}): Household {
  const { from, to } = periodBounds(period, home.timeZone);
  let wattHours = 0;
  let seconds = 0;
  for (const interval of intervals) {
    wattHours += interval.wattHours;
    seconds += interval.seconds;
  }
  return {
    id: home.id,
    home,
    charges: () => chargesOfPeriod({ home, period, tariff }),
    wattHours,
    intervals: intervals.length,
    missingMs: to - from - seconds * 1000,
  };
}
