/**
 * A meter's account of a period: what no billed row shows is due by the register. Each begins where the one before
 * ended, so that the one who asks for it chooses when, and not what is in it.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "../algebra/index.js";
import type { IntervalNumber } from "./one-time-key.js";
import { verifySchnorr } from "./schnorr.js";
import { TAGS } from "./tags.js";

/** A page by its name. */
export interface PageName {
  readonly interval: IntervalNumber;
  readonly revision: number;
}

export interface PeriodAccount {
  /** The intervals of the period, both included. */
  readonly first: IntervalNumber;
  readonly last: IntervalNumber;
  /** Watt-hours measured in the period. */
  readonly register: bigint;
  /** Watt-hours that were proved in the period to be in rows of billed pages. */
  readonly proven: bigint;
  /** Pages that the one who asked named as void, and of which the meter had proved rows. */
  readonly voided: readonly PageName[];
  /** Watt-hours of the proved rows of these pages, in this period or the one before: nobody owes the rows. */
  readonly returned: bigint;
}

/** An account with its Schnorr signature under the meter's long-lived key, 65 bytes. */
export interface SignedAccount extends PeriodAccount {
  readonly signature: Uint8Array;
}

/** Watt-hours that are due by the register. */
export function dueByRegister({ register, proven, returned }: PeriodAccount): bigint {
  return register - proven + returned;
}

/**
 * Did the meter with this key sign the account for the deployment, and is every page that it returns void?
 * @param isVoid as the chain has it: a page that still stands would be charged twice.
 */
export function isAccountRight({
  account,
  ledger,
  publicKey,
  isVoid,
}: {
  readonly account: SignedAccount;
  readonly ledger: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly isVoid: (page: PageName) => boolean;
}): boolean {
  const { signature } = account;
  const message = accountMessage(ledger, account);
  return verifySchnorr({ key: publicKey, message, signature }) && account.voided.every(isVoid);
}

/** What the signature of an account covers: tag ‖ ledger ‖ first ‖ last ‖ three amounts (8 each) ‖ each void page (4 ‖ 1). */
export function accountMessage(
  ledger: Uint8Array,
  { first, last, register, proven, returned, voided }: PeriodAccount,
): Uint8Array {
  const intervals = [first, last].map((interval) => intToBytes(interval, 4));
  const amounts = [register, proven, returned].map((wattHours) => intToBytes(wattHours, 8));
  const pages = voided.flatMap(({ interval, revision }) => [
    intToBytes(interval, 4),
    Uint8Array.of(revision),
  ]);
  return concatBytes(TAGS.period, ledger, ...intervals, ...amounts, ...pages);
}
