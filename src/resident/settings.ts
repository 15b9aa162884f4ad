/** What a resident's device is set up with: everything pinned, nothing believed later. */
import type { Address } from "../algebra/index.js";
import type { ECashWallet, MintPeriod } from "../ecash/index.js";
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

export interface ResidentSettings extends Drawing {
  readonly system: SettlementSystem;
  readonly suite: Suite;
  readonly wallet: ECashWallet;
  /** 32 bytes: the secret from which the coins derive. */
  readonly secret: Uint8Array;
  /** As registered on-chain, ascending. */
  readonly keys: readonly PinnedKey[];
  /** As the vault contract has them, ascending. */
  readonly mints: readonly MintPeriod[];
  /** Who redeems the coins. */
  readonly payee: Address;
  /** Whose signature the counter's answers bear. */
  readonly answerKey: HexAddress;
  readonly policy: PaymentPolicy;
  /** Careless: a bill is settled within an hour of its last payment. In the settling days when absent. */
  readonly settlesAfterLast?: boolean;
  /** Requests that are sent each month, dummies included; 0: no dummies, and no limit. */
  readonly requests: number;
  readonly store: Store;
  /**
   * Seconds by which a payment may leave late; later, its time was missed. An hour when absent. More
   * where a development chain's clock runs fast.
   */
  readonly grace?: number;
  /** Unix seconds, by the deployment's clock. */
  readonly now: () => number;
}
