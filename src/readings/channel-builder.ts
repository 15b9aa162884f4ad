/**
 * Collects the readings of one supply in one direction, in whatever order they come, and makes one
 * series of them. Its rules: the same reading twice counts once; a better quality replaces a worse
 * one; two different readings of equal quality, and intervals that overlap, are refused.
 */
import { placeText, readingsErrors, type Place } from "./errors.js";
import { IntervalSeries, qualities, type Quality } from "./interval.js";

/** Micro-watt-hours in a watt-hour: the resolution in which readings are collected. */
export const MICRO = 1_000_000;

/** A growing column of numbers. */
class Column<A extends Float64Array | Uint32Array | Uint16Array | Uint8Array> {
  #length = 0;

  constructor(private values: A) {}

  push(value: number): void {
    if (this.#length === this.values.length) {
      const Larger = this.values.constructor as new (length: number) => A;
      const larger = new Larger(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.#length++] = value;
  }

  get(index: number): number {
    return this.values[index]!;
  }

  set(index: number, value: number): void {
    this.values[index] = value;
  }

  get length(): number {
    return this.#length;
  }
}

export interface Built {
  readonly series: IntervalSeries;
  /** Rows that repeated another exactly. */
  readonly duplicates: number;
  /** Readings that gave way to a better quality. */
  readonly replaced: number;
  /** True when some reading was finer than a watt-hour. */
  readonly fractional: boolean;
}

export class ChannelBuilder {
  readonly #start = new Column(new Float64Array(1024));
  readonly #seconds = new Column(new Uint32Array(1024));
  readonly #energy = new Column(new Float64Array(1024));
  readonly #quality = new Column(new Uint8Array(1024));
  readonly #line = new Column(new Uint32Array(1024));
  readonly #file = new Column(new Uint16Array(1024));

  /** `files` names the inputs by the index that `add` is given. */
  constructor(private readonly files: readonly string[]) {}

  get length(): number {
    return this.#start.length;
  }

  /** `microWattHours` is a safe integer, not negative; `seconds` 0 where `settle` gives it later. */
  add(
    start: number,
    seconds: number,
    microWattHours: number,
    quality: Quality,
    file: number,
    line: number,
  ): void {
    this.#start.push(start);
    this.#seconds.push(seconds);
    this.#energy.push(microWattHours);
    this.#quality.push(qualities.indexOf(quality));
    this.#file.push(file);
    this.#line.push(line);
  }

  /** The starts added since `from`, in order of time. */
  starts(from: number): Float64Array {
    const starts = new Float64Array(this.length - from);
    for (let i = from; i < this.length; i++) starts[i - from] = this.#start.get(i);
    return starts.sort();
  }

  /** Gives what was added since `from` its length, and moves it by `shift` milliseconds. */
  settle(from: number, seconds: number, shift: number): void {
    for (let i = from; i < this.length; i++) {
      this.#seconds.set(i, seconds);
      this.#start.set(i, this.#start.get(i) + shift);
    }
  }

  /** @throws readings/contradictory-duplicate, readings/overlap */
  build(timeZone: string): Built {
    const order = this.#order();
    const kept: number[] = [];
    let duplicates = 0;
    let replaced = 0;
    const secondsOf = (i: number): number => this.#seconds.get(i);
    for (const i of order) {
      const before = kept.at(-1);
      if (before === undefined || this.#start.get(before) !== this.#start.get(i)) {
        const end =
          before === undefined ? -Infinity : this.#start.get(before) + secondsOf(before) * 1000;
        if (before !== undefined && this.#start.get(i) < end) throw this.#overlap(before, i);
        kept.push(i);
        continue;
      }
      if (secondsOf(before) !== secondsOf(i)) throw this.#overlap(before, i);
      const better = this.#quality.get(i) - this.#quality.get(before);
      const same = this.#energy.get(i) === this.#energy.get(before);
      if (better === 0 && !same) throw this.#contradiction(before, i);
      if (better === 0) duplicates += 1;
      else replaced += 1;
      if (better > 0) kept[kept.length - 1] = i;
    }
    const start = new Float64Array(kept.length);
    const seconds = new Uint32Array(kept.length);
    const wattHours = new Float64Array(kept.length);
    const quality = new Uint8Array(kept.length);
    let rest = 0;
    let fractional = false;
    kept.forEach((i, k) => {
      start[k] = this.#start.get(i);
      seconds[k] = secondsOf(i);
      // Whole watt-hours go to the interval in which they are completed, as on a register.
      const energy = this.#energy.get(i) + rest;
      rest = energy % MICRO;
      wattHours[k] = (energy - rest) / MICRO;
      fractional ||= rest !== 0;
      quality[k] = this.#quality.get(i);
    });
    const series = new IntervalSeries(timeZone, { start, seconds, wattHours, quality });
    return { series, duplicates, replaced, fractional };
  }

  #order(): Uint32Array | number[] {
    const order = new Uint32Array(this.length);
    let sorted = true;
    for (let i = 0; i < order.length; i++) {
      order[i] = i;
      if (i > 0 && this.#start.get(i) < this.#start.get(i - 1)) sorted = false;
    }
    // Ties stay in the order of arrival, so that messages name the first line first.
    return sorted ? order : order.sort((a, b) => this.#start.get(a) - this.#start.get(b) || a - b);
  }

  #place(i: number): Place {
    return { file: this.files[this.#file.get(i)]!, line: this.#line.get(i) };
  }

  #values(a: number, b: number): Record<string, string | number> {
    const [first, second] = [this.#place(a), this.#place(b)];
    return {
      file: first.file,
      line: first.line ?? 0,
      otherFile: second.file,
      otherLine: second.line ?? 0,
      start: new Date(this.#start.get(b)).toISOString(),
    };
  }

  #contradiction(a: number, b: number): Error {
    const wh = (i: number): string => `${this.#energy.get(i) / MICRO} Wh`;
    const at = new Date(this.#start.get(b)).toISOString();
    return readingsErrors.error(
      "contradictory-duplicate",
      `${placeText(this.#place(a))} says ${wh(a)} and ${placeText(this.#place(b))} says ${wh(b)} for the same interval, which starts at ${at}`,
      this.#values(a, b),
    );
  }

  #overlap(a: number, b: number): Error {
    return readingsErrors.error(
      "overlap",
      `the intervals at ${placeText(this.#place(a))} and ${placeText(this.#place(b))} overlap at ${new Date(this.#start.get(b)).toISOString()}`,
      this.#values(a, b),
    );
  }
}
