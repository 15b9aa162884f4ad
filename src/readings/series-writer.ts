/** Readings in order of time to a series in whole watt-hours. */
import { IntervalSeries, qualities, type Quality } from "./interval.js";

/** Micro-watt-hours in a watt-hour: the resolution in which readings are collected. */
export const MICRO = 1_000_000;

export class SeriesWriter {
  readonly #start: Float64Array;
  readonly #seconds: Uint32Array;
  readonly #wattHours: Float64Array;
  readonly #quality: Uint8Array;
  #length = 0;
  #rest = 0;
  #fractional = false;

  /** Room for so many readings, all energy times `scale`. */
  constructor(
    capacity: number,
    private readonly scale = 1,
  ) {
    this.#start = new Float64Array(capacity);
    this.#seconds = new Uint32Array(capacity);
    this.#wattHours = new Float64Array(capacity);
    this.#quality = new Uint8Array(capacity);
  }

  /** Whole watt-hours go to the interval in which they are completed, as on a register. */
  push({
    start,
    seconds,
    microWattHours,
    quality,
  }: {
    readonly start: number;
    readonly seconds: number;
    readonly microWattHours: number;
    readonly quality: Quality;
  }): void {
    const scaled = this.scale === 1 ? microWattHours : Math.round(microWattHours * this.scale);
    const energy = scaled + this.#rest;
    this.#rest = energy % MICRO;
    this.#fractional ||= this.#rest !== 0;
    const at = this.#length++;
    this.#start[at] = start;
    this.#seconds[at] = seconds;
    this.#wattHours[at] = (energy - this.#rest) / MICRO;
    this.#quality[at] = qualities.indexOf(quality);
  }

  /** The series, and whether some reading was finer than a watt-hour. */
  finish(timeZone: string): { series: IntervalSeries; fractional: boolean } {
    const length = this.#length;
    const series = new IntervalSeries(timeZone, {
      start: this.#start.subarray(0, length),
      seconds: this.#seconds.subarray(0, length),
      wattHours: this.#wattHours.subarray(0, length),
      quality: this.#quality.subarray(0, length),
    });
    return { series, fractional: this.#fractional };
  }
}
