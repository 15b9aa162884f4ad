/**
 * Charges as a register runs, for a meter that keeps totals and no readings: energy of a stretch of
 * time, what is due at the end of a period, and whether a tariff has every price of a period.
 */
import { parseJson } from "../json/index.js";
import { divide, type Interval } from "../readings/interval.js";
import { MONEY_DENOMINATOR } from "../readings/money.js";
import { periodAt, periodBounds } from "../readings/period.js";
import { Blocks } from "./blocks.js";
import type { CompiledTariff } from "./compile.js";
import { amountOf, type RatedItem } from "./rated-item.js";
import { Rater, type RaterState } from "./rater.js";

/** What a meter remembers of its tariff. Plain JSON of constant size. */
export interface RunningTotals extends RaterState {
  /** Where the first energy began, and standing charges with it. */
  readonly from?: number;
}

export interface RunningCharge {
  readonly totals: RunningTotals;
  /** In fractions of the minor unit; negative for a credit. */
  readonly amount: bigint;
}

/** Totals as a meter's memory keeps them. */
export function totalsToText(totals: RunningTotals): string {
  return JSON.stringify(totals);
}

/** What {@link totalsToText} gave. @throws Error if it is not JSON: the memory is checked by its reader */
export function totalsFromText(text: string): RunningTotals {
  return parseJson(text, (why) => new Error(`the totals ${why}`)) as RunningTotals;
}

export const NO_TOTALS: RunningTotals = { blocks: {}, demand: {} };

/** @throws tariff/no-price where the tariff has none */
export function chargeEnergy({
  tariff,
  totals,
  span,
  kind,
}: {
  readonly tariff: CompiledTariff;
  readonly totals: RunningTotals;
  readonly span: Interval;
  readonly kind: "import" | "export";
}): RunningCharge {
  const from = totals.from ?? span.start;
  const rater = new Rater(tariff, { from, state: totals });
  const amount = sumOf(rater.take(span, kind));
  return { totals: { ...rater.state, from }, amount };
}

/** Demand, and standing charges up to `end`. Before the first energy nothing is due. */
export function chargeToEnd(
  tariff: CompiledTariff,
  totals: RunningTotals,
  end: number,
): RunningCharge {
  const { from } = totals;
  if (from === undefined) return { totals, amount: 0n };
  const rater = new Rater(tariff, { from, state: totals });
  const amount = sumOf(rater.finish(end));
  return { totals: { ...rater.state, from }, amount };
}

/** What stays of the totals when another tariff follows: days and months, not blocks and demand. */
export function withoutUse(totals: RunningTotals): RunningTotals {
  return { ...totals, ...NO_TOTALS };
}

/** Has the tariff a price for energy at every instant of [from, to)? */
export function covers({ versions }: CompiledTariff, from: number, to: number): boolean {
  for (let at = from; at < to;) {
    const version = versions.findLast((v) => v.from <= at);
    if (version === undefined) return false;
    let until = Math.min(to, versions.find((v) => v.from > at)?.from ?? to);
    for (const { pricer } of version.energy) {
      if (pricer instanceof Blocks) continue;
      const price = pricer.at(at);
      if (price === undefined) return false;
      until = Math.min(until, price.until);
    }
    at = until;
  }
  return true;
}

/** Money of a unit of so many minor units, in the fractions that amounts are counted in. */
export function unitOf(minorUnits: number): bigint {
  return BigInt(minorUnits) * MONEY_DENOMINATOR;
}

/** The month of an instant as a number, YYYYMM. */
export function monthAt(instant: number, timeZone: string): number {
  return Number(periodAt(instant, timeZone).replace("-", ""));
}

export function addMonths(month: number, count: number): number {
  const months = Math.floor(month / 100) * 12 + (month % 100) - 1 + count;
  return Math.floor(months / 12) * 100 + (months % 12) + 1;
}

/** First instant of a month YYYYMM, and first instant after it. */
export function monthBounds(month: number, timeZone: string): { from: number; to: number } {
  const digits = String(month).padStart(6, "0");
  return periodBounds(`${digits.slice(0, 4)}-${digits.slice(4)}`, timeZone);
}

/**
 * Energy of a stretch of time, which may be one moment, as intervals that lie in one month each.
 * @returns at least one
 */
export function divideAtMonths(
  energy: { readonly from: number; readonly to: number; readonly wattHours: number },
  timeZone: string,
): Interval[] {
  const { from, to, wattHours } = energy;
  const ends: number[] = [];
  for (let at = from; at < to;) {
    at = monthBounds(monthAt(at, timeZone), timeZone).to;
    ends.push(at);
  }
  const seconds = (to - from) / 1000;
  return divide({ start: from, seconds, wattHours, quality: "actual" }, ends);
}

function sumOf(items: readonly RatedItem[]): bigint {
  return items.reduce((sum, item) => sum + amountOf(item), 0n);
}
