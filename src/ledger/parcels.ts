/**
 * Parcels: consumption is reported in amounts of five public sizes around the regional average, so
 * that a row of the ledger shows one of five values and never a reading. What is smaller than the
 * smallest parcel is carried to the next interval; nothing is rounded.
 */
import { ledgerErrors } from "./errors.js";

/** Index of a size, from a quarter of the average (0) to four times the average (4). */
export type Category = 0 | 1 | 2 | 3 | 4;
export const ALL_CATEGORIES: readonly Category[] = [0, 1, 2, 3, 4];

/** Reports of one category that a home may have in an interval: pseudonyms are enrolled for them. */
export const MOST_OF_CATEGORY = [1, 1, 1, 1, 2] as const;

/** What a pseudonym may be used for: a parcel of a category, or the presence of a home. */
export type Slot = Category | typeof PRESENCE;
/** A report of no energy: it shows that the home takes part, so that silent homes are counted. */
export const PRESENCE = 5;
/** The slots of a home, by the index of their pseudonyms. */
export const HOME_SLOTS: readonly Slot[] = [0, 1, 2, 3, 4, 4, PRESENCE];

/** Averages are multiples of this, so that every size is a whole number of watt-hours. */
const AVERAGE_STEP = 4n;

/** The size of a category in watt-hours; presence has none. */
export function parcelSize(slot: Slot, average: bigint): bigint {
  return slot === PRESENCE ? 0n : (average << BigInt(slot)) / 4n;
}

/** Reports that a category must have to be published: then at least `leastHomes` homes have sent them. */
export function leastReports(category: Category, leastHomes: number): number {
  return leastHomes * MOST_OF_CATEGORY[category];
}

export const isInMask = (mask: number, slot: Slot): boolean => (mask & (1 << slot)) !== 0;

/** Rounds a load per home, in watt-hours, to an average that can be divided into sizes. */
export function toAverage(wattHours: bigint): bigint {
  const rounded = (wattHours / AVERAGE_STEP) * AVERAGE_STEP;
  return rounded < AVERAGE_STEP ? AVERAGE_STEP : rounded;
}

/** What the average of a page's terms is computed from. */
export interface AverageSource {
  readonly rows: number;
  readonly load: bigint;
  readonly homes: number;
  readonly average: bigint;
}

/**
 * The regional average that follows from a final page: seven parts of the average in its terms and one of
 * its load per home, so that one odd interval does not move the sizes much. A page without rows moves nothing.
 */
export function nextAverage({ rows, load, homes, average }: AverageSource): bigint {
  if (rows === 0 || homes === 0) return average;
  return toAverage((7n * average + load / BigInt(homes)) / 8n);
}

/** @throws ledger/bad-average unless a positive multiple of 4 */
export function checkAverage(average: bigint): void {
  if (average < AVERAGE_STEP || average % AVERAGE_STEP !== 0n) {
    throw ledgerErrors.error(
      "bad-average",
      `a regional average of ${average} Wh does not divide into parcels`,
      { average },
    );
  }
}

export interface Split {
  readonly parcels: readonly Category[];
  /** Watt-hours for the next interval. */
  readonly remainder: bigint;
}

/**
 * Splits watt-hours into parcels, largest first, of the categories that `mask` leaves. A home has few
 * pseudonyms of each category, so the remainder may be large: it is carried.
 * @throws ledger/bad-average, ledger/bad-consumption if negative
 */
export function splitIntoParcels(wattHours: bigint, average: bigint, mask = 0): Split {
  checkAverage(average);
  if (wattHours < 0n) {
    throw ledgerErrors.error("bad-consumption", `a consumption of ${wattHours} Wh is negative`, {
      wattHours,
    });
  }
  const parcels: Category[] = [];
  let remainder = wattHours;
  for (const category of ALL_CATEGORIES.toReversed()) {
    const size = parcelSize(category, average);
    const most = isInMask(mask, category) ? 0 : MOST_OF_CATEGORY[category];
    for (let i = 0; i < most && remainder >= size; i++) {
      parcels.push(category);
      remainder -= size;
    }
  }
  return { parcels, remainder };
}
