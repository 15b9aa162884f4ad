/** Which coins a counter takes when: by the periods of mint keys, in UTC months. */
import { payingMintKey, refreshableMintKeys, type MintPeriod } from "../ecash/index.js";
import { periodOfTime } from "../sipster/index.js";

/** Seconds into a month in which a payment sent at the end of the month before still arrives. */
const ON_ITS_WAY = 3_600n;

/** Do coins of this mint key pay at this time (Unix seconds)? */
export function paysAt(mints: readonly MintPeriod[]) {
  return (mintKeyId: number, now: bigint): boolean =>
    [now, now - ON_ITS_WAY].some((time) => payingMintKey(mints, periodOfTime(time)) === mintKeyId);
}

/** May coins of this mint key be changed for fresh ones at this time (Unix seconds)? */
export function refreshableAt(mints: readonly MintPeriod[]) {
  return (mintKeyId: number, now: bigint): boolean =>
    refreshableMintKeys(mints, periodOfTime(now)).includes(mintKeyId);
}
