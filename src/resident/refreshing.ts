/**
 * Changing coins for fresh ones: a coin whose token was paid with another coin, and coins of a mint
 * key that has ended. The fresh coin keeps the number and derives from the secret and the old coin, so
 * asking again, after a crash or a loss of the books, asks for the same one.
 */
import { shuffled } from "../algebra/index.js";
import { refreshableMintKeys, refreshMemo, signingMintKey } from "../ecash/index.js";
import { ask, encodeRequest, type Carrier, type Request } from "../exchange/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import type { Agenda } from "./agenda.js";
import { Books, freeCoin, type CoinRecord } from "./books.js";
import { expiryOf, monthOf, windowOf } from "./calendar.js";
import { takeDummy } from "./dummies.js";
import { uniform } from "./schedule.js";
import type { ResidentSettings } from "./settings.js";

/** When a refresh that came to nothing is asked for again: in seconds. */
const RETRY = 3_600;

interface DueCoin {
  readonly denomination: number;
  readonly number: number;
  readonly record: CoinRecord;
}

export class Refresher {
  constructor(
    private readonly settings: ResidentSettings,
    private readonly agenda: Agenda,
  ) {}

  /**
   * Draws a time in this month's refreshing days for each free coin of a mint key that will not pay
   * next month. Called once a month; again, it changes nothing.
   */
  async plan(): Promise<void> {
    const { store, mints, now, timetable } = this.settings;
    const month = monthOf(now());
    const window = windowOf(month, timetable.refreshing);
    const [target, old] = [signingMintKey(mints, month), refreshableMintKeys(mints, month)];
    const from = Math.max(window.from, now());
    if (from >= window.to) return;
    await store.transaction(async (tx) => {
      const books = new Books(tx);
      for (const { denomination, number, record } of await books.coins()) {
        const ends = record.mintKeyId !== target && old.includes(record.mintKeyId);
        const kept = record.state === "free" || record.state === "spare";
        if (!ends || !kept || record.refreshAt !== undefined) continue;
        const refreshAt = uniform({ from, to: window.to });
        books.putCoin(denomination, number, { ...record, refreshAt });
        this.agenda.set(`refresh/${denomination}/${number}`, refreshAt);
      }
    });
  }

  /** Refreshes these coins (`denomination/number`), which are due. Returns how many are fresh. */
  async refresh(keys: readonly string[], carrier: Carrier): Promise<number> {
    const due = shuffled(await this.#due(keys));
    const fresh = await Promise.all(due.map((coin) => this.#one(coin, carrier)));
    return fresh.filter((done) => done).length;
  }

  #due(keys: readonly string[]): Promise<DueCoin[]> {
    const { store, requests, now } = this.settings;
    return store.transaction(async (tx) => {
      const books = new Books(tx);
      const due: DueCoin[] = [];
      for (const key of keys) {
        const [denomination, number] = key.split("/").map(Number) as [number, number];
        const record = await books.coin(denomination, number);
        const wanted = record?.state === "refresh" || record?.refreshAt !== undefined;
        if (record === null || !wanted || record.state === "spent" || record.state === "shown") {
          this.agenda.set(`refresh/${key}`, null);
        } else if (await takeDummy(books, this.agenda, requests, now())) {
          due.push({ denomination, number, record });
        }
        // In case the wallet dies, or the counter does not answer.
        if (this.agenda.has(`refresh/${key}`)) this.agenda.set(`refresh/${key}`, now() + RETRY);
      }
      return due;
    });
  }

  async #one({ denomination, number, record }: DueCoin, carrier: Carrier): Promise<boolean> {
    const { wallet, store, mints, secret, system, payee, answerKey, now } = this.settings;
    const target = signingMintKey(mints, monthOf(now()));
    const { state, message } = wallet.prepareRefresh(target, record.secret, secret);
    const memo = refreshMemo(system, message, payee);
    const payment = wallet.pay(record.secret, memo, expiryOf(now()));
    const request: Request = { kind: "refresh", message, payment };
    const counter = { systemId: system.systemId, answerKey };
    const signed = await ask(carrier, counter, request).catch(() => null);
    if (signed === null || signed.answer.kind === "refused") return false;
    const { answer, bytes } = signed;
    const lie = (why: string): Promise<boolean> =>
      store.transaction(async (tx) => {
        const evidence = { why, request: encodeRequest(request), answer: bytes, at: now() };
        await new Books(tx).addEvidence(evidence);
        return false;
      });
    if (answer.kind === "coin-spent" && wallet.provesDoubleSpend(answer.proof, payment)) {
      // Used for its token after all, by another copy of this wallet.
      await this.#write(denomination, number, { ...record, state: "spent" });
      return false;
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

  async #write(denomination: number, number: number, record: CoinRecord): Promise<void> {
    const kept: CoinRecord & { refreshAt?: number } = { ...record };
    delete kept.refreshAt;
    await this.settings.store.transaction(async (tx) =>
      new Books(tx).putCoin(denomination, number, kept),
    );
    this.agenda.set(`refresh/${denomination}/${number}`, null);
  }
}
