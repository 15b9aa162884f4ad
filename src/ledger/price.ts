/**
 * The published functions that give an interval's price from its load. Contracts of the same names
 * compute the same numbers, so a wrong price can be proved on-chain.
 */
import { ledgerErrors } from "./errors.js";
import type { IntervalNumber } from "./one-time-key.js";

export interface PriceFunction {
  /**
   * Price in millionths of the currency's minor unit per watt-hour; `load` in watt-hours.
   * @throws ledger/no-price if the function has no price for this interval
   */
  priceAt(interval: IntervalNumber, load: bigint): bigint;
}

export interface PricePoint {
  readonly load: bigint;
  readonly price: bigint;
}

/** Linear between points, constant before the first and after the last. */
export class PiecewiseLinearPrice implements PriceFunction {
  /** @throws ledger/bad-price-function unless there is a point and loads rise strictly */
  constructor(readonly points: readonly PricePoint[]) {
    const sound =
      points.length > 0 &&
      points.every(
        ({ load, price }, i) =>
          load >= 0n && price >= 0n && (i === 0 || load > points[i - 1]!.load),
      );
    if (!sound) {
      throw ledgerErrors.error(
        "bad-price-function",
        "a piecewise linear price needs points with rising loads, none of them negative",
        { points: points.length },
      );
    }
  }

  priceAt(_interval: IntervalNumber, load: bigint): bigint {
    const after = this.points.findIndex((p) => p.load > load);
    if (after === 0) return this.points[0]!.price;
    if (after === -1) return this.points.at(-1)!.price;
    const [a, b] = [this.points[after - 1]!, this.points[after]!];
    // Division truncates towards zero here and in Solidity.
    return a.price + ((b.price - a.price) * (load - a.load)) / (b.load - a.load);
  }
}

/** A tariff announced in advance: one of a few levels for each interval, regardless of the load. */
export class TimetablePrice implements PriceFunction {
  /**
   * @param first the interval of the first entry of `schedule`.
   * @param levels up to 16 prices.
   * @param schedule index of the level of each interval.
   * @throws ledger/bad-price-function
   */
  constructor(
    readonly first: IntervalNumber,
    readonly levels: readonly bigint[],
    readonly schedule: readonly number[],
  ) {
    const sound =
      levels.length > 0 &&
      levels.length <= 16 &&
      levels.every((price) => price >= 0n) &&
      schedule.length > 0 &&
      schedule.every((level) => levels[level] !== undefined);
    if (!sound) {
      throw ledgerErrors.error(
        "bad-price-function",
        `a timetable of ${schedule.length} intervals with ${levels.length} levels is not sound`,
        { intervals: schedule.length, levels: levels.length },
      );
    }
  }

  priceAt(interval: IntervalNumber): bigint {
    const level = this.schedule[interval - this.first];
    if (level === undefined) {
      throw ledgerErrors.error(
        "no-price",
        `the timetable has no price for interval ${interval}: it covers ${this.first} to ${
          this.first + this.schedule.length - 1
        }`,
        { interval, first: this.first, intervals: this.schedule.length },
      );
    }
    return this.levels[level]!;
  }
}
