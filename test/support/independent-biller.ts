/**
 * A second biller for `sipster/tariff@1`, plain and slow: it walks through the readings step by step,
 * asks the engine's own date formatting what the clock shows, and adds up in fractions of 10^-24 of the
 * major unit. It shares no code with the rooms `tariff` and `billing`, and exists to be compared with them.
 */
import type { Component, Tariff, TariffVersion } from "../../src/tariff/index.js";

export interface Reading {
  readonly start: number;
  readonly seconds: number;
  readonly wattHours: number;
}

/** Decimal places in which money is added up. */
const PLACES = 24;
const QUARTER_MS = 900_000;

const parsed = new Map<string, bigint>();

function scaled(text: string): bigint {
  let value = parsed.get(text);
  if (value === undefined) parsed.set(text, (value = parse(text)));
  return value;
}

function parse(text: string): bigint {
  const negative = text.startsWith("-");
  const [whole = "0", fraction = ""] = text.replace(/^[+-]/, "").split(".");
  const value = BigInt((whole === "" ? "0" : whole) + fraction.padEnd(PLACES, "0"));
  return negative ? -value : value;
}

/** What a clock on the wall of a zone shows. No zone changes its clocks within a quarter of an hour. */
export class WallClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #known = new Map<number, number>();
  readonly #dates = new Map<number, string>();

  constructor(readonly zone: string) {
    this.#format = new Intl.DateTimeFormat("sv-SE", {
      timeZone: zone,
      dateStyle: "short",
      timeStyle: "medium",
    });
  }

  /** The time shown, as if it were UTC. */
  shows(instant: number): number {
    const quarter = Math.floor(instant / QUARTER_MS);
    let shown = this.#known.get(quarter);
    if (shown === undefined) {
      shown = Date.parse(`${this.#format.format(quarter * QUARTER_MS).replace(" ", "T")}Z`);
      this.#known.set(quarter, shown);
    }
    return shown + (instant - quarter * QUARTER_MS);
  }

  date(instant: number): string {
    const quarter = Math.floor(instant / QUARTER_MS);
    let date = this.#dates.get(quarter);
    if (date === undefined) {
      date = new Date(this.shows(instant)).toISOString().slice(0, 10);
      this.#dates.set(quarter, date);
    }
    return date;
  }
}

const clocks = new Map<string, WallClock>();

function clockOf(zone: string): WallClock {
  let clock = clocks.get(zone);
  if (clock === undefined) clocks.set(zone, (clock = new WallClock(zone)));
  return clock;
}

/** The key of the day, month, quarter or year that a date lies in. */
function spanOf(date: string, per: string): string {
  if (per === "day") return date;
  if (per === "month") return date.slice(0, 7);
  if (per === "year") return date.slice(0, 4);
  return `${date.slice(0, 4)} ${Math.floor((Number(date.slice(5, 7)) - 1) / 3)}`;
}

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

interface Window {
  readonly months?: readonly number[];
  readonly days?: readonly string[];
  readonly from: string;
  readonly to: string;
}

function matches(windows: readonly Window[], shown: number, holidays: readonly string[]): boolean {
  const date = new Date(shown);
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
  const named = windows.some((w) => w.days?.includes("holiday"));
  const free = holidays.includes(date.toISOString().slice(0, 10));
  const day = named && free ? "holiday" : WEEKDAYS[date.getUTCDay()]!;
  return windows.some(({ months, days, from, to }) => {
    if (months !== undefined && !months.includes(date.getUTCMonth() + 1)) return false;
    if (days !== undefined && !days.includes(day)) return false;
    const [begin, end] = [minutes(from), minutes(to)];
    return begin < end ? minute >= begin && minute < end : minute >= begin || minute < end;
  });
}

function minutes(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}

/** A reading cut at each quarter of an hour; up to an instant it has ⌊energy × time so far ÷ length⌋. */
function* steps({ start, seconds, wattHours }: Reading): Generator<Reading> {
  const end = start + seconds * 1000;
  let given = 0;
  for (let at = start; at < end;) {
    const next = Math.min(end, (Math.floor(at / QUARTER_MS) + 1) * QUARTER_MS);
    const upTo = Math.floor((wattHours * ((next - start) / 1000)) / seconds);
    yield { start: at, seconds: (next - at) / 1000, wattHours: upTo - given };
    given = upTo;
    at = next;
  }
}

/**
 * A reading across a limit of the month, or across the day on which a version begins, is divided there first:
 * each part counts whole watt-hours.
 */
function cutAtMonth(whole: Reading, { clock, period, tariff }: Walk): Reading[] {
  const parts: Reading[] = [];
  let energy = 0;
  let inside: string | undefined;
  const side = (at: number): string => {
    const date = clock.date(at);
    return `${String(date.startsWith(period))} ${tariff.versions.indexOf(versionOf(tariff, date))}`;
  };
  const end = whole.start + whole.seconds * 1000;
  if (side(whole.start) === side(end - 1) && whole.seconds < 86_400) return [whole];
  for (const step of steps(whole)) {
    const here = side(step.start);
    const last = parts.at(-1);
    if (here === inside && last !== undefined) {
      const seconds = last.seconds + step.seconds;
      parts[parts.length - 1] = { ...last, seconds, wattHours: last.wattHours + step.wattHours };
    } else parts.push(step);
    inside = here;
    energy += step.wattHours;
  }
  if (energy !== whole.wattHours) throw new Error("energy was lost");
  return parts;
}

function versionOf(tariff: Tariff, date: string): TariffVersion {
  return tariff.versions.findLast((v) => v.from === undefined || v.from <= date)!;
}

export interface Plain {
  readonly tariff: Tariff;
  readonly zone: string;
  /** `YYYY-MM` */
  readonly period: string;
  readonly drawn: readonly Reading[];
  readonly fedIn: readonly Reading[];
}

/** What the month costs with taxes, in 10^-24 of the major unit. */
export function independentBill({ tariff, zone, period, drawn, fedIn }: Plain): bigint {
  const clock = clockOf(zone);
  const all = [...drawn, ...fedIn];
  if (all.length === 0) return 0n;
  const first = Math.min(...all.map((r) => r.start));
  const last = Math.max(...all.map((r) => r.start + r.seconds * 1000));
  const days = new Set<string>();
  for (let at = first; at < last; at += QUARTER_MS) days.add(clock.date(at));
  days.add(clock.date(last - 1));
  const inMonth = [...days].filter((d) => d.startsWith(period)).sort();
  if (inMonth.length === 0) return 0n;
  let total = 0n;
  const charge = (version: TariffVersion, component: Component, net: bigint): void => {
    total += net;
    if (!component.taxed) return;
    for (const tax of version.taxes)
      total += (net * scaled(tax.percent)) / (100n * 10n ** BigInt(PLACES));
  };
  for (const version of tariff.versions) {
    const days = inMonth.filter((d) => versionOf(tariff, d) === version);
    for (const component of version.components) {
      if (component.kind !== "standing") continue;
      const times = component.per === "day" ? days.length : Number(days.includes(inMonth[0]!));
      charge(version, component, scaled(component.price) * BigInt(times));
    }
    for (const [index, component] of version.components.entries()) {
      if (component.kind === "standing") continue;
      const readings = "direction" in component && component.direction === "export" ? fedIn : drawn;
      const walk = { tariff, version, index, clock, period, days: days.length };
      const sign = readings === fedIn ? -1n : 1n;
      charge(version, component, sign * costOf(component, readings, walk));
    }
  }
  return total;
}

interface Walk {
  readonly tariff: Tariff;
  readonly version: TariffVersion;
  readonly index: number;
  readonly clock: WallClock;
  readonly period: string;
  readonly days: number;
}

function costOf(component: Component, readings: readonly Reading[], walk: Walk): bigint {
  const { tariff, version, clock, period } = walk;
  let cost = 0n;
  let span = "";
  let used = 0;
  const demand = new Map<number, { wattHours: number; minutes: number }>();
  for (const reading of readings) {
    // Blocks may have begun before the month, within their span; nothing else looks back.
    const end = reading.start + reading.seconds * 1000 - 1;
    const back =
      component.kind === "blocks" &&
      spanOf(clock.date(end), component.per) === spanOf(`${period}-01`, component.per);
    const near = [reading.start, end].some((at) => clock.date(at).startsWith(period));
    const over = clock.date(reading.start) < `${period}-01` && clock.date(end) > `${period}-31`;
    if (!back && !near && !over) continue;
    for (const step of cutAtMonth(reading, walk).flatMap((part) => [...steps(part)])) {
      const date = clock.date(step.start);
      const here = date.startsWith(period) && versionOf(tariff, date) === version;
      const shown = clock.shows(step.start);
      switch (component.kind) {
        case "flat":
          if (here) cost += scaled(component.price) * BigInt(step.wattHours);
          break;
        case "time-of-use": {
          const band = component.bands.find(
            (b) => b.windows.length === 0 || matches(b.windows, shown, version.holidays),
          )!;
          if (here) cost += scaled(band.price) * BigInt(step.wattHours);
          break;
        }
        case "dynamic": {
          if (!here) break;
          const at = component.clock === "local" ? shown : step.start;
          let index = Math.floor(
            (at - Date.parse(`${component.from}Z`)) / (component.stepSeconds * 1000),
          );
          const run = component.runs.find((r) => (index -= r.steps) < 0)!;
          cost += scaled(run.price) * BigInt(step.wattHours);
          break;
        }
        case "blocks": {
          const now = spanOf(date, component.per);
          if (now !== span) [span, used] = [now, 0];
          for (let left = step.wattHours; left > 0;) {
            const limit = (upTo: string | undefined): number =>
              upTo === undefined ? Infinity : Number(scaled(upTo) / 10n ** BigInt(PLACES - 3));
            const block = component.blocks.find((b) => used < limit(b.upTo))!;
            const part = Math.min(left, limit(block.upTo) - used);
            if (here) cost += scaled(block.price) * BigInt(part);
            used += part;
            left -= part;
          }
          break;
        }
        case "demand": {
          const inside =
            component.windows.length === 0 || matches(component.windows, shown, version.holidays);
          if (!here || !inside) break;
          const day = Math.floor(shown / 86_400_000) * 86_400_000;
          const key =
            component.basis === "day"
              ? day
              : Math.floor(step.start / (component.stepMinutes * 60_000));
          const sum = demand.get(key) ?? { wattHours: 0, minutes: 0 };
          sum.wattHours += step.wattHours;
          sum.minutes += step.seconds / 60;
          demand.set(key, sum);
          break;
        }
        case "standing":
          break;
      }
    }
  }
  if (component.kind !== "demand") return cost / 1000n;
  if (demand.size === 0) return 0n;
  const powers = [...demand.values()].map((d) => Math.floor((d.wattHours * 60) / d.minutes));
  const highest = powers.sort((a, b) => b - a).slice(0, component.peaks);
  const mean = Math.floor(highest.reduce((a, b) => a + b) / highest.length);
  const watts = Math.max(mean, Number(scaled(component.minimum) / 10n ** BigInt(PLACES - 3)));
  const times = component.per === "day" ? walk.days : 1;
  return (scaled(component.price) * BigInt(watts) * BigInt(times)) / 1000n;
}

/** Missing stretches of at most 14 days filled by the rule of docs/readings.md. */
export function plainEstimates(readings: readonly Reading[], zone: string): Reading[] {
  const clock = clockOf(zone);
  const byShown = new Map<number, Reading[]>();
  for (const r of readings) {
    const shown = clock.shows(r.start);
    byShown.set(shown, [...(byShown.get(shown) ?? []), r]);
  }
  const day = 86_400_000;
  const mean = (some: readonly Reading[]): number | undefined =>
    some.length === 0
      ? undefined
      : Math.floor(some.reduce((sum, r) => sum + r.wattHours, 0) / some.length);
  const filled: Reading[] = [];
  readings.forEach((before, i) => {
    const next = readings[i + 1];
    const from = before.start + before.seconds * 1000;
    if (next === undefined || next.start === from || next.start - from > 14 * day) return;
    const { seconds } = before;
    const near = readings.filter(
      (r) =>
        r.seconds === seconds &&
        r.start >= from - 28 * day &&
        r.start + r.seconds * 1000 <= next.start + 28 * day,
    );
    const overall = mean(near)!;
    for (let start = from; start < next.start; start += seconds * 1000) {
      const alike = [-28, -21, -14, -7, 7, 14, 21, 28].flatMap((days) => {
        const there = byShown.get(clock.shows(start) + days * day) ?? [];
        return there.filter((r) => r.seconds === seconds).slice(0, 1);
      });
      const length = Math.min(seconds, (next.start - start) / 1000);
      const whole = mean(alike) ?? overall;
      filled.push({ start, seconds: length, wattHours: Math.floor((whole * length) / seconds) });
    }
  });
  return [...readings, ...filled].sort((a, b) => a.start - b.start);
}
