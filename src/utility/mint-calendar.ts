/** Which coins a counter takes when: by the periods of mint keys, in UTC months. */
import type { Bn254 } from "../algebra/index.js";
import {
  BlindBlsAcceptor,
  blindSigner,
  checkBlindedMessage,
  mintChecks,
  payingMintKey,
  refreshableMintKeys,
  signingMintKey,
  type BlindSigner,
  type ECashAcceptor,
  type EcashSystem,
  type MintPeriod,
  type MintSecretKeys,
} from "../ecash/index.js";
import { periodOfTime } from "../sipster/index.js";
import type { Refreshing } from "./order-check.js";

/** Secret keys of one id, and the month in which they begin. */
export type PeriodMint = MintSecretKeys & MintPeriod;

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

/** Takes coins of the id that pays in the month. */
export function payingCoins(
  curve: Bn254,
  system: EcashSystem,
  mints: readonly PeriodMint[],
): ECashAcceptor {
  return new BlindBlsAcceptor({
    curve,
    system,
    checks: mintChecks(curve, mints),
    takes: paysAt(mints),
  });
}

/**
 * Changes coins of ids that have ended for coins of the id that signs in the month.
 * @param clock Unix seconds
 */
export function refreshingCoins(
  curve: Bn254,
  system: EcashSystem,
  { mints, clock }: { readonly mints: readonly PeriodMint[]; readonly clock: () => bigint },
): Refreshing {
  const signers = new Map(mints.map((mint) => [mint.mintKeyId, blindSigner(curve, mint)]));
  return {
    ecash: new BlindBlsAcceptor({
      curve,
      system,
      checks: mintChecks(curve, mints),
      takes: refreshableAt(mints),
    }),
    get signer(): BlindSigner {
      return signers.get(signingMintKey(mints, periodOfTime(clock())))!;
    },
    signerOf: (mintKeyId) => signers.get(mintKeyId),
    checkMessage: (message) => checkBlindedMessage(curve, message),
  };
}
