/** Rating for tests whose tariff and intervals name no zone: in UTC. */
import * as tariffs from "../../src/tariff/index.js";
import type { Intervals, RateOptions, Tariff } from "../../src/tariff/index.js";

function inUtc(intervals: Intervals, tariff: Tariff, options: RateOptions): RateOptions {
  return { timeZone: tariff.timeZone ?? intervals.timeZone ?? "UTC", ...options };
}

export const rate: typeof tariffs.rate = (intervals, tariff, options = {}) =>
  tariffs.rate(intervals, tariff, inUtc(intervals, tariff, options));

export const ratedItems: typeof tariffs.ratedItems = (intervals, tariff, options = {}) =>
  tariffs.ratedItems(intervals, tariff, inUtc(intervals, tariff, options));

export const charges: typeof tariffs.charges = (intervals, tariff, options = {}) =>
  tariffs.charges(intervals, tariff, inUtc(intervals, tariff, options));
