/** The resident's purse: withdrawing baskets of coins so that a crash loses none. */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "../algebra/index.js";
import type { ECashWallet } from "../ecash/index.js";
import type { Store } from "../store/index.js";
import { Books, type WithdrawalRecord } from "./books.js";

/** Pays for the request and gets the issuer's answer; asked again, the same answer. */
export type Withdraw = (request: Uint8Array) => Promise<Uint8Array>;

const WITHDRAWAL_LABEL = utf8ToBytes("SIPSTER-V1-WITHDRAWAL");

export class Purse {
  /** `secret`: 32 bytes, of which the resident keeps a copy elsewhere; all coins derive from it. */
  constructor(
    private readonly wallet: ECashWallet,
    private readonly store: Store,
    private readonly secret: Uint8Array,
  ) {}

  /**
   * Withdraws one coin for each denomination. Dies it half-way, {@link resume} finishes.
   * @throws ecash/bad-answer, ecash/no-mint-key, and what `withdraw` throws
   */
  async withdraw(denominations: readonly number[], withdraw: Withdraw): Promise<void> {
    const { number, record } = await this.store.transaction(async (tx) => {
      const books = new Books(tx);
      const number = await books.nextWithdrawal();
      const record = this.wallet.prepare(denominations, this.#seed(number));
      books.putWithdrawal(number, record);
      return { number, record };
    });
    await this.#finish(number, record, withdraw);
  }

  /** Finishes the withdrawals that were begun and not finished. Returns how many. */
  async resume(withdraw: Withdraw): Promise<number> {
    const open = await this.store.transaction((tx) => new Books(tx).withdrawals());
    for (const { number, record } of open) await this.#finish(number, record, withdraw);
    return open.length;
  }

  /**
   * After a loss of the books: makes the coins of withdrawal `number` (from 0) again, but for those
   * in `spent`, the utility's published list. To show a coin that paid for another token before
   * would prove that both tokens are of one home.
   */
  async restore(
    number: number,
    denominations: readonly number[],
    withdraw: Withdraw,
    spent: ReadonlySet<string>,
  ): Promise<void> {
    const record = this.wallet.prepare(denominations, this.#seed(number));
    await this.store.transaction(async (tx) => {
      const books = new Books(tx);
      books.putWithdrawal(number, record);
      while ((await books.nextWithdrawal()) < number);
    });
    await this.#finish(number, record, withdraw, spent);
  }

  /** Free coins, by denomination. */
  async coins(): Promise<ReadonlyMap<number, number>> {
    const keys = await this.store.transaction((tx) => tx.list("coin/"));
    const counts = new Map<number, number>();
    for (const [key] of keys) {
      const denomination = Number(key.split("/")[1]);
      counts.set(denomination, (counts.get(denomination) ?? 0) + 1);
    }
    return counts;
  }

  async #finish(
    number: number,
    record: WithdrawalRecord,
    withdraw: Withdraw,
    spent: ReadonlySet<string> = new Set(),
  ): Promise<void> {
    const all = this.wallet.finish(record.state, await withdraw(record.request));
    const coins = all.filter((coin) => !spent.has(coin.id));
    await this.store.transaction(async (tx) => {
      const books = new Books(tx);
      for (const coin of coins) books.putCoin(coin);
      books.deleteWithdrawal(number);
    });
  }

  #seed(number: number): Uint8Array {
    return hmac(sha256, this.secret, concatBytes(WITHDRAWAL_LABEL, intToBytes(number, 4)));
  }
}
