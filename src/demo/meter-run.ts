/** A demonstration's meter: from the month before the period to its end, by the hour. */
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
 * A meter's month, run up to any instant: each hour its registers are read. Where the readings of a home
 * end before the month, its meter is removed there.
 */
export class MeterRun {
  readonly #register: SimulatedRegister;
  /** Where the home's readings end, or the month. */
  readonly #end: number;
  readonly #monthEnd: number;
  #next: number;

  private readonly meter: TrustedMeter;
  private readonly removal: () => RemovalNotice;

  constructor({
    meter,
    home,
    month,
    removal,
  }: {
    readonly meter: TrustedMeter;
    readonly home: Home;
    readonly month: Month;
    readonly removal: () => RemovalNotice;
  }) {
    this.meter = meter;
    this.removal = removal;

    const { status } = meter;
    const begin = readingsBegin(home, month);
    this.#monthEnd = boundsOf(month).to;
    // A reading of a quarter is divided at the month's end, as the bill divides it.
    const series = {
      intervals: home.intervals.between(begin, this.#monthEnd),
      exported: home.exported.between(begin, this.#monthEnd),
    };
    this.#register = new SimulatedRegister(series, status, status.clock);
    this.#end = Math.min(this.#monthEnd, supplyEnds(home));
    this.#next = status.clock + HOUR;
  }

  /** The month is over, or the meter was removed. */
  get isOver(): boolean {
    const { removedAt, clock } = this.meter.status;
    return removedAt !== null || clock > this.#monthEnd;
  }

  /** Runs on up to an instant, ms; at the end of the month it stops. */
  to(instant: number): void {
    if (this.isOver) return;
    for (; this.#next < Math.min(instant, this.#end); this.#next += HOUR) {
      this.meter.advance(this.#next, this.#register.until(this.#next));
    }
    if (instant < this.#end) return;
    this.meter.advance(this.#end, this.#register.until(this.#end));
    if (this.#end < this.#monthEnd) this.meter.remove(this.#end, this.removal());
    else this.meter.advance(this.#end + 1);
  }
}

/** When a month is over in the deployment's time zone, ms. */
export function monthEnd(month: Month): number {
  return boundsOf(month).to;
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
