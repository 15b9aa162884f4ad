/**
 * The resident's purse: withdrawing baskets of coins so that a crash loses none, and a wallet that
 * has lost everything but its secret makes the same coins again.
 *
 * Coins are numbered in each denomination. The numbers of a withdrawal that came to nothing (its
 * deposit was refunded) go into the next one, with another blinding.
 */
import type { Basket, CoinNumber, ECashWallet, MintPeriod } from "../ecash/index.js";
import { signingMintKey } from "../ecash/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import { addPeriods } from "../sipster/index.js";
import type { Store } from "../store/index.js";
import { dueCoins, firstPlan } from "./basket-plan.js";
import { Books, freeCoin, type WithdrawalRecord } from "./books.js";
import { monthOf } from "./calendar.js";
import { residentErrors } from "./errors.js";

/** Pays for the request and gets the issuer's answer; asked again, the same answer. */
export type Withdraw = (request: Uint8Array) => Promise<Uint8Array>;

export interface PurseSettings {
  readonly wallet: ECashWallet;
  readonly store: Store;
  /** 32 bytes, of which the resident keeps a copy elsewhere; all coins derive from it. */
  readonly secret: Uint8Array;
  /** As the vault contract has them, ascending. */
  readonly mints: readonly MintPeriod[];
  /** Unix seconds. */
  readonly now: () => number;
  /**
   * Does this failure end a withdrawal for good, with no coins to come? Then it is abandoned. When
   * absent, a withdrawal that fails stays open.
   */
  readonly cameToNothing?: (error: unknown) => boolean;
}

/** Most coins of one withdrawal, which one deposit in the vault pays; more coins are several. */
export const LARGEST_WITHDRAWAL = 256;

/** A withdrawal that was begun: its request is sent until it is completed or abandoned. */
export interface OpenWithdrawal {
  readonly id: number;
  readonly request: Uint8Array;
}

/** A withdrawal of before a loss, as the vault or the account with the mint tells. */
export interface PastWithdrawal {
  readonly mintKeyId: number;
  /** In the order of its request. */
  readonly denominations: readonly number[];
  /** Other denominations that it may have had, where what remembers it does not say. */
  readonly others?: readonly (readonly number[])[];
  /** Is this the request that was paid for? The vault knows its root, an account its digest. */
  matches(request: Uint8Array): boolean;
  /** Unix seconds. */
  readonly at: number;
  /** The mint's answer; `null` if it came to nothing and its money went back. */
  readonly answer: Uint8Array | null;
}

export class Purse {
  constructor(private readonly settings: PurseSettings) {}

  /**
   * Begins a withdrawal of at most {@link LARGEST_WITHDRAWAL} coins: one for each denomination, in
   * order. Written down before it returns.
   * @throws ecash/no-mint-key
   */
  async begin(denominations: readonly number[]): Promise<OpenWithdrawal> {
    const { begun } = await this.#begin(denominations);
    return begun[0]!;
  }

  /** Begins withdrawals for all of the coins, or for none. */
  async #begin(
    coins: readonly number[] | ((books: Books, month: number) => Promise<readonly number[]>),
  ): Promise<{ readonly coins: readonly number[]; readonly begun: readonly OpenWithdrawal[] }> {
    const { store, mints, now } = this.settings;
    const month = monthOf(now());
    const mintKeyId = signingMintKey(mints, month);
    return store.transaction(async (tx) => {
      const books = new Books(tx);
      const all = typeof coins === "function" ? await coins(books, month) : coins;
      const begun: OpenWithdrawal[] = [];
      for (let i = 0; i < all.length; i += LARGEST_WITHDRAWAL) {
        const some = all.slice(i, i + LARGEST_WITHDRAWAL);
        const record = await this.#prepare(books, mintKeyId, some);
        const id = await books.count("withdrawals");
        books.putWithdrawal(id, record);
        begun.push({ id, request: record.request });
      }
      return { coins: all, begun };
    });
  }

  /**
   * Takes the mint's answer: the coins are in the purse, to be spent from the next month on.
   * @throws ecash/bad-answer; the withdrawal stays open for a right answer
   */
  async complete(id: number, answer: Uint8Array): Promise<void> {
    const { store, wallet, now } = this.settings;
    await store.transaction(async (tx) => {
      const books = new Books(tx);
      const record = await openRecord(books, id);
      await putCoins(books, wallet.finish(record.state, answer), addPeriods(monthOf(now()), 1));
      books.deleteWithdrawal(id);
    });
  }

  /** The money of this withdrawal went back: its numbers go into the next one. */
  async abandon(id: number): Promise<void> {
    await this.settings.store.transaction(async (tx) => {
      const books = new Books(tx);
      await giveBack(books, (await openRecord(books, id)).coins);
      books.deleteWithdrawal(id);
    });
  }

  /** Withdrawals that were begun, and neither completed nor abandoned. */
  async open(): Promise<readonly OpenWithdrawal[]> {
    const all = await this.settings.store.transaction((tx) => new Books(tx).withdrawals());
    return all.map(({ number, record }) => ({ id: number, request: record.request }));
  }

  /**
   * Withdraws one coin for each denomination, in as many withdrawals as it takes: each ends by itself.
   * If the process dies before the end, {@link resume} finishes them.
   * @throws ecash/bad-answer, ecash/no-mint-key, and what `withdraw` throws, when all have ended
   */
  async withdraw(denominations: readonly number[], withdraw: Withdraw): Promise<void> {
    const { begun } = await this.#begin(denominations);
    await this.#finish(begun, withdraw);
  }

  /**
   * Withdraws what is due in this month: two baskets the first time, then one a month, without the
   * packs that the stock at the quarter's start makes needless. In the same month again: what came to
   * nothing, and whole packs for tokens that have no coin to come. Withdrawals under way are finished
   * first.
   * @param basket of the home's size class
   * @returns the coins that were begun now, one entry a coin
   * @throws as {@link withdraw}
   */
  async withdrawBasket(basket: Basket, withdraw: Withdraw): Promise<readonly number[]> {
    await this.resume(withdraw);
    const { coins, begun } = await this.#begin((books, month) => dueCoins(books, basket, month));
    await this.#finish(begun, withdraw);
    return coins;
  }

  /** Finishes the withdrawals that are open. Returns how many. @throws as {@link withdraw} */
  async resume(withdraw: Withdraw): Promise<number> {
    const open = await this.open();
    await this.#finish(open, withdraw);
    return open.length;
  }

  async #finish(open: readonly OpenWithdrawal[], withdraw: Withdraw): Promise<void> {
    const ends = await Promise.allSettled(open.map((one) => this.#finishOne(one, withdraw)));
    const failure = ends.find((end) => end.status === "rejected");
    if (failure !== undefined) throw failure.reason;
  }

  async #finishOne({ id, request }: OpenWithdrawal, withdraw: Withdraw): Promise<void> {
    let answer: Uint8Array;
    try {
      answer = await withdraw(request);
    } catch (error) {
      if (this.settings.cameToNothing?.(error) === true) await this.abandon(id);
      throw error;
    }
    await this.complete(id, answer);
  }

  /**
   * After a loss of the books, before anything is withdrawn: makes the coins of all withdrawals
   * again, oldest first. Which of them are spent need not be known: coin n pays for token n, as it
   * did before. One whose answer is wrong is under way again, and hinders no other.
   * @throws resident/not-empty if the books have coins or withdrawals; resident/foreign-withdrawal
   *   if one was not made from this secret
   */
  async restore(past: readonly PastWithdrawal[]): Promise<void> {
    const { store, wallet } = this.settings;
    await store.transaction(async (tx) => {
      const books = new Books(tx);
      if ((await books.coins()).length > 0 || (await books.withdrawals()).length > 0) {
        throw residentErrors.error("not-empty", "the books have coins or withdrawals already");
      }
      books.putRestored();
      const wrong = new Map<number, WithdrawalRecord>();
      for (const [i, one] of past.entries()) {
        let record = await this.#again(books, one);
        if (record === null && wrong.size > 0) {
          // They were given up before this one was begun: it has their numbers.
          await giveUp(books, wrong);
          record = await this.#again(books, one);
        }
        const id = await books.count("withdrawals");
        if (record === null) {
          throw residentErrors.error(
            "foreign-withdrawal",
            `withdrawal ${i} was not made from this secret, or not all before it are given`,
            { withdrawal: i },
          );
        }
        if (one.answer === null) {
          await giveBack(books, record.coins);
          continue;
        }
        const coins = finishOrNull(wallet, record, one.answer);
        if (coins === null) {
          // Under way again, so that a wrong answer can still be disputed.
          books.putWithdrawal(id, record);
          wrong.set(id, record);
        } else await putCoins(books, coins, addPeriods(monthOf(one.at), 1));
      }
      const [first] = past;
      const last = past.at(-1);
      if (first !== undefined && last !== undefined) {
        books.putBasketPlan({ ...firstPlan(monthOf(first.at)), month: monthOf(last.at) });
      }
    });
  }

  /** Coins that are free, by denomination. */
  async coins(): Promise<ReadonlyMap<number, number>> {
    const all = await this.settings.store.transaction((tx) => new Books(tx).coins());
    const counts = new Map<number, number>();
    for (const { denomination, record } of all) {
      if (record.state !== "free") continue;
      counts.set(denomination, (counts.get(denomination) ?? 0) + 1);
    }
    return counts;
  }

  /** Prepares a past withdrawal as it was; `null` if it was not made from this secret. */
  async #again(books: Books, past: PastWithdrawal): Promise<WithdrawalRecord | null> {
    for (const denominations of [past.denominations, ...(past.others ?? [])]) {
      const before = await Promise.all(denominations.map((d) => books.numbers(d)));
      const record = await this.#prepare(books, past.mintKeyId, denominations);
      if (past.matches(record.request)) return record;
      denominations.forEach((d, i) => books.putNumbers(d, before[i]!));
    }
    return null;
  }

  async #prepare(
    books: Books,
    mintKeyId: number,
    denominations: readonly number[],
  ): Promise<WithdrawalRecord> {
    const { wallet, secret } = this.settings;
    const coins: Required<CoinNumber>[] = [];
    for (const denomination of denominations) {
      const { next, returned } = await books.numbers(denomination);
      const [again, ...rest] = returned;
      coins.push({ denomination, ...(again ?? { number: next, attempt: 0 }) });
      books.putNumbers(denomination, {
        next: again === undefined ? next + 1 : next,
        returned: rest,
      });
    }
    return { ...wallet.prepare(mintKeyId, coins, secret), coins };
  }
}

async function openRecord(books: Books, id: number): Promise<WithdrawalRecord> {
  const record = await books.withdrawal(id);
  if (record !== null) return record;
  throw residentErrors.error("no-withdrawal", `withdrawal ${id} is not under way`, { id });
}

async function putCoins(
  books: Books,
  coins: ReturnType<ECashWallet["finish"]>,
  spendableFrom: number,
): Promise<void> {
  for (const coin of coins) {
    const { denomination, number } = coin;
    const hash = await books.tokenNumbered(denomination, number);
    const token = hash === null ? null : await books.token(hash);
    const free = freeCoin(coin, spendableFrom);
    // Its token was paid with a spare coin before this one came: now this one is spare.
    const isSpare = token?.spare !== undefined;
    books.putCoin(denomination, number, isSpare ? { ...free, state: "spare" } : free);
  }
  const first = await books.firstSpendable();
  if (first === null || spendableFrom < first) books.putFirstSpendable(spendableFrom);
}

/** `null`: a signature is not the mint's. */
function finishOrNull(
  wallet: ECashWallet,
  { state }: WithdrawalRecord,
  answer: Uint8Array,
): ReturnType<ECashWallet["finish"]> | null {
  try {
    return wallet.finish(state, answer);
  } catch (error) {
    if (isSipsterError(error, "ecash/bad-answer")) return null;
    throw error;
  }
}

async function giveUp(books: Books, open: Map<number, WithdrawalRecord>): Promise<void> {
  for (const [id, { coins }] of open) {
    await giveBack(books, coins);
    books.deleteWithdrawal(id);
  }
  open.clear();
}

async function giveBack(books: Books, coins: readonly Required<CoinNumber>[]): Promise<void> {
  for (const { denomination, number, attempt } of coins) {
    const { next, returned } = await books.numbers(denomination);
    const back = [...returned, { number, attempt: attempt + 1 }];
    books.putNumbers(denomination, {
      next,
      returned: back.sort((a, b) => a.number - b.number),
    });
  }
}
