/** What a resident's device is set up with: everything pinned, nothing believed later. */
import { equalBytes, type Address } from "../algebra/index.js";
import type { Basket, ECashWallet, MintPeriod } from "../ecash/index.js";
import type {
  HexAddress,
  KeyEpoch,
  SettlementSystem,
  Suite,
  UtilityPublicKey,
} from "../sipster/index.js";
import type { Store } from "../store/index.js";
import type { Drawing, PaymentPolicy } from "./schedule.js";

/** The utility's key of one epoch, as registered on-chain. */
export type PinnedKey = UtilityPublicKey & KeyEpoch;

/** What the public parameters say of payments. */
export interface PaymentTerms extends Drawing {
  /** Who redeems the coins. */
  readonly payee: Address;
  /** Whose signature the counter's answers bear. */
  readonly answerKey: HexAddress;
  readonly policy: PaymentPolicy;
  /** Requests that are sent each month, dummies included; 0: no dummies, and no limit. */
  readonly requests: number;
  /** Coins of one withdrawal of the home's size class: coins are refreshed in whole baskets. */
  readonly basket?: Basket;
}

/** Terms that were announced for the periods from one on, YYYYMM. */
export interface LaterTerms extends PaymentTerms {
  readonly firstPeriod: number;
}

/** The payment terms here rule until those of `later` begin. */
export interface ResidentSettings extends PaymentTerms {
  readonly system: SettlementSystem;
  readonly suite: Suite;
  readonly wallet: ECashWallet;
  /** 32 bytes: the secret from which the coins derive. */
  readonly secret: Uint8Array;
  /** As registered on-chain, ascending. */
  readonly keys: readonly PinnedKey[];
  /** As the vault contract has them, ascending. */
  readonly mints: readonly MintPeriod[];
  /** Careless: a bill is settled within an hour of its last payment. In the settling days when absent. */
  readonly settlesAfterLast?: boolean;
  /** Ascending. */
  readonly later?: readonly LaterTerms[];
  readonly store: Store;
  /**
   * Seconds by which a payment may leave late; later, its time was missed. An hour when absent. More
   * where a development chain's clock runs fast.
   */
  readonly grace?: number;
  /** Unix seconds, by the deployment's clock. */
  readonly now: () => number;
}

/**
 * The terms of a period, YYYYMM. What is drawn and paid for a token follows the terms of its period;
 * requests, dummies, refreshes and the answer key follow those of the month of sending.
 */
export function termsOf(settings: ResidentSettings, period: number): PaymentTerms {
  const later = settings.later?.findLast(({ firstPeriod }) => firstPeriod <= period);
  return later === undefined ? settings : { ...settings, ...later };
}

/** Every payee that the terms name, each once. */
export function payeesOf({ payee, later = [] }: ResidentSettings): Address[] {
  const all = [payee, ...later.map((terms) => terms.payee)];
  return all.filter((one, i) => all.findIndex((other) => equalBytes(one, other)) === i);
}
