/** The clock of a demonstration's meter: from the month before the period to its end, by the hour. */
import { SimulatedRegister, type TrustedMeter } from "../meter/index.js";
import type { Home } from "../readings/index.js";
import type { RemovalNotice } from "../sipster/index.js";
import {
  addMonths,
  blocksBegin,
  compileTariff,
  covers,
  monthBounds,
  supplyBegins,
  supplyEnds,
} from "../tariff/index.js";
import type { Households } from "./households.js";
import { periodNumber } from "./options.js";

const HOUR = 3_600_000;

type Month = Pick<Households, "period" | "timeZone" | "tariff">;

/** When a home's meter is installed: in the month before, where the tariff has prices for it. */
export function meterBegins(home: Home, month: Month): number {
  const { timeZone, tariff } = month;
  const { from } = boundsOf(month);
  const counted = readingsBegin(home, month);
  const before = monthBounds(addMonths(periodNumber(month.period), -1), timeZone);
  const compiled = compileTariff(tariff, timeZone);
  const first = Math.min(counted, before.from);
  return covers(compiled, first, from) ? first : counted;
}

/**
 * Runs the meter until the month is over: each hour its registers are read. Where the readings of a
 * home end before, its meter is removed there.
 */
export function runMeter(
  meter: TrustedMeter,
  home: Home,
  month: Month,
  removal: () => RemovalNotice,
): void {
  const { status } = meter;
  if (status.removedAt !== null) return;
  const begin = readingsBegin(home, month);
  const { to } = boundsOf(month);
  // A reading of a quarter is divided at the month's end, as the bill divides it.
  const series = {
    intervals: home.intervals.between(begin, to),
    exported: home.exported.between(begin, to),
  };
  const register = new SimulatedRegister(series, status, status.clock);
  const end = Math.min(to, supplyEnds(home));
  for (let now = status.clock + HOUR; now < end; now += HOUR) {
    meter.advance(now, register.until(now));
  }
  meter.advance(end, register.until(end));
  if (end < to) meter.remove(end, removal());
  else meter.advance(end + 1);
}

/** The first instant whose energy counts: blocks of a quarter or a year begin before the month. */
function readingsBegin(home: Home, month: Month): number {
  const { from } = boundsOf(month);
  const blocks = blocksBegin(compileTariff(month.tariff, month.timeZone), from);
  return Math.max(blocks, supplyBegins(home));
}

function boundsOf({ period, timeZone }: Month): { from: number; to: number } {
  return monthBounds(periodNumber(period), timeZone);
}
