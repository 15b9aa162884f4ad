/** Billing periods: calendar months of a time zone. */
import { readingsErrors } from "./errors.js";
import type { IntervalSeries } from "./interval.js";
import type { Home } from "./reading-set.js";
import { Zone } from "./zone.js";

/** A calendar month, `YYYY-MM`. */
export type Period = `${number}-${number}`;

/** @throws readings/bad-period */
export function parsePeriod(text: string): Period {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) {
    throw readingsErrors.error("bad-period", `"${text}" is not a month YYYY-MM`, { period: text });
  }
  return text as Period;
}

/** First instant of the period, and first instant after it. */
export function periodBounds(period: string, timeZone: string): { from: number; to: number } {
  const [year, month] = parsePeriod(period).split("-").map(Number) as [number, number];
  const zone = Zone.of(timeZone);
  return {
    from: zone.startOf(Date.UTC(year, month - 1, 1)),
    to: zone.startOf(Date.UTC(year, month, 1)),
  };
}

/**
 * First instant of a calendar day, `YYYY-MM-DD`, and first instant after it.
 * @throws readings/bad-period
 */
export function dayBounds(day: string, timeZone: string): { from: number; to: number } {
  const civil = Date.parse(`${day}T00:00:00Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(civil);
  if (!isDay || new Date(civil).toISOString().slice(0, 10) !== day) {
    throw readingsErrors.error("bad-period", `"${day}" is not a day YYYY-MM-DD`, { period: day });
  }
  const zone = Zone.of(timeZone);
  return { from: zone.startOf(civil), to: zone.startOf(civil + 86_400_000) };
}

export function periodAt(instant: number, timeZone: string): Period {
  return new Date(Zone.of(timeZone).civil(instant)).toISOString().slice(0, 7) as Period;
}

/** The months of [from, to), in order. */
export function periodsBetween(from: number, to: number, timeZone: string): Period[] {
  const periods: Period[] = [];
  for (let at = from; at < to; at = periodBounds(periods.at(-1)!, timeZone).to) {
    periods.push(periodAt(at, timeZone));
  }
  return periods;
}

/** A home's intervals of one month of its time zone (see `homeOfBill` in tariff); one that crosses a limit is divided by time. */
export function intervalsOfPeriod(home: Home, period: string): IntervalSeries {
  const { from, to } = periodBounds(period, home.timeZone);
  return home.intervals.between(from, to);
}
