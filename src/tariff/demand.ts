/** The highest power of each calendar month within some hours. */
import { parseDecimal, scaled } from "../readings/decimal.js";
import { divide, type Interval } from "../readings/interval.js";
import type { Zone } from "../readings/zone.js";
import { spanEndAt, spanStartAt } from "./calendar.js";
import { ClockTable } from "./clock-table.js";
import type { Price } from "./price.js";
import type { DemandComponent } from "./tariff.js";

/** What is known of the month so far: of constant size. */
export interface DemandState {
  /** First instant of the month. */
  readonly month: number;
  /** The highest powers so far, in watts, highest first, at most as many as count. */
  readonly peaks: readonly number[];
  /** The step, or the day, that is open: where it begins, its energy and its minutes so far. */
  readonly open?: { readonly from: number; readonly wattHours: number; readonly minutes: number };
}

export class Demand {
  readonly #table: ClockTable;
  readonly #stepMs: number;
  readonly #minimum: number;
  readonly price: Price;
  readonly name: string;
  readonly perDay: boolean;

  private readonly component: DemandComponent;
  private readonly zone: Zone;

  constructor({
    component,
    holidays,
    zone,
    perKw,
  }: {
    readonly component: DemandComponent;
    readonly holidays: readonly string[];
    readonly zone: Zone;
    readonly perKw: (text: string) => Price;
  }) {
    this.component = component;
    this.zone = zone;

    this.name = component.name;
    this.perDay = component.per === "day";
    this.price = perKw(component.price);
    this.#table = new ClockTable([component.windows], holidays, zone);
    this.#stepMs = component.stepMinutes * 60_000;
    this.#minimum = Number(scaled(parseDecimal(component.minimum)!, 3) ?? 0n);
  }

  /** Takes one interval of a single month into account. */
  observe(interval: Interval, before: DemandState | undefined): DemandState {
    const month = spanStartAt(interval.start, "month", this.zone);
    // The peaks of an earlier month are not kept, and those of this one stay.
    if (before !== undefined && month < before.month) return before;
    let state: DemandState = before?.month === month ? before : { month, peaks: [] };
    const end = interval.start + interval.seconds * 1000;
    const cuts: number[] = [];
    for (let at = interval.start; at < end;) {
      at = Math.min(this.#table.at(at).until, this.#unitEnd(at));
      if (at < end) cuts.push(at);
    }
    for (const part of divide(interval, cuts)) {
      if (this.#table.at(part.start).set < 0) continue;
      const from = this.#unitStart(part.start);
      if (state.open !== undefined && state.open.from !== from) state = this.#closed(state);
      const open = state.open ?? { from, wattHours: 0, minutes: 0 };
      const wattHours = open.wattHours + part.wattHours;
      state = { ...state, open: { from, wattHours, minutes: open.minutes + part.seconds / 60 } };
    }
    return state;
  }

  /** The watts that the month is charged for. Where its hours never came, nothing is. */
  watts(state: DemandState): number | undefined {
    const { peaks } = this.#closed(state);
    if (peaks.length === 0) return undefined;
    const mean = Math.floor(peaks.reduce((sum, p) => sum + p, 0) / peaks.length);
    return Math.max(mean, this.#minimum);
  }

  #closed(state: DemandState): DemandState {
    if (state.open === undefined) return state;
    const { wattHours, minutes } = state.open;
    // A step of which a part is missing has the mean of the part that is there.
    const watts = Math.floor((wattHours * 60) / minutes);
    const peaks = [...state.peaks, watts].sort((a, b) => b - a).slice(0, this.component.peaks);
    return { month: state.month, peaks };
  }

  /** Steps of the clock count from midnight; a day is a day. */
  #unitStart(instant: number): number {
    const day = spanStartAt(instant, "day", this.zone);
    if (this.component.basis === "day") return day;
    return instant - ((instant - day) % this.#stepMs);
  }

  #unitEnd(instant: number): number {
    const end = spanEndAt(instant, "day", this.zone);
    return this.component.basis === "day"
      ? end
      : Math.min(end, this.#unitStart(instant) + this.#stepMs);
  }
}
