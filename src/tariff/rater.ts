/** Intervals to what they cost, one after the other, with a state of constant size. */
import { tariffErrors } from "./errors.js";
import { divide, type Interval } from "../readings/interval.js";
import { civilDay, instantText } from "../readings/zone.js";
import { Blocks, useOf, type BlockState, type SpanPart } from "./blocks.js";
import { spanEndAt, spanStart, type Span } from "./calendar.js";
import type { CompiledTariff, CompiledVersion } from "./compile.js";
import type { DemandState } from "./demand.js";
import type { Piece, TimePricer } from "./price.js";
import type { RatedItem } from "./rated-item.js";

/** What rating remembers from one interval, and one period, to the next. Plain JSON. */
export interface RaterState {
  /** For each direction and span of blocks, as `import month`. */
  readonly blocks: Readonly<Record<string, BlockState>>;
  /** For each demand component, by its number. */
  readonly demand: Readonly<Record<number, DemandState>>;
  /** Civil time of the first day that has not borne its standing charge. */
  readonly nextDay?: number;
  /** Civil time of the beginning of the last month that bore its standing charge. */
  readonly lastMonth?: number;
  /** First instant of the interval that was rated last. */
  readonly lastStart?: number;
  /** Where the last period ended: demand before it was charged. */
  readonly finishedAt?: number;
}

export class Rater {
  readonly #blocks: Record<string, BlockState>;
  /** Spans of the blocks of any version, by direction: use is counted through all of them. */
  readonly #spans: Readonly<Record<"import" | "export", ReadonlySet<Span>>>;
  readonly #demand: Record<number, DemandState>;
  #nextDay: number | undefined;
  #lastMonth: number | undefined;
  /** First instant that bears charges. */
  #from: number | undefined;
  #lastStart = -Infinity;
  #finishedAt = -Infinity;
  /** The instant of `#nextDay`, once it is known. */
  #nextDayBegins: number | undefined;
  /** When versions begin. */
  readonly #changes: readonly number[];

  /** `from`: standing charges begin there; with the first interval when absent. */
  constructor(
    private readonly compiled: CompiledTariff,
    { from, state }: { from?: number; state?: RaterState } = {},
  ) {
    this.#blocks = { ...state?.blocks };
    this.#demand = { ...state?.demand };
    this.#nextDay = state?.nextDay;
    this.#lastMonth = state?.lastMonth;
    this.#lastStart = state?.lastStart ?? -Infinity;
    this.#finishedAt = state?.finishedAt ?? -Infinity;
    this.#from = from;
    this.#spans = { import: spansOf(compiled, "import"), export: spansOf(compiled, "export") };
    this.#changes = compiled.versions.flatMap((v) => (v.from === -Infinity ? [] : [v.from]));
  }

  /** Plain JSON, from which another rater goes on after `finish`. */
  get state(): RaterState {
    return {
      blocks: { ...this.#blocks },
      demand: { ...this.#demand },
      ...(this.#nextDay === undefined ? {} : { nextDay: this.#nextDay }),
      ...(this.#lastMonth === undefined ? {} : { lastMonth: this.#lastMonth }),
      ...(this.#lastStart === -Infinity ? {} : { lastStart: this.#lastStart }),
      ...(this.#finishedAt === -Infinity ? {} : { finishedAt: this.#finishedAt }),
    };
  }

  /**
   * The items that fall due with an interval: standing charges of the days that began up to it, the
   * demand of the month that ended before it, and its energy.
   *
   * @throws tariff/no-price
   */
  take(whole: Interval, kind: "import" | "export"): RatedItem[] {
    const items: RatedItem[] = [];
    for (const index of Object.keys(this.#demand))
      this.#closeEnded(Number(index), whole.start, items);
    this.#standing(whole.start, items);
    this.#lastStart = whole.start;
    for (const interval of divide(whole, this.#changes)) {
      const version = this.#version(interval.start);
      this.#energy({ version, interval, kind, due: whole.start, items });
      if (kind === "import" && version.demand.length > 0 && this.#hasPower(interval)) {
        this.#observe(version, interval, items);
      }
    }
    return items;
  }

  /** Counts energy that was charged already: only blocks remember it. */
  count(interval: Interval, kind: "import" | "export"): void {
    this.#use(interval, kind);
  }

  /** What is still due when a period ends: standing charges up to `to`, and demand. */
  finish(to: number): RatedItem[] {
    const standing: RatedItem[] = [];
    this.#standing(to - 1, standing);
    const demand: RatedItem[] = [];
    for (const index of Object.keys(this.#demand)) this.#closeMonth(Number(index), demand);
    this.#finishedAt = to;
    return [...demand, ...standing];
  }

  /** Energy of a mere moment has no power, and the demand of a finished period was charged. */
  #hasPower({ start, seconds }: Interval): boolean {
    return seconds > 0 && start >= this.#finishedAt;
  }

  #version(instant: number): CompiledVersion {
    const version = this.compiled.versions.findLast((v) => v.from <= instant);
    if (version === undefined) throw this.#noPrice("the tariff", instant);
    return version;
  }

  #energy({
    version,
    interval,
    kind,
    due,
    items,
  }: {
    readonly version: CompiledVersion;
    readonly interval: Interval;
    readonly kind: "import" | "export";
    readonly due: number;
    readonly items: RatedItem[];
  }): void {
    const use = this.#use(interval, kind);
    for (const { name, direction, pricer } of version.energy) {
      if (direction !== kind) continue;
      const pieces =
        pricer instanceof Blocks
          ? pricer.pieces(use.get(pricer.span)!)
          : this.#pieces(pricer, interval, name);
      for (const { start, wattHours, band, price } of pieces) {
        items.push({
          start,
          due,
          kind,
          component: name,
          band,
          quantity: wattHours,
          unit: "Wh",
          price,
          taxNames: version.taxNames,
        });
      }
    }
  }

  /** Counts what blocks count, and divides an interval by their spans. */
  #use(interval: Interval, kind: "import" | "export"): Map<Span, readonly SpanPart[]> {
    const found = new Map<Span, readonly SpanPart[]>();
    for (const span of this.#spans[kind]) {
      const key = `${kind} ${span}`;
      const { parts, state } = useOf(interval, this.#blocks[key], {
        span,
        zone: this.compiled.zone,
      });
      this.#blocks[key] = state;
      found.set(span, parts);
    }
    return found;
  }

  /** Divides an interval where its price changes. */
  #pieces(pricer: TimePricer, interval: Interval, name: string): Piece[] {
    const end = interval.start + interval.seconds * 1000;
    const first = pricer.at(interval.start);
    if (first === undefined) throw this.#noPrice(name, interval.start);
    if (first.until >= end) {
      return [
        {
          start: interval.start,
          wattHours: interval.wattHours,
          band: first.band,
          price: first.price,
        },
      ];
    }
    const cuts: number[] = [];
    const prices = [first];
    for (let at = first.until; at < end;) {
      const next = pricer.at(at);
      if (next === undefined) throw this.#noPrice(name, at);
      const before = prices.at(-1)!;
      if (before.price !== next.price || before.band !== next.band) {
        cuts.push(at);
        prices.push(next);
      }
      at = next.until;
    }
    return divide(interval, cuts).map(({ start, wattHours }, i) => {
      const { band, price } = prices[i]!;
      return { start, wattHours, band, price };
    });
  }

  #observe(version: CompiledVersion, interval: Interval, items: RatedItem[]): void {
    const monthEnds: number[] = [];
    const end = interval.start + interval.seconds * 1000;
    const { zone } = this.compiled;
    for (
      let at = spanEndAt(interval.start, "month", zone);
      at < end;
      at = spanEndAt(at, "month", zone)
    ) {
      monthEnds.push(at);
    }
    for (const part of divide(interval, monthEnds)) {
      version.demand.forEach((demand, index) => {
        const before = this.#demand[index];
        const after = demand.observe(part, before);
        if (before !== undefined && before.month !== after.month) this.#closeMonth(index, items);
        this.#demand[index] = after;
      });
    }
  }

  #closeEnded(index: number, instant: number, items: RatedItem[]): void {
    const end = spanEndAt(this.#demand[index]!.month, "month", this.compiled.zone);
    if (end > instant) return;
    // The days up to its end first: a demand charged by the day counts them, after a gap too.
    this.#standing(end - 1, items);
    this.#closeMonth(index, items);
  }

  #closeMonth(index: number, items: RatedItem[]): void {
    const state = this.#demand[index]!;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete this.#demand[index];
    const version = this.#version(state.month);
    const demand = version.demand[index];
    const watts = demand?.watts(state);
    if (demand === undefined || watts === undefined) return;
    items.push({
      start: state.month,
      due: this.#lastStart,
      kind: "demand",
      component: demand.name,
      band: "",
      quantity: demand.perDay ? watts * this.#daysSince(state.month) : watts,
      unit: demand.perDay ? "W·day" : "W",
      price: demand.price,
      taxNames: version.taxNames,
    });
  }

  /** Days of supply from the beginning of a month up to the last day that bore its charge, in that month. */
  #daysSince(monthStart: number): number {
    const { zone } = this.compiled;
    const begin = civilDay(zone.civil(Math.max(monthStart, this.#from ?? monthStart)));
    const end = spanStart(zone.civil(spanEndAt(monthStart, "month", zone)), "day");
    return Math.round((Math.min(end, this.#nextDay ?? end) - begin) / 86_400_000);
  }

  /** Standing charges of the days that began by an instant, and of their months. */
  #standing(instant: number, items: RatedItem[]): void {
    const { zone } = this.compiled;
    this.#from ??= instant;
    this.#nextDay ??= civilDay(zone.civil(this.#from));
    this.#nextDayBegins ??= zone.startOf(this.#nextDay);
    while (this.#nextDayBegins <= instant) {
      const start = Math.max(this.#nextDayBegins, this.#from);
      const version = this.#version(start);
      const month = spanStart(this.#nextDay, "month");
      for (const { name, per, price } of version.standing) {
        if (per === "month" && month === this.#lastMonth) continue;
        items.push({
          start,
          due: start,
          kind: "standing",
          component: name,
          band: "",
          quantity: 1,
          unit: per,
          price,
          taxNames: version.taxNames,
        });
      }
      this.#lastMonth = month;
      this.#nextDay += 86_400_000;
      this.#nextDayBegins = zone.startOf(this.#nextDay);
    }
  }

  #noPrice(what: string, instant: number): Error {
    const { tariff, zone } = this.compiled;
    const at = instantText(instant, zone);
    return tariffErrors.error("no-price", `${tariff.name}: ${what} has no price at ${at}`, {
      tariff: tariff.name,
      instant: at,
    });
  }
}

function spansOf({ versions }: CompiledTariff, kind: "import" | "export"): ReadonlySet<Span> {
  return new Set(
    versions.flatMap((v) =>
      v.energy.flatMap(({ direction, pricer }) =>
        direction === kind && pricer instanceof Blocks ? [pricer.span] : [],
      ),
    ),
  );
}
