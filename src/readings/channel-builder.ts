/**
 * Collects the readings of one register of one supply, in any order, and makes one
 * series of them. Its rules: the same reading twice counts once; of two for the same interval the one
 * issued later counts, or, where files do not say when, the one of better quality; two different
 * readings of equal standing, and intervals that overlap, are refused.
 */
import { Column, inOrder } from "./column.js";
import { placeText, readingsErrors, type Place } from "./errors.js";
import { qualities, type IntervalSeries, type Quality } from "./interval.js";
import { MICRO, SeriesWriter } from "./series-writer.js";

/** A reading as a file states it. */
export interface RawReading {
  /** First instant, milliseconds. */
  readonly start: number;
  /** 0 where `settle` gives it later. */
  readonly seconds: number;
  /** A non-negative safe integer. */
  readonly microWattHours: number;
  readonly quality: Quality;
  /** When the reading was issued, seconds of UTC since 1970; 0 where the file does not say. */
  readonly issued?: number;
  readonly line: number;
}

export interface Built {
  readonly series: IntervalSeries;
  /** Rows that repeated another exactly. */
  readonly duplicates: number;
  /** Readings that gave way to a later or better one. */
  readonly replaced: number;
  /** True when some reading was finer than a watt-hour. */
  readonly fractional: boolean;
}

export class ChannelBuilder {
  readonly #start = new Column(Float64Array);
  readonly #seconds = new Column(Uint32Array);
  readonly #energy = new Column(Float64Array);
  readonly #quality = new Column(Uint8Array);
  readonly #issued = new Column(Uint32Array);
  readonly #line = new Column(Uint32Array);
  readonly #file = new Column(Uint16Array);

  /** `files` names the inputs by the index that `add` is given. */
  constructor(private readonly files: readonly string[]) {}

  get length(): number {
    return this.#start.length;
  }

  add(reading: RawReading, file: number): void {
    this.#start.push(reading.start);
    this.#seconds.push(reading.seconds);
    this.#energy.push(reading.microWattHours);
    this.#quality.push(qualities.indexOf(reading.quality));
    this.#issued.push(reading.issued ?? 0);
    this.#line.push(reading.line);
    this.#file.push(file);
  }

  /** The reading added as number `index`, as it was given. */
  at(index: number): RawReading {
    return {
      start: this.#start.get(index),
      seconds: this.#seconds.get(index),
      microWattHours: this.#energy.get(index),
      quality: qualities[this.#quality.get(index)]!,
      issued: this.#issued.get(index),
      line: this.#line.get(index),
    };
  }

  /** Puts another energy in the place of each, for readings whose unit comes after them. */
  convert(energyOf: (energy: number, line: number) => number): void {
    for (let i = 0; i < this.length; i++) {
      this.#energy.set(i, energyOf(this.#energy.get(i), this.#line.get(i)));
    }
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

  /**
   * @param scale what all energy is multiplied by
   * @throws readings/contradictory-duplicate, readings/overlap
   */
  build(timeZone: string, scale = 1): Built {
    const order = inOrder(this.#start);
    let kept = 0;
    let duplicates = 0;
    let replaced = 0;
    for (const i of order) {
      const before = kept === 0 ? undefined : order[kept - 1]!;
      if (before === undefined || this.#start.get(before) !== this.#start.get(i)) {
        if (before !== undefined && this.#start.get(i) < this.#end(before)) {
          throw this.#overlap(before, i);
        }
        order[kept++] = i;
        continue;
      }
      if (this.#seconds.get(before) !== this.#seconds.get(i)) throw this.#overlap(before, i);
      const better = this.#compare(i, before);
      if (better === 0) {
        if (this.#energy.get(i) !== this.#energy.get(before)) throw this.#contradiction(before, i);
        duplicates += 1;
      } else {
        replaced += 1;
        if (better > 0) order[kept - 1] = i;
      }
    }
    const writer = this.#written(new SeriesWriter(kept, scale), order.subarray(0, kept));
    return { ...writer.finish(timeZone), duplicates, replaced };
  }

  #written(writer: SeriesWriter, kept: Uint32Array): SeriesWriter {
    for (const i of kept) {
      const quality = qualities[this.#quality.get(i)]!;
      writer.push({
        start: this.#start.get(i),
        seconds: this.#seconds.get(i),
        microWattHours: this.#energy.get(i),
        quality,
      });
    }
    return writer;
  }

  #end(i: number): number {
    return this.#start.get(i) + this.#seconds.get(i) * 1000;
  }

  /** Positive when the reading `a` replaces `b`, 0 when they are of equal standing. */
  #compare(a: number, b: number): number {
    const [issuedA, issuedB] = [this.#issued.get(a), this.#issued.get(b)];
    if (issuedA !== 0 && issuedB !== 0 && issuedA !== issuedB) return issuedA - issuedB;
    return this.#quality.get(a) - this.#quality.get(b);
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
