/**
 * Neighbourhoods of any size, made from the homes of a set of readings.
 *
 * As long as there are enough homes with the period itself, they are taken as they are. Beyond that a
 * home is made: one of the real homes, with weeks of any season of its own readings in place of the
 * period's weeks (each moved by up to one week more, weekdays kept), all multiplied by one factor
 * exp(N(0, ¼)). So the shapes within a day, the days away and the changes from week to week are real;
 * seasons are mixed, which makes homes differ more than they do in one month, and so easier to tell
 * apart. Prices are those of the period.
 */
import {
  IntervalSeries,
  MONEY_DENOMINATOR,
  periodBounds,
  Zone,
  type Home,
  type ReadingSet,
} from "../../readings/index.js";
import { chargesOfPeriod, type Tariff } from "../../tariff/index.js";
import { attackErrors } from "../errors.js";
import type { Chance } from "../random.js";

const STEP_MS = 1_800_000;
const WEEK = 7 * 48;
/** A stretch with less of its half-hours metered is not used. */
const COVERAGE = 0.97;
const SPREAD = 0.25;

export interface SimulatedHome {
  /** The real home it was made from. */
  readonly origin: string;
  /** Mean units of a period over all its readings: what its size class follows from. */
  readonly meanUnits: number;
  /** Watt-hours of each interval. */
  readonly wattHours: Float64Array;
  /** Whole units owed since the period began, at the end of each interval. */
  readonly owed: Int32Array;
}

/** Half-hours of one real home, by civil time. */
interface BaseHome {
  readonly id: string;
  /** Index of the first, half-hours of civil time since 1970; on a day's beginning. */
  readonly first: number;
  /** Watt-hours; NaN where nothing was metered. */
  readonly wattHours: Float64Array;
  readonly meanWattHours: number;
  /** Starts of stretches that can stand for the period, on its weekday. */
  readonly starts: readonly number[];
}

/** What a home was made from. */
interface Drawn {
  readonly base: BaseHome;
  /** Index of the stretch's first half-hour. */
  readonly start: number;
  readonly factor: number;
}

export interface PopulationOptions {
  readonly readings: ReadingSet;
  readonly tariff: Tariff;
  /** YYYY-MM. */
  readonly period: string;
  /** Minor units of the currency that one unit is. */
  readonly minorUnits: number;
  /** Zone of the bill. */
  readonly timeZone: string;
}

export class Population {
  /** First instant of the period and first after it, in ms. */
  readonly bounds: { readonly from: number; readonly to: number };
  readonly stepSeconds = STEP_MS / 1000;
  /** Number of intervals. */
  readonly intervals: number;
  readonly #first: number;
  readonly #bases: readonly BaseHome[];
  readonly #drawn = new WeakMap<SimulatedHome, Drawn>();
  readonly #affine: { readonly fixed: Float64Array; readonly price: Float64Array } | null;

  /** @throws attack/no-homes */
  constructor(private readonly options: PopulationOptions) {
    const { period, timeZone, readings } = options;
    this.bounds = periodBounds(period, timeZone);
    this.intervals = Math.round((this.bounds.to - this.bounds.from) / STEP_MS);
    this.#first = Math.round(Zone.of(timeZone).civil(this.bounds.from) / STEP_MS);
    this.#bases = readings.homes.flatMap((home) => baseOf(home, this.#first, this.intervals));
    if (this.#bases.length === 0) {
      throw attackErrors.error("no-homes", `no home has a month of half-hours around ${period}`);
    }
    this.#affine = this.#prices();
  }

  /** Real homes that every population is made from. */
  get origins(): number {
    return this.#bases.length;
  }

  /** Homes with readings of the period itself. */
  get real(): number {
    return this.#bases.filter((base) => base.starts.includes(this.#first)).length;
  }

  draw(count: number, chance: Chance): SimulatedHome[] {
    const real = this.#bases.filter((base) => base.starts.includes(this.#first));
    if (count <= real.length) {
      const taken = chance.shuffled(real).slice(0, count);
      return taken.map((base) => this.#home({ base, start: this.#first, factor: 1 }, null));
    }
    return Array.from({ length: count }, () => {
      const base = this.#bases[chance.below(this.#bases.length)]!;
      const start = base.starts[chance.below(base.starts.length)]!;
      const factor = Math.exp(SPREAD * chance.normal());
      return this.#home({ base, start, factor }, chance);
    });
  }

  /** Four weeks later in the same home, under the same prices; weeks of any season where it has none. */
  following(home: SimulatedHome, chance: Chance): SimulatedHome {
    const { base, start, factor } = this.#drawn.get(home)!;
    const next = start + 4 * WEEK;
    const any = base.starts[chance.below(base.starts.length)]!;
    return this.#home({ base, start: base.starts.includes(next) ? next : any, factor }, chance);
  }

  /** Watt-hours of the period's intervals, from a stretch; with weeks moved if chance says. */
  #stretch(base: BaseHome, start: number, chance: Chance | null): Float64Array {
    const { wattHours, first } = base;
    const stretch = new Float64Array(this.intervals);
    let moved = 0;
    for (let i = 0; i < stretch.length; i++) {
      if (chance !== null && i % WEEK === 0) moved = (chance.below(3) - 1) * WEEK;
      const at = start - first + i;
      const movedReading = wattHours[at + moved];
      const value =
        movedReading === undefined || Number.isNaN(movedReading) ? wattHours[at] : movedReading;
      // A few missing half-hours are those of the week before, or nothing.
      stretch[i] = orZero(value, wattHours[at - WEEK]);
    }
    return stretch;
  }

  /** With weeks moved if chance says. */
  #home(drawn: Drawn, chance: Chance | null): SimulatedHome {
    const { base, start, factor } = drawn;
    const wattHours = this.#stretch(base, start, chance).map((w) => Math.round(w * factor));
    const charges = this.#charges(wattHours);
    const owed = new Int32Array(wattHours.length);
    let sum = 0;
    for (let i = 0; i < owed.length; i++) {
      sum += charges[i]! / this.options.minorUnits;
      // Prices have far fewer decimals than this; the sum of doubles is off by less.
      owed[i] = Math.max(owed[i - 1] ?? 0, Math.floor(sum + 1e-7));
    }
    const used = wattHours.reduce((a, b) => a + b, 0) / wattHours.length;
    const ratio = used > 0 ? (base.meanWattHours * factor) / used : 1;
    const home = { origin: base.id, meanUnits: owed.at(-1)! * ratio, wattHours, owed };
    this.#drawn.set(home, drawn);
    return home;
  }

  /** Minor units charged for each interval. */
  #charges(wattHours: Float64Array): Float64Array {
    const affine = this.#affine;
    if (affine === null) return this.#rated(wattHours);
    return wattHours.map((w, i) => affine.fixed[i]! + w * affine.price[i]!);
  }

  /** A fixed amount and a price a watt-hour for each interval, if the tariff is of that kind. */
  #prices(): { fixed: Float64Array; price: Float64Array } | null {
    const at = (w: number): Float64Array => this.#rated(new Float64Array(this.intervals).fill(w));
    const [fixed, one, two] = [at(0), at(1000), at(2000)];
    const price = one.map((amount, i) => (amount - fixed[i]!) / 1000);
    const isAffine = two.every((amount, i) => Math.abs(amount - 2 * one[i]! + fixed[i]!) < 1e-6);
    return isAffine ? { fixed, price } : null;
  }

  #rated(wattHours: Float64Array): Float64Array {
    const { period, tariff, timeZone } = this.options;
    const { from } = this.bounds;
    const intervals = Array.from(wattHours, (w, i) => ({
      start: from + i * STEP_MS,
      seconds: STEP_MS / 1000,
      wattHours: w,
      quality: "actual" as const,
    }));
    const home: Home = {
      id: "simulated",
      commodity: "electricity",
      timeZone,
      intervals: IntervalSeries.of(timeZone, intervals),
      exported: IntervalSeries.of(timeZone, []),
      gaps: [],
    };
    const amounts = new Float64Array(wattHours.length);
    for (const { start, charge } of chargesOfPeriod({ home, period, tariff })) {
      const i = Math.min(amounts.length - 1, Math.max(0, Math.floor((start - from) / STEP_MS)));
      amounts[i] = amounts[i]! + Number(charge.numerator) / Number(MONEY_DENOMINATOR);
    }
    return amounts;
  }
}

function baseOf(home: Home, target: number, length: number): BaseHome[] {
  const { intervals } = home;
  if (intervals.from === undefined || intervals.to === undefined) return [];
  const zone = Zone.of(home.timeZone);
  const first = Math.floor(zone.civil(intervals.from) / STEP_MS / 48) * 48;
  const last = Math.ceil(zone.civil(intervals.to) / STEP_MS);
  const wattHours = new Float64Array(last - first + 2).fill(Number.NaN);
  for (const { start, seconds, wattHours: w } of intervals) {
    const at = Math.floor(zone.civil(start) / STEP_MS) - first;
    const parts = Math.max(1, Math.round((seconds * 1000) / STEP_MS));
    for (let i = at; i < at + parts; i++) wattHours[i] = orZero(wattHours[i]) + w / parts;
  }
  const metered = wattHours.filter((w) => !Number.isNaN(w));
  const meanWattHours = metered.reduce((a, b) => a + b, 0) / Math.max(1, metered.length);
  const starts = startsOf({ wattHours, first }, target, length);
  return starts.length === 0 ? [] : [{ id: home.id, first, wattHours, meanWattHours, starts }];
}

/** Stretches of the period's length that begin on its weekday and are metered. */
function startsOf(
  { wattHours, first }: Pick<BaseHome, "wattHours" | "first">,
  target: number,
  length: number,
): number[] {
  const missing = new Int32Array(wattHours.length + 1);
  wattHours.forEach((w, i) => (missing[i + 1] = missing[i]! + (Number.isNaN(w) ? 1 : 0)));
  const begin = (((target - first) % WEEK) + WEEK) % WEEK;
  const starts: number[] = [];
  for (let at = begin; at + length <= wattHours.length; at += WEEK) {
    if (missing[at + length]! - missing[at]! <= (1 - COVERAGE) * length) starts.push(first + at);
  }
  return starts;
}

function orZero(...values: readonly (number | undefined)[]): number {
  return values.find((v) => v !== undefined && !Number.isNaN(v)) ?? 0;
}
