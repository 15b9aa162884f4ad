/** On which days energy was not read but estimated or substituted, and why. */
import type { IntervalSeries } from "../readings/index.js";
import { civilDay, type Zone } from "../readings/zone.js";
import { kilowattHours } from "./kilowatt-hours.js";

export interface EstimatedDay {
  /** `YYYY-MM-DD` in the zone of the bill. */
  readonly date: string;
  readonly intervals: number;
  /** kWh of these intervals. */
  readonly energy: string;
  readonly why: string;
}

export const WHY = {
  gap: "no reading: the mean of the same time one to four weeks before and after",
  estimated: "the readings say that they are estimates",
  substituted: "the readings say that they stand in for others",
} as const;

/** `filled`: the first instants of intervals that the account estimated itself. */
export function estimatedDays(
  series: IntervalSeries,
  filled: ReadonlySet<number>,
  zone: Zone,
): EstimatedDay[] {
  const days = new Map<string, { date: string; why: string; intervals: number; energy: bigint }>();
  for (const { start, wattHours, quality } of series) {
    if (quality === "actual") continue;
    const why = filled.has(start) ? WHY.gap : WHY[quality];
    const date = new Date(civilDay(zone.civil(start))).toISOString().slice(0, 10);
    const key = `${date} ${why}`;
    const day = days.get(key) ?? { date, why, intervals: 0, energy: 0n };
    day.intervals += 1;
    day.energy += BigInt(wattHours);
    days.set(key, day);
  }
  return [...days.values()].map(({ energy, ...day }) => ({
    ...day,
    energy: kilowattHours(energy),
  }));
}

/** Days that follow each other for one reason, as one line: `2024-05-09 to 2024-05-11`. */
export function estimatedSpans(
  days: readonly EstimatedDay[],
): readonly { readonly days: string; readonly intervals: number; readonly why: string }[] {
  const spans: { from: string; to: string; intervals: number; why: string }[] = [];
  for (const { date, intervals, why } of days) {
    const last = spans.at(-1);
    if (last?.why === why && Date.parse(date) - Date.parse(last.to) <= 86_400_000) {
      last.to = date;
      last.intervals += intervals;
    } else spans.push({ from: date, to: date, intervals, why });
  }
  return spans.map(({ from, to, ...rest }) => ({
    days: from === to ? from : `${from} to ${to}`,
    ...rest,
  }));
}

/** What a bill says of gaps in energy fed in; nothing where there are none. */
export function fedInGaps({ gaps }: { readonly gaps: number }): readonly string[] {
  const many =
    gaps === 1 ? "1 gap without a reading counts" : `${gaps} gaps without a reading count`;
  return gaps === 0 ? [] : [`Energy fed in: ${many} as nothing, and nothing is estimated`];
}
