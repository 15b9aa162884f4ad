/** The homes of a town: a file of readings for each meter, as its source. */
import { mkdirSync, writeFileSync } from "node:fs";
import { periodNumber, type Household, type Households } from "../demo/index.js";
import { monthBounds } from "../tariff/index.js";
import type { TownFolder } from "./folder.js";

export interface TownHome {
  /** Its folder, from 1. */
  readonly number: number;
  /** As the readings name it. */
  readonly id: string;
}

/** Writes what each meter measures: the month's readings, as the home's file has them. */
export function writeHomes(
  folder: TownFolder,
  { households, period, timeZone }: Households,
): TownHome[] {
  const month = monthBounds(periodNumber(period), timeZone);
  return households.map((household, i) => {
    const number = i + 1;
    mkdirSync(folder.home(number), { mode: 0o700 });
    folder.writeJson(`homes/${number}/home.json`, { home: household.id });
    writeFileSync(folder.home(number, "readings.csv"), readingsOf(household, month), {
      mode: 0o600,
    });
    return { number, id: household.id };
  });
}

function readingsOf({ home }: Household, { from, to }: { from: number; to: number }): string {
  const drawn = new Map<number, number>();
  const fed = new Map<number, number>();
  for (const { start, wattHours } of home.intervals.between(from, to)) drawn.set(start, wattHours);
  for (const { start, wattHours } of home.exported.between(from, to)) fed.set(start, wattHours);
  const kWh = (wattHours: number | undefined): string => ((wattHours ?? 0) / 1000).toFixed(3);
  const times = [...new Set([...drawn.keys(), ...fed.keys()])].sort((a, b) => a - b);
  const heads = fed.size > 0 ? "Start,Import (kWh),Export (kWh)" : "Start,Import (kWh)";
  const rows = times.map((time) => {
    const start = new Date(time).toISOString().replace(".000Z", "Z");
    const row = `${start},${kWh(drawn.get(time))}`;
    return fed.size > 0 ? `${row},${kWh(fed.get(time))}` : row;
  });
  return `${heads}\n${rows.join("\n")}\n`;
}
