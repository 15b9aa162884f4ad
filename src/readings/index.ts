/** Readings and bills: files of meter readings to intervals, tariffs to exact money. */
export type { ReadOptions } from "./collector.js";
export { generateHomes, type GenerateOptions } from "./generate.js";
export { IntervalSeries, divide, type Gap, type Interval, type Quality } from "./interval.js";
export { MONEY_DENOMINATOR, exact, moneyText, wholeUnits, type ExactMoney } from "./money.js";
export {
  intervalsOfPeriod,
  parsePeriod,
  periodAt,
  periodBounds,
  periodsBetween,
  type Period,
} from "./period.js";
export { readReadings } from "./read.js";
export type { Commodity, Home, Oddity, OddityKind, ReadingSet } from "./reading-set.js";
export type { Source } from "./source.js";
export { canonicalTariff, tariffHash } from "./tariff/canonical.js";
export { defaultTariff } from "./tariff/default-tariff.js";
export {
  charges,
  chargesOfPeriod,
  itemsOfPeriod,
  rate,
  ratedItems,
  type Charge,
  type Intervals,
  type RateOptions,
} from "./tariff/rate.js";
export { amountOf, type RatedItem } from "./tariff/rated-item.js";
export type { RaterState } from "./tariff/rater.js";
export { readTariff, readTariffs, type TariffFile } from "./tariff/read-tariff.js";
export type { ListedTariff } from "./tariff/australian-tariffs.js";
export {
  signTariff,
  tariffDigest,
  verifyTariff,
  type SignedTariff,
  type TariffDomain,
} from "./tariff/signed-tariff.js";
export type { Component, Tariff, TariffVersion } from "./tariff/tariff.js";
