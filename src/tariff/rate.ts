/** Readings and a tariff to exact money. Nothing is rounded here. */
import type { Interval } from "../readings/interval.js";
import { exact, type ExactMoney } from "../readings/money.js";
import { periodBounds } from "../readings/period.js";
import type { Home } from "../readings/reading-set.js";
import { homeOfBill } from "./bill-zone.js";
import { Blocks } from "./blocks.js";
import { spanStartAt } from "./calendar.js";
import { compileTariff, type CompiledTariff } from "./compile.js";
import { tariffErrors } from "./errors.js";
import { amountOf, type RatedItem } from "./rated-item.js";
import { Rater, type RaterState } from "./rater.js";
import type { Tariff } from "./tariff.js";

export interface RateOptions {
  /** The one zone of all months and days; by default the tariff's, else that of the intervals. */
  readonly timeZone?: string;
  /** What was fed in, for the components that pay for it. */
  readonly exported?: Iterable<Interval>;
  /** Days from here … */
  readonly from?: number;
  /** … up to here bear standing charges; by default from the first to the last interval. */
  readonly to?: number;
  /** How much of blocks was used before the first interval. */
  readonly state?: RaterState;
}

/** Intervals in order of time; an `IntervalSeries` brings its zone along. */
export type Intervals = Iterable<Interval> & { readonly timeZone?: string };

/** What is charged at one instant, later than that of the charge before; negative where it is a credit. */
export interface Charge {
  readonly start: number;
  readonly charge: ExactMoney;
}

/**
 * The charges of the intervals in order of time: one for each interval, which has the standing charge
 * of a day that begins with it, and one for the demand of each month. All amounts have the denominator
 * `MONEY_DENOMINATOR`.
 *
 * @throws tariff/no-price where the tariff has no price
 */
export function charges(
  intervals: Intervals,
  tariff: Tariff,
  options: RateOptions = {},
): Generator<Charge> {
  return chargesOf(ratedItems(intervals, tariff, options));
}

/** The sum of all charges. @throws tariff/no-price */
export function rate(intervals: Intervals, tariff: Tariff, options: RateOptions = {}): ExactMoney {
  let sum = 0n;
  for (const item of ratedItems(intervals, tariff, options)) sum += amountOf(item);
  return exact(sum);
}

/**
 * Every charge with what it is for, in order of time.
 *
 * @throws tariff/no-price; tariff/zone-needed, tariff/other-zone
 */
export function* ratedItems(
  intervals: Intervals,
  tariff: Tariff,
  options: RateOptions = {},
): Generator<RatedItem> {
  const timeZone = options.timeZone ?? tariff.timeZone ?? intervals.timeZone;
  if (timeZone === undefined) {
    throw tariffErrors.error("zone-needed", `neither ${tariff.name} nor the intervals name a zone`);
  }
  const rater = new Rater(compileTariff(tariff, timeZone), options);
  let end = options.from ?? -Infinity;
  for (const { interval, kind } of inOrder(intervals, options.exported ?? [])) {
    end = Math.max(end, interval.start + interval.seconds * 1000);
    yield* rater.take(interval, kind);
  }
  const to = options.to ?? end;
  if (to > -Infinity) yield* rater.finish(to);
}

/**
 * Every charge of one month of a home: its energy in and out, blocks that began before the month
 * included, demand, and standing charges for the days from its first reading to its last. A home
 * without a reading in the month has none. Month and days are those of the one zone of the bill.
 *
 * @throws readings/bad-period, tariff/no-price; what `billZone` throws
 */
export function* itemsOfPeriod({
  supply,
  period,
  tariff,
  deployment,
}: {
  readonly supply: Home;
  readonly period: string;
  readonly tariff: Tariff;
  /** the zone of the deployment, where the bill is settled in one */
  readonly deployment?: string | undefined;
}): Generator<RatedItem> {
  const home = homeOfBill(supply, tariff, deployment);
  const bounds = periodBounds(period, home.timeZone);
  const from = Math.max(bounds.from, supplyBegins(home));
  const to = Math.min(bounds.to, supplyEnds(home));
  if (from >= to) return;
  const compiled = compileTariff(tariff, home.timeZone);
  const before = blocksBegin(compiled, bounds.from);
  // Only what blocks remember counts of the time before.
  const earlier = new Rater(compiled);
  const used = [home.intervals, home.exported].map((s) => s.between(before, bounds.from));
  for (const { interval, kind } of inOrder(used[0]!, used[1]!)) earlier.count(interval, kind);
  const state: RaterState = { blocks: earlier.state.blocks, demand: {} };
  yield* ratedItems(home.intervals.between(bounds.from, bounds.to), tariff, {
    timeZone: home.timeZone,
    exported: home.exported.between(bounds.from, bounds.to),
    from,
    to,
    state,
  });
}

/** The charges of `itemsOfPeriod`, added up for each instant. @throws what `itemsOfPeriod` throws */
export function chargesOfPeriod({
  home,
  period,
  tariff,
  deployment,
}: {
  readonly home: Home;
  readonly period: string;
  readonly tariff: Tariff;
  readonly deployment?: string;
}): Generator<Charge> {
  return chargesOf(itemsOfPeriod({ supply: home, period, tariff, deployment }));
}

function* chargesOf(items: Iterable<RatedItem>): Generator<Charge> {
  let start: number | undefined;
  let sum = 0n;
  for (const item of items) {
    if (start !== undefined && item.due !== start) {
      yield { start, charge: exact(sum) };
      sum = 0n;
    }
    start = item.due;
    sum += amountOf(item);
  }
  if (start !== undefined) yield { start, charge: exact(sum) };
}

/** The earliest beginning of a day, month, quarter or year of blocks that reaches into the period. */
export function blocksBegin({ versions, zone }: CompiledTariff, from: number): number {
  const spans = versions.flatMap((v) =>
    v.energy.flatMap(({ pricer }) => (pricer instanceof Blocks ? [pricer.span] : [])),
  );
  return Math.min(from, ...spans.map((span) => spanStartAt(from, span, zone)));
}

/** First instant of a home with a reading. */
export function supplyBegins({ intervals, exported }: Home): number {
  return Math.min(intervals.from ?? Infinity, exported.from ?? Infinity);
}

/** First instant after the last reading of a home. */
export function supplyEnds({ intervals, exported }: Home): number {
  return Math.max(intervals.to ?? -Infinity, exported.to ?? -Infinity);
}

type Metered = { readonly interval: Interval; readonly kind: "import" | "export" };

/** Merges two series by time. */
function* inOrder(drawn: Iterable<Interval>, fed: Iterable<Interval>): Generator<Metered> {
  const exported = fed[Symbol.iterator]();
  let next = exported.next();
  for (const interval of drawn) {
    for (; next.done !== true && next.value.start < interval.start; next = exported.next()) {
      yield { interval: next.value, kind: "export" };
    }
    yield { interval, kind: "import" };
  }
  for (; next.done !== true; next = exported.next()) yield { interval: next.value, kind: "export" };
}
