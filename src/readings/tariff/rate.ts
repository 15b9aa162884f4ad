/** Readings and a tariff to exact money. Nothing is rounded here. */
import { readingsErrors } from "../errors.js";
import { divide, type Interval } from "../interval.js";
import { exact, type ExactMoney } from "../money.js";
import { civilDay, instantText } from "../zone.js";
import { compileTariff, type CompiledTariff, type CompiledVersion, type Price } from "./compile.js";
import type { Tariff } from "./tariff.js";

/** Something that costs money: energy at one price, or a day or month of supply. */
export interface RatedItem {
  readonly start: number;
  readonly kind: "import" | "export" | "standing";
  /** Name of the component of the tariff. */
  readonly component: string;
  /** Name of the band, empty where there are none. */
  readonly band: string;
  /** Watt-hours, or days or months. */
  readonly quantity: number;
  readonly price: Price;
  /** Names of the taxes, in the order of `price.taxes`. */
  readonly taxNames: readonly string[];
}

export interface RateOptions {
  /** Zone for a tariff that names none; by default the zone of the intervals, or UTC. */
  readonly timeZone?: string;
  /** What was fed in, for the components that pay for it. */
  readonly exported?: Iterable<Interval>;
  /** Days from here … */
  readonly from?: number;
  /** … up to here bear standing charges; by default from the first to the last interval. */
  readonly to?: number;
}

/** Intervals in order of time; an `IntervalSeries` brings its zone along. */
export type Intervals = Iterable<Interval> & { readonly timeZone?: string };

/** What is charged at one instant; negative where it is a credit. */
export interface Charge {
  readonly start: number;
  readonly charge: ExactMoney;
}

/** The net amount of an item with its taxes; energy fed in counts negative. */
export function amountOf({ price, quantity, kind }: RatedItem): bigint {
  const gross = price.taxes.reduce((sum, tax) => sum + tax, price.net) * BigInt(quantity);
  return kind === "export" ? -gross : gross;
}

/**
 * The charges of the intervals in order of time, one for each interval, and one for each day or
 * month with a standing charge. All amounts have the denominator `MONEY_DENOMINATOR`.
 *
 * @throws readings/no-price where the tariff has no price
 */
export function* charges(
  intervals: Intervals,
  tariff: Tariff,
  options: RateOptions = {},
): Generator<Charge> {
  let start: number | undefined;
  let sum = 0n;
  for (const item of ratedItems(intervals, tariff, options)) {
    if (start !== undefined && item.start !== start) {
      yield { start, charge: exact(sum) };
      sum = 0n;
    }
    start = item.start;
    sum += amountOf(item);
  }
  if (start !== undefined) yield { start, charge: exact(sum) };
}

/** The sum of all charges. @throws readings/no-price */
export function rate(intervals: Intervals, tariff: Tariff, options: RateOptions = {}): ExactMoney {
  let sum = 0n;
  for (const item of ratedItems(intervals, tariff, options)) sum += amountOf(item);
  return exact(sum);
}

/** Every charge with what it is for, in order of time. @throws readings/no-price */
export function* ratedItems(
  intervals: Intervals,
  tariff: Tariff,
  options: RateOptions = {},
): Generator<RatedItem> {
  const timeZone = options.timeZone ?? intervals.timeZone ?? "UTC";
  const compiled = compileTariff(tariff, timeZone);
  const standing = new StandingCharges(compiled, options.from, options.to);
  for (const { interval, kind } of inOrder(intervals, options.exported ?? [])) {
    yield* standing.upTo(interval.start);
    yield* energyItems(compiled, interval, kind);
    standing.saw(interval);
  }
  yield* standing.rest();
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

function versionAt({ versions }: CompiledTariff, instant: number): CompiledVersion | undefined {
  return versions.findLast((v) => v.from <= instant);
}

function* energyItems(
  compiled: CompiledTariff,
  whole: Interval,
  kind: "import" | "export",
): Generator<RatedItem> {
  const changes = compiled.versions.map((v) => v.from);
  for (const interval of divide(whole, changes)) {
    const version = versionAt(compiled, interval.start);
    if (version === undefined) throw noPrice(compiled, "the tariff", interval.start);
    const end = interval.start + interval.seconds * 1000;
    for (const pricer of version.energy) {
      if (pricer.direction !== kind) continue;
      const cuts: number[] = [];
      const prices = [];
      for (let at = interval.start; at < end;) {
        const price = pricer.at(at);
        if (price === undefined) throw noPrice(compiled, pricer.name, at);
        const before = prices.at(-1);
        if (before?.price !== price.price || before.band !== price.band) {
          if (before !== undefined) cuts.push(at);
          prices.push(price);
        }
        at = price.until;
      }
      const parts = divide(interval, cuts);
      for (let i = 0; i < parts.length; i++) {
        const { band, price } = prices[i]!;
        yield {
          start: parts[i]!.start,
          kind,
          component: pricer.name,
          band,
          quantity: parts[i]!.wattHours,
          price,
          taxNames: version.taxNames,
        };
      }
    }
  }
}

function noPrice(compiled: CompiledTariff, what: string, instant: number): Error {
  const at = instantText(instant, compiled.zone);
  return readingsErrors.error(
    "no-price",
    `${compiled.tariff.name}: ${what} has no price at ${at}`,
    {
      tariff: compiled.tariff.name,
      instant: at,
    },
  );
}

/**
 * Standing charges fall due at the beginning of each day, or of each month, of the tariff's zone,
 * and for the day and the month in which supply begins, when it begins.
 */
class StandingCharges {
  #day: number | undefined;
  #month = NaN;
  #from: number | undefined;
  #end: number | undefined;

  constructor(
    private readonly compiled: CompiledTariff,
    from: number | undefined,
    private readonly to: number | undefined,
  ) {
    if (from !== undefined) this.#begin(from);
  }

  saw({ start, seconds }: Interval): void {
    this.#end = Math.max(this.#end ?? -Infinity, start + seconds * 1000);
  }

  /** Charges of the days that began by this instant. */
  *upTo(instant: number): Generator<RatedItem> {
    if (this.#day === undefined) this.#begin(instant);
    while (this.compiled.zone.startOf(this.#day!) <= instant) {
      yield* this.#of(this.#day!);
      this.#day! += 86_400_000;
    }
  }

  *rest(): Generator<RatedItem> {
    const end = this.to ?? this.#end;
    if (end !== undefined) yield* this.upTo(end - 1);
  }

  #begin(instant: number): void {
    this.#from = instant;
    this.#day = civilDay(this.compiled.zone.civil(instant));
  }

  *#of(day: number): Generator<RatedItem> {
    const start = Math.max(this.compiled.zone.startOf(day), this.#from!);
    const version = versionAt(this.compiled, start);
    if (version === undefined) throw noPrice(this.compiled, "the tariff", start);
    const month = new Date(day).getUTCMonth();
    for (const { name, per, price } of version.standing) {
      if (per === "month" && month === this.#month) continue;
      yield {
        start,
        kind: "standing",
        component: name,
        band: "",
        quantity: 1,
        price,
        taxNames: version.taxNames,
      };
    }
    this.#month = month;
  }
}
