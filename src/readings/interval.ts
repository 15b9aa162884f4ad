/** Metered intervals: what a meter measured between two instants. */
import { Zone } from "./zone.js";

/** How a reading came about. A reading that is not there at all is a gap, not an interval. */
export type Quality = "actual" | "estimated" | "substituted";

/** In the order in which a better reading replaces a worse one of the same interval. */
export const qualities: readonly Quality[] = ["estimated", "substituted", "actual"];

export interface Interval {
  /** First instant, milliseconds of UTC since 1970. */
  readonly start: number;
  /** Length in seconds. */
  readonly seconds: number;
  /** Energy, a non-negative safe integer of watt-hours. */
  readonly wattHours: number;
  readonly quality: Quality;
}

/** A stretch without readings, as instants: `from` is in it, `to` is not. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Intervals in order of time, without overlaps, held in columns (21 bytes each). */
export class IntervalSeries implements Iterable<Interval> {
  readonly #start: Float64Array;
  readonly #seconds: Uint32Array;
  readonly #wattHours: Float64Array;
  readonly #quality: Uint8Array;

  /** For the builders of this room: the columns must be sorted and free of overlaps. */
  constructor(
    readonly timeZone: string,
    columns: {
      start: Float64Array;
      seconds: Uint32Array;
      wattHours: Float64Array;
      quality: Uint8Array;
    },
  ) {
    this.#start = columns.start;
    this.#seconds = columns.seconds;
    this.#wattHours = columns.wattHours;
    this.#quality = columns.quality;
  }

  /** A series of the given intervals, which must be in order and must not overlap. */
  static of(timeZone: string, intervals: readonly Interval[]): IntervalSeries {
    Zone.of(timeZone);
    return new IntervalSeries(timeZone, {
      start: Float64Array.from(intervals, (i) => i.start),
      seconds: Uint32Array.from(intervals, (i) => i.seconds),
      wattHours: Float64Array.from(intervals, (i) => i.wattHours),
      quality: Uint8Array.from(intervals, (i) => qualities.indexOf(i.quality)),
    });
  }

  /** The same intervals, with another zone of their days. */
  inZone(timeZone: string): IntervalSeries {
    Zone.of(timeZone);
    const [start, seconds] = [this.#start, this.#seconds];
    const [wattHours, quality] = [this.#wattHours, this.#quality];
    return new IntervalSeries(timeZone, { start, seconds, wattHours, quality });
  }

  get length(): number {
    return this.#start.length;
  }

  at(index: number): Interval {
    return {
      start: this.#start[index]!,
      seconds: this.#seconds[index]!,
      wattHours: this.#wattHours[index]!,
      quality: qualities[this.#quality[index]!]!,
    };
  }

  *[Symbol.iterator](): Generator<Interval> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /** First instant, or `undefined` when empty. */
  get from(): number | undefined {
    return this.#start[0];
  }

  /** First instant after the last interval, or `undefined` when empty. */
  get to(): number | undefined {
    const last = this.length - 1;
    return last < 0 ? undefined : this.#start[last]! + this.#seconds[last]! * 1000;
  }

  /** The sum in watt-hours. */
  get wattHours(): bigint {
    let whole = 0n;
    let part = 0;
    for (const wattHours of this.#wattHours) {
      part += wattHours;
      // Both addends are below 2^52, so the sum is exact.
      if (part >= 2 ** 52) {
        whole += BigInt(part);
        part = 0;
      }
    }
    return whole + BigInt(part);
  }

  /**
   * What lies in [from, to). An interval across a limit is divided in proportion to time, in whole
   * watt-hours, so that adjacent parts always add up to the whole (see `divide`).
   */
  between(from: number, to: number): IntervalSeries {
    const first = this.#firstEndingAfter(from);
    let end = first;
    while (end < this.length && this.#start[end]! < to) end += 1;
    if (first === end) return this.#slice(first, first);
    const last = this.at(end - 1);
    if (this.#start[first]! >= from && last.start + last.seconds * 1000 <= to) {
      return this.#slice(first, end);
    }
    const parts: Interval[] = [];
    for (let i = first; i < end; i++) parts.push(...divide(this.at(i), [from, to]));
    return IntervalSeries.of(
      this.timeZone,
      parts.filter((part) => part.start >= from && part.start < to),
    );
  }

  /** The interval that begins at an instant, if there is one. */
  find(start: number): Interval | undefined {
    const index = this.#firstEndingAfter(start);
    return index < this.length && this.#start[index] === start ? this.at(index) : undefined;
  }

  /** The interval that ends at an instant, if there is one. */
  endingAt(instant: number): Interval | undefined {
    const index = this.#firstEndingAfter(instant) - 1;
    if (index < 0) return undefined;
    const interval = this.at(index);
    return interval.start + interval.seconds * 1000 === instant ? interval : undefined;
  }

  /** The stretches of [from, to) without a reading; by default between the first and the last. */
  gaps(from = this.from ?? 0, to = this.to ?? 0): Gap[] {
    const found: Gap[] = [];
    let covered = from;
    for (let i = this.#firstEndingAfter(from); i < this.length && covered < to; i++) {
      const start = this.#start[i]!;
      if (start > covered) found.push({ from: covered, to: Math.min(start, to) });
      covered = start + this.#seconds[i]! * 1000;
    }
    if (covered < to) found.push({ from: covered, to });
    return found;
  }

  #slice(from: number, to: number): IntervalSeries {
    return new IntervalSeries(this.timeZone, {
      start: this.#start.subarray(from, to),
      seconds: this.#seconds.subarray(from, to),
      wattHours: this.#wattHours.subarray(from, to),
      quality: this.#quality.subarray(from, to),
    });
  }

  #firstEndingAfter(instant: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#start[middle]! + this.#seconds[middle]! * 1000 > instant) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/**
 * Divides an interval at the given instants. The part up to an instant gets
 * ⌊wattHours × time so far ÷ seconds⌋ less what earlier parts got: whole watt-hours, nothing lost,
 * and the same where else it is cut.
 */
export function divide(interval: Interval, cuts: readonly number[]): Interval[] {
  const end = interval.start + interval.seconds * 1000;
  const inside = cuts.filter((c) => c > interval.start && c < end).sort((a, b) => a - b);
  if (inside.length === 0) return [interval];
  const parts: Interval[] = [];
  let start = interval.start;
  let given = 0n;
  for (const cut of [...inside, end]) {
    if (cut === start) continue;
    const elapsed = BigInt(cut - interval.start);
    const upTo = (BigInt(interval.wattHours) * elapsed) / BigInt(interval.seconds * 1000);
    parts.push({
      ...interval,
      start,
      seconds: (cut - start) / 1000,
      wattHours: Number(upTo - given),
    });
    given = upTo;
    start = cut;
  }
  return parts;
}
