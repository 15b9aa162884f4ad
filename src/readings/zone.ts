/**
 * Time zones over the tz database that comes with the JavaScript engine (ECMA-402). A civil time is
 * written as the milliseconds that the same clock reading would have in UTC.
 */
import { readingsErrors } from "./errors.js";

const dayMs = 86_400_000;

/** The offset during one UTC day, and the instant and value of its change if it changes then. */
interface DayOffset {
  readonly before: number;
  readonly change: number;
  readonly after: number;
}

export class Zone {
  static readonly #known = new Map<string, Zone>();

  readonly #format: Intl.DateTimeFormat;
  readonly #days = new Map<number, DayOffset>();
  #lastDay = NaN;
  #last: DayOffset = { before: 0, change: Infinity, after: 0 };

  private constructor(
    readonly name: string,
    format: Intl.DateTimeFormat,
  ) {
    this.#format = format;
  }

  /** @throws readings/unknown-time-zone */
  static of(name: string): Zone {
    const known = Zone.#known.get(name);
    if (known !== undefined) return known;
    let format: Intl.DateTimeFormat;
    try {
      format = new Intl.DateTimeFormat("en-US", {
        timeZone: name,
        calendar: "gregory",
        numberingSystem: "latn",
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      });
    } catch (cause) {
      throw readingsErrors.errorFrom({
        key: "unknown-time-zone",
        message: `the time zone "${name}" is not known`,
        details: { timeZone: name },
        cause,
      });
    }
    const zone = new Zone(name, format);
    Zone.#known.set(name, zone);
    return zone;
  }

  /** The name that all names of this zone share. */
  get canonical(): string {
    return this.#format.resolvedOptions().timeZone;
  }

  /** Civil time minus UTC at an instant, in milliseconds. */
  offsetAt(instant: number): number {
    const day = Math.floor(instant / dayMs);
    if (day !== this.#lastDay) {
      let entry = this.#days.get(day);
      if (entry === undefined) {
        entry = this.#measureDay(day * dayMs);
        this.#days.set(day, entry);
      }
      this.#lastDay = day;
      this.#last = entry;
    }
    return instant < this.#last.change ? this.#last.before : this.#last.after;
  }

  /** An instant after this one up to which the offset stays the same. */
  sameOffsetUntil(instant: number): number {
    this.offsetAt(instant);
    const { change } = this.#last;
    return instant < change && change !== Infinity ? change : (this.#lastDay + 1) * dayMs;
  }

  civil(instant: number): number {
    return instant + this.offsetAt(instant);
  }

  /**
   * The instants at which clocks show this civil time, earliest first: one as a rule, none where
   * clocks jump over it, two where they are put back.
   */
  instants(civil: number): number[] {
    const offsets = new Set([this.offsetAt(civil - dayMs), this.offsetAt(civil + dayMs)]);
    return [...offsets]
      .map((offset) => civil - offset)
      .filter((instant) => this.civil(instant) === civil)
      .sort((a, b) => a - b);
  }

  /** The first instant whose civil time is this one or later: where a local day or month begins. */
  startOf(civil: number): number {
    const [first] = this.instants(civil);
    if (first !== undefined) return first;
    // Jumped over: the change itself is the first instant past it. It may be the end of a UTC day.
    const before = civil - this.offsetAt(civil - dayMs);
    this.offsetAt(before - 1);
    return this.#last.change;
  }

  #measure(instant: number): number {
    const part = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
    for (const { type, value } of this.#format.formatToParts(instant)) {
      if (type in part) part[type as keyof typeof part] = Number(value);
    }
    const { year, month, day, hour, minute, second } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
  }

  #measureDay(start: number): DayOffset {
    const before = this.#measure(start);
    const after = this.#measure(start + dayMs);
    if (before === after) return { before, change: Infinity, after };
    let low = start;
    let high = start + dayMs;
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (this.#measure(middle) === before) low = middle;
      else high = middle;
    }
    return { before, change: high, after };
  }
}

/** Whether two names mean one zone, as Australia/ACT and Australia/Sydney do. @throws readings/unknown-time-zone */
export function sameZone(a: string, b: string): boolean {
  return a === b || Zone.of(a).canonical === Zone.of(b).canonical;
}

/** Civil midnight at or before a civil time. */
export function civilDay(civil: number): number {
  return Math.floor(civil / dayMs) * dayMs;
}

/** `2013-03-31T01:30:00+01:00`: an instant as people of that zone write it. */
export function instantText(instant: number, zone: Zone): string {
  const offset = zone.offsetAt(instant);
  const clock = new Date(instant + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${clock}Z`;
  const minutes = Math.abs(Math.round(offset / 60_000));
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${clock}${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
