/** Monthly bills of homes in units of a penny: generated ones, and real ones where the files are there. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import {
  generateHomes,
  intervalsOfPeriod,
  periodBounds,
  periodsBetween,
  readReadings,
  type Home,
} from "../../../src/readings/index.js";

/** The flat comparison price of the Low Carbon London trial, in thousandths of a penny a kilowatt-hour. */
const PRICE = 14_228;
/** Months with less of their time metered are left out. */
const COVERAGE = 0.95;
const FEWEST_MONTHS = 6;

const REAL_FILES = ["sgsc11_2013_halfhourly_wide.csv", "sgsc3_2012-2014_halfhourly_long.csv"];

export interface HomeBills {
  readonly id: string;
  /** Units of each month with enough readings, in order of time. */
  readonly bills: readonly number[];
  readonly mean: number;
}

export function generatedHomes(homes: number): HomeBills[] {
  const set = generateHomes({ homes, period: ["2023-01", "2025-12"], seed: "baskets" });
  return set.homes.flatMap(billsOf);
}

/** `null` without the files of ../shared/data. */
export async function realHomes(): Promise<HomeBills[] | null> {
  const files = REAL_FILES.map((name) =>
    resolve(import.meta.dirname, "../../../../shared/data", name),
  );
  if (!files.every((file) => existsSync(file))) return null;
  const sets = await Promise.all(files.map((file) => readReadings([file])));
  return sets.flatMap((set) => set.homes.flatMap(billsOf));
}

function billsOf(home: Home): HomeBills[] {
  const { intervals } = home;
  if (intervals.length === 0) return [];
  const last = intervals.at(intervals.length - 1).start + 1;
  const bills: number[] = [];
  for (const month of periodsBetween(intervals.at(0).start, last, home.timeZone)) {
    const { from, to } = periodBounds(month, home.timeZone);
    let [wattHours, seconds] = [0, 0];
    for (const interval of intervalsOfPeriod(home, month)) {
      wattHours += interval.wattHours;
      seconds += interval.seconds;
    }
    if (seconds * 1000 < COVERAGE * (to - from)) continue;
    bills.push(Math.floor((wattHours * PRICE) / 1_000_000));
  }
  if (bills.length < FEWEST_MONTHS) return [];
  return [{ id: home.id, bills, mean: bills.reduce((a, b) => a + b, 0) / bills.length }];
}
