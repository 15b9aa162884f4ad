/**
 * Which mint key does what in which month. A mint key id begins with a period, by number: in its
 * first month the id before it still pays, and coins left over are refreshed; from the next month it
 * pays alone. Coins of an older id can be refreshed for a year after.
 */
import { ecashErrors } from "./errors.js";

export interface MintPeriod {
  /** u32. */
  readonly mintKeyId: number;
  /** YYYYMM; 0 for the first id of a deployment. */
  readonly firstPeriod: number;
}

/** The id whose coins pay in the month `period` (YYYYMM). @throws ecash/no-mint-key */
export function payingMintKey(mints: readonly MintPeriod[], period: number): number {
  const [first] = mints;
  const begun = mints.findLast(({ firstPeriod }) => firstPeriod < period) ?? first;
  if (begun === undefined || begun.firstPeriod > period) throw noneYet(period);
  return begun.mintKeyId;
}

/**
 * The id that signs in the month `period`: withdrawals and refreshes of that month are of coins that
 * are spent from the next month on. @throws ecash/no-mint-key
 */
export function signingMintKey(mints: readonly MintPeriod[], period: number): number {
  const begun = mints.findLast(({ firstPeriod }) => firstPeriod <= period);
  if (begun === undefined) throw noneYet(period);
  return begun.mintKeyId;
}

/** The ids whose coins may be changed for fresh ones in the month `period`. */
export function refreshableMintKeys(mints: readonly MintPeriod[], period: number): number[] {
  return mints
    .filter(({ firstPeriod }, i) => {
      const next = mints[i + 1];
      // 100 more is the same month of the next year.
      return firstPeriod <= period && (next === undefined || period <= next.firstPeriod + 100);
    })
    .map(({ mintKeyId }) => mintKeyId);
}

function noneYet(period: number) {
  return ecashErrors.error("no-mint-key", `no mint key has begun by ${period}`, { period });
}
