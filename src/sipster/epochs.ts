/**
 * Periods and key epochs by number. A period is a calendar month, written YYYYMM; the key epoch of a
 * period is the last one that begins at it or before it. Both follow from numbers alone: no clock
 * and no time zone decides under which key a bill is.
 */
import { sipsterErrors } from "./errors.js";

/** First period of the first key epoch of every deployment: earlier than any month. */
export const FIRST_EPOCH_PERIOD = 0;

/** Periods lie between 000101 and 999912. */
const MAX_YEAR = 9999;

/** A key epoch as registered: bills of the periods from `firstPeriod` on are under its key. */
export interface KeyEpoch {
  /** Numbered from 1. */
  readonly keyEpoch: number;
  /** YYYYMM; 0 for the first epoch. */
  readonly firstPeriod: number;
}

/** @throws sipster/bad-period unless `period` is a calendar month, YYYYMM */
export function checkPeriod(period: number): number {
  if (isPeriod(period)) return period;
  throw sipsterErrors.error("bad-period", `${period} is not a calendar month written YYYYMM`, {
    period,
  });
}

export function isPeriod(period: number): boolean {
  const month = period % 100;
  return (
    Number.isInteger(period) &&
    period >= 101 &&
    period <= MAX_YEAR * 100 + 12 &&
    month >= 1 &&
    month <= 12
  );
}

/** The period `count` months later; earlier if negative. @throws sipster/bad-period */
export function addPeriods(period: number, count: number): number {
  return fromMonths(toMonths(period) + count);
}

/** How many months `later` lies after `earlier`. @throws sipster/bad-period */
export function periodsBetween(earlier: number, later: number): number {
  return toMonths(later) - toMonths(earlier);
}

/** The calendar month, in UTC, of a Unix time in seconds. */
export function periodOfTime(unixSeconds: number | bigint): number {
  const date = new Date(Number(unixSeconds) * 1000);
  return checkPeriod(date.getUTCFullYear() * 100 + date.getUTCMonth() + 1);
}

/**
 * The first period that a key epoch announced at this block time may have: `lead` months after the
 * block's month. With a lead of 0 (a development deployment) nothing is compared with block time.
 */
export function earliestFirstPeriod(blockTime: number | bigint, lead: number): number {
  return lead === 0 ? FIRST_EPOCH_PERIOD : addPeriods(periodOfTime(blockTime), lead);
}

/**
 * The key epochs of a deployment, checked: numbered from 1 without a gap, the first from period 0,
 * first periods strictly increasing.
 * @throws sipster/bad-epochs
 */
export function checkEpochs<T extends KeyEpoch>(epochs: readonly T[]): readonly T[] {
  epochs.forEach(({ keyEpoch, firstPeriod }, i) => {
    const wrong = (why: string) =>
      sipsterErrors.error("bad-epochs", `key epoch ${keyEpoch} ${why}`, { keyEpoch, firstPeriod });
    if (keyEpoch !== i + 1) throw wrong(`is at place ${i + 1}`);
    if (i === 0) {
      if (firstPeriod !== FIRST_EPOCH_PERIOD) throw wrong(`begins at ${firstPeriod}, not at 0`);
      return;
    }
    if (!isPeriod(firstPeriod)) throw wrong(`begins at ${firstPeriod}, which is not a month`);
    if (firstPeriod <= epochs[i - 1]!.firstPeriod) {
      throw wrong(`begins at ${firstPeriod}, not after the epoch before it`);
    }
  });
  return epochs;
}

/**
 * The epoch that rules a period: the last one whose first period is not later. `epochs` as
 * {@link checkEpochs} accepts them.
 * @throws sipster/no-key-epoch if none is registered
 */
export function epochOfPeriod<T extends KeyEpoch>(epochs: readonly T[], period: number): T {
  const epoch = epochs.findLast(({ firstPeriod }) => firstPeriod <= period);
  if (epoch !== undefined) return epoch;
  throw sipsterErrors.error("no-key-epoch", `no key epoch is registered for period ${period}`, {
    period,
  });
}

/**
 * The epochs that a meter knows, in order, with one more from a notice. One that is known changes
 * nothing; notices may come in any order, and those that no period from `oldest` on needs are dropped.
 * @throws sipster/bad-epochs if the notice contradicts an earlier one
 */
export function withEpoch(
  known: readonly KeyEpoch[],
  { keyEpoch, firstPeriod }: KeyEpoch,
  oldest: number,
): readonly KeyEpoch[] {
  const same = known.find((e) => e.keyEpoch === keyEpoch);
  if (same?.firstPeriod === firstPeriod) return known;
  const all = [...known, { keyEpoch, firstPeriod }].sort((a, b) => a.keyEpoch - b.keyEpoch);
  if (same !== undefined || all.some((e, i) => i > 0 && e.firstPeriod <= all[i - 1]!.firstPeriod)) {
    throw sipsterErrors.error(
      "bad-epochs",
      `a notice says that key epoch ${keyEpoch} begins at ${firstPeriod}, and others contradict it`,
      { keyEpoch, firstPeriod },
    );
  }
  return all.filter((_, i) => (all[i + 1]?.firstPeriod ?? Infinity) > oldest);
}

function toMonths(period: number): number {
  checkPeriod(period);
  return Math.floor(period / 100) * 12 + (period % 100) - 1;
}

function fromMonths(months: number): number {
  return checkPeriod(Math.floor(months / 12) * 100 + (months % 12) + 1);
}
