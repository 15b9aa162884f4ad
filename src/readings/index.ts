/** Readings: files of meter readings to intervals of energy. */
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
export { mappingText, parseAnswer, parseMapping, type Mapping } from "./table/mapping.js";
export { readReadings } from "./read.js";
export {
  inZone,
  type Commodity,
  type Home,
  type Oddity,
  type OddityKind,
  type ReadingSet,
  type Understood,
} from "./reading-set.js";
export type { Source } from "./source.js";
export { instantText, sameZone, Zone } from "./zone.js";
