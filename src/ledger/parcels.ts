/**
 * Parcels: consumption is reported in amounts of five public sizes around the regional average, so
 * that a row of the ledger shows one of five values and never a reading. What is smaller than the
 * smallest parcel is carried to the next interval; nothing is rounded.
 */
import { ledgerErrors } from "./errors.js";

export const CATEGORIES = 5;
/** Index of a size, from a quarter of the average (0) to four times the average (4). */
export type Category = 0 | 1 | 2 | 3 | 4;
export const ALL_CATEGORIES: readonly Category[] = [0, 1, 2, 3, 4];

/** Reports of one meter in one interval: enough for 24 times the average. */
export const MAX_PARCELS = 6;

/** Averages are multiples of this, so that every size is a whole number of watt-hours. */
const AVERAGE_STEP = 4n;

/** The size of a category in watt-hours. */
export function parcelSize(category: Category, average: bigint): bigint {
  return (average << BigInt(category)) / 4n;
}

/** The category of a size, or undefined if it is none of the five. */
export function categoryOf(size: bigint, average: bigint): Category | undefined {
  return ALL_CATEGORIES.find((c) => parcelSize(c, average) === size);
}

/** Rounds a load per home, in watt-hours, to an average that can be divided into sizes. */
export function toAverage(wattHours: bigint): bigint {
  const rounded = (wattHours / AVERAGE_STEP) * AVERAGE_STEP;
  return rounded < AVERAGE_STEP ? AVERAGE_STEP : rounded;
}

/**
 * The regional average after an interval with `load` watt-hours in `homes` homes: seven parts of
 * the last average and one of the new, so that one odd interval does not move the sizes much.
 */
export function nextAverage(average: bigint, load: bigint, homes: number): bigint {
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
 * Splits watt-hours into parcels, largest first, using only the categories `usable` (all of them
 * when absent). The remainder is below the smallest usable size, unless {@link MAX_PARCELS} were
 * not enough.
 * @throws ledger/bad-average, ledger/bad-consumption if negative
 */
export function splitIntoParcels(
  wattHours: bigint,
  average: bigint,
  usable: (category: Category) => boolean = () => true,
): Split {
  checkAverage(average);
  if (wattHours < 0n) {
    throw ledgerErrors.error("bad-consumption", `a consumption of ${wattHours} Wh is negative`, {
      wattHours,
    });
  }
  const parcels: Category[] = [];
  let remainder = wattHours;
  for (const category of ALL_CATEGORIES.toReversed()) {
    if (!usable(category)) continue;
    const size = parcelSize(category, average);
    while (remainder >= size && parcels.length < MAX_PARCELS) {
      parcels.push(category);
      remainder -= size;
    }
  }
  return { parcels, remainder };
}
