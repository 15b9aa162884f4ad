/**
 * Changing coins for fresh ones: a coin whose token was paid with another coin, and coins of a mint
 * key that has ended. The fresh coin keeps the number and derives from the secret and the old coin, so
 * asking again, after a crash or a loss of the books, asks for the same one.
 */
import { shuffled } from "../algebra/index.js";
import {
  refreshableMintKeys,
  refreshMemo,
  sameMemo,
  signingMintKey,
  type Basket,
} from "../ecash/index.js";
import {
  ask,
  encodeRequest,
  expiryOf,
  type Carrier,
  type Request,
  type SignedAnswer,
} from "../exchange/index.js";
import type { Address } from "../algebra/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import type { Agenda } from "./agenda.js";
import { Books, freeCoin, type CoinRecord } from "./books.js";
import { monthOf, windowOf, type Window } from "./calendar.js";
import { putDummies, takeDummy } from "./dummies.js";
import { freshCoin } from "./fresh-coin.js";
import { uniform } from "./schedule.js";
import { payeesOf, termsOf, type ResidentSettings } from "./settings.js";

/** When a refresh that came to nothing is asked for again: in seconds. */
const RETRY = 3_600;

interface DueCoin {
  readonly denomination: number;
  readonly number: number;
  readonly record: CoinRecord;
}

/** What a fresh coin is signed with, and to whom the old one is paid. */
interface Target {
  readonly mintKeyId: number;
  readonly payee: Address;
}

export class Refresher {
  constructor(
    private readonly settings: ResidentSettings,
    private readonly agenda: Agenda,
  ) {}

  /**
   * Draws a time in this month's refreshing days for each free coin of a mint key that will not pay
   * next month; in the first month of a mint key also for the dummies that make whole baskets of them.
   * Called once a month; again, it changes nothing.
   */
  async plan(): Promise<void> {
    const { store, mints, now } = this.settings;
    const month = monthOf(now());
    const { timetable, basket, requests } = termsOf(this.settings, month);
    const window = windowOf(month, timetable.refreshing);
    const [target, old] = [signingMintKey(mints, month), refreshableMintKeys(mints, month)];
    const from = Math.max(window.from, now());
    if (from >= window.to) return;
    const begins = mints.some(({ firstPeriod }) => firstPeriod === month);
    await store.transaction(async (tx) => {
      const books = new Books(tx);
      const planned = new Map<number, number>();
      for (const { denomination, number, record } of await books.coins()) {
        const ends = record.mintKeyId !== target && old.includes(record.mintKeyId);
        const kept = record.state === "free" || record.state === "spare";
        if (!ends || !kept || record.refreshAt !== undefined) continue;
        if (freshCoin(this.settings, record, target) === null) continue;
        const refreshAt = uniform({ from, to: window.to });
        books.putCoin(denomination, number, { ...record, refreshAt });
        this.agenda.set(`refresh/${denomination}/${number}`, refreshAt);
        planned.set(denomination, (planned.get(denomination) ?? 0) + 1);
      }
      // With a fixed number of requests each month, refreshes take the place of its dummies.
      if (begins && basket !== undefined && requests === 0) {
        await this.#fillBaskets(books, month, { planned, basket, window: { from, to: window.to } });
      }
    });
  }

  /** Anyone who carries the requests counts them: they see whole baskets, and one at the least. */
  async #fillBaskets(
    books: Books,
    month: number,
    of: {
      readonly planned: ReadonlyMap<number, number>;
      readonly basket: Basket;
      readonly window: Window;
    },
  ): Promise<void> {
    if ((await books.dummies(month)) !== null) return;
    const { planned, basket, window } = of;
    const packs = [...planned].map(([d, count]) => Math.ceil(count / (basket.get(d) ?? count)));
    const coins = [...basket.values()].reduce((sum, count) => sum + count, 0);
    const whole = Math.max(1, ...packs) * coins;
    const sent = [...planned.values()].reduce((sum, count) => sum + count, 0);
    const times = Array.from({ length: Math.max(0, whole - sent) }, () => uniform(window));
    putDummies({ books, agenda: this.agenda, month, times });
  }

  /** Refreshes these coins (`denomination/number`), which are due. Returns how many are fresh. */
  async refresh(keys: readonly string[], carrier: Carrier): Promise<number> {
    const due = shuffled(await this.#due(keys));
    const fresh = await Promise.all(due.map((coin) => this.#one(coin, carrier)));
    return fresh.filter((done) => done).length;
  }

  #due(keys: readonly string[]): Promise<DueCoin[]> {
    const { store, now, mints } = this.settings;
    const month = monthOf(now());
    const { requests } = termsOf(this.settings, month);
    const target = signingMintKey(mints, month);
    return store.transaction(async (tx) => {
      const books = new Books(tx);
      const due: DueCoin[] = [];
      for (const key of keys) {
        const [denomination, number] = key.split("/").map(Number) as [number, number];
        const record = await books.coin(denomination, number);
        const wanted = record?.state === "refresh" || record?.refreshAt !== undefined;
        const isOver = record?.state === "spent" || record?.state === "shown";
        if (
          record === null ||
          !wanted ||
          isOver ||
          freshCoin(this.settings, record, target) === null
        ) {
          this.agenda.set(`refresh/${key}`, null);
        } else if (await takeDummy({ books, agenda: this.agenda, requests, now: now() })) {
          due.push({ denomination, number, record });
        }
        // In case the wallet dies, or the counter does not answer.
        if (this.agenda.has(`refresh/${key}`)) this.agenda.set(`refresh/${key}`, now() + RETRY);
      }
      return due;
    });
  }

  async #one(coin: DueCoin, carrier: Carrier): Promise<boolean> {
    const { mints, now } = this.settings;
    const month = monthOf(now());
    const { payee } = termsOf(this.settings, month);
    const target = { mintKeyId: signingMintKey(mints, month), payee };
    const spentBy = await this.#ask(coin, target, carrier);
    if (!(spentBy instanceof Uint8Array)) return spentBy;
    // Asked for in another month, under another mint key or payee, and the answer never came?
    const before = this.#ownRefresh(coin.record, spentBy);
    if (before !== null) return (await this.#ask(coin, before, carrier)) === true;
    // Used for its token after all, by another copy of this wallet.
    const { denomination, number, record } = coin;
    await this.#write(denomination, number, { ...record, state: "spent" });
    return false;
  }

  /** Which refresh of this wallet's was paid for with this payment; `null` if none. */
  #ownRefresh(record: CoinRecord, payment: Uint8Array): Target | null {
    const { wallet, mints, system } = this.settings;
    const memo = wallet.memo(payment);
    const targets = mints.flatMap(({ mintKeyId }) =>
      payeesOf(this.settings).map((payee) => ({ mintKeyId, payee })),
    );
    const isIt = ({ mintKeyId, payee }: Target): boolean => {
      const fresh = freshCoin(this.settings, record, mintKeyId);
      return fresh !== null && sameMemo(memo, refreshMemo(system, fresh.message, payee));
    };
    return targets.find(isIt) ?? null;
  }

  /** Asks for the fresh coin: is it there, or with which earlier payment was the old one spent? */
  async #ask(
    { denomination, number, record }: DueCoin,
    { mintKeyId, payee }: Target,
    carrier: Carrier,
  ): Promise<boolean | Uint8Array> {
    const { wallet, system, now } = this.settings;
    const { answerKey } = termsOf(this.settings, monthOf(now()));
    const asked = freshCoin(this.settings, record, mintKeyId);
    if (asked === null) return false;
    const { state, message } = asked;
    const memo = refreshMemo(system, message, payee);
    const payment = wallet.pay(record.secret, memo, expiryOf(now()));
    const request: Request = { kind: "refresh", message, payment };
    const counter = { systemId: system.systemId, answerKey };
    const signed = await ask(carrier, counter, request).catch(() => null);
    if (signed === null || signed.answer.kind === "refused") return false;
    const { answer } = signed;
    const lie = (why: string): Promise<boolean> => this.#keepEvidence(why, request, signed);
    if (answer.kind === "coin-spent" && wallet.provesDoubleSpend(answer.proof, payment)) {
      return answer.proof;
    }
    if (answer.kind !== "refreshed") return lie(`it answers a refresh with "${answer.kind}"`);
    try {
      const [fresh] = wallet.finish(state, answer.signature);
      const from = Math.max(record.spendableFrom, monthOf(now()));
      const free = freeCoin(fresh!, from);
      const stays = record.state === "refresh" || record.state === "spare";
      await this.#write(denomination, number, stays ? { ...free, state: "spare" } : free);
      return true;
    } catch (error) {
      if (!isSipsterError(error, "ecash/bad-answer")) throw error;
      return lie("its signature of the fresh coin is not under the mint's key");
    }
  }

  #keepEvidence(why: string, request: Request, { bytes }: SignedAnswer): Promise<boolean> {
    const { store, now } = this.settings;
    return store.transaction(async (tx) => {
      const evidence = { why, request: encodeRequest(request), answer: bytes, at: now() };
      await new Books(tx).addEvidence(evidence);
      return false;
    });
  }

  async #write(denomination: number, number: number, record: CoinRecord): Promise<void> {
    const kept: CoinRecord & { refreshAt?: number } = { ...record };
    delete kept.refreshAt;
    await this.settings.store.transaction(async (tx) =>
      new Books(tx).putCoin(denomination, number, kept),
    );
    this.agenda.set(`refresh/${denomination}/${number}`, null);
  }
}
