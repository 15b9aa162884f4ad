/** Tariffs: prices, their public hash and signature, and rating: intervals of energy to exact money. */
export { billZone, homeOfBill, readingsOfBill } from "./bill-zone.js";
export { canonicalTariff, tariffHash } from "./canonical.js";
export { defaultTariff } from "./default-tariff.js";
export { compileTariff, type CompiledTariff } from "./compile.js";
export {
  blocksBegin,
  charges,
  chargesOfPeriod,
  itemsOfPeriod,
  rate,
  ratedItems,
  supplyBegins,
  supplyEnds,
  type Charge,
  type Intervals,
  type RateOptions,
} from "./rate.js";
export { amountOf, type RatedItem } from "./rated-item.js";
export type { RaterState } from "./rater.js";
export type { RegisterReading } from "./register.js";
export { addMonths, covers, monthAt, monthBounds } from "./running-charge.js";
export { checkTariff, readTariff, readTariffs, type TariffFile } from "./read-tariff.js";
export type { ListedTariff } from "./australian-tariffs.js";
export {
  isAddress,
  signTariff,
  tariffDigest,
  verifyTariff,
  type SignedTariff,
  type TariffDomain,
  type TariffSigner,
} from "./signed-tariff.js";
export type { Component, Tariff, TariffVersion } from "./tariff.js";
