/** Readings and bills: files of meter readings to intervals, tariffs to exact money. */
export {
  Account,
  type AccountState,
  type CloseOptions,
  type ClosedPeriod,
} from "./account/account.js";
export { parseAccount } from "./account/account-json.js";
export { estimateGaps, LONGEST_ESTIMATE_MS, type Filled } from "./account/estimate.js";
export { billCsv } from "./bill/bill-csv.js";
export { billPdf } from "./bill/bill-pdf.js";
export type { BillLine, TaxLine } from "./bill/itemise.js";
export {
  kilowattHours,
  type Correction,
  type ItemisedBill,
  type ReadingCount,
} from "./bill/itemised-bill.js";
export type { ReadOptions } from "./collector.js";
export { generateHomes, type GenerateOptions } from "./generate.js";
export { IntervalSeries, divide, type Gap, type Interval, type Quality } from "./interval.js";
export {
  MONEY_DENOMINATOR,
  exact,
  exactText,
  moneyText,
  wholeUnits,
  type ExactMoney,
} from "./money.js";
export {
  dayBounds,
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
export { checkTariff, readTariff, readTariffs, type TariffFile } from "./tariff/read-tariff.js";
export type { ListedTariff } from "./tariff/australian-tariffs.js";
export {
  isAddress,
  signTariff,
  tariffDigest,
  verifyTariff,
  type SignedTariff,
  type TariffDomain,
  type TariffSigner,
} from "./tariff/signed-tariff.js";
export type { Component, Tariff, TariffVersion } from "./tariff/tariff.js";
export { instantText, Zone } from "./zone.js";
