/**
 * Paying what is due: each token by the coin of its number, in a request of its own. Token and coin
 * are written down before the request leaves, so that a crash at any point repeats the same pair and
 * nothing else.
 */
import { shuffled } from "../algebra/index.js";
import { payingMintKey, refreshMemo, sameMemo, type Memo } from "../ecash/index.js";
import {
  ask,
  encodeRequest,
  expiryOf,
  requestContent,
  type Carrier,
  type Request,
  type SignedAnswer,
} from "../exchange/index.js";
import type { Agenda } from "./agenda.js";
import { Books, coinNumber, type CoinRecord, type TokenRecord } from "./books.js";
import { DAY, monthOf, startOfDay } from "./calendar.js";
import { takeDummy } from "./dummies.js";
import { freshCoin } from "./fresh-coin.js";
import { judgeAnswer, type Judgement } from "./judge-answer.js";
import type { OrderBoard } from "./order-board.js";
import { drawNextWindow, drawRetry, type Draw } from "./schedule.js";
import { payeesOf, termsOf, type ResidentSettings } from "./settings.js";
import { SpareCoins } from "./spare-coins.js";

/** A time that is so long past was missed, in seconds, where the settings say nothing else. */
const GRACE = 3_600;

/** What came of one step. Counts of tokens. */
export interface StepReport {
  sent: number;
  /** Receipts that came; they are verified later, together. */
  receipts: number;
  /** Sent, and no answer, or one that is not signed by the counter. */
  unanswered: number;
  /** Refused by the counter, or answered by what it could not prove: sent again later as they are. */
  refused: number;
  /** Signed answers that are false: kept as evidence. */
  lies: number;
  /** Whose coin is missing or may not be shown yet: drawn again in the next window. */
  noCoin: number;
  /** Whose time passed while the wallet was off: drawn again in the next window. */
  missed: number;
  /** Posted on the board. */
  posted: number;
  /** Whose coin was used for another token. */
  blocked: number;
}

export function emptyReport(): StepReport {
  const zero = { sent: 0, receipts: 0, unanswered: 0, refused: 0, lies: 0 };
  return { ...zero, noCoin: 0, missed: 0, posted: 0, blocked: 0 };
}

/** An order that is about to leave. */
interface Departure {
  readonly hash: string;
  readonly record: TokenRecord;
  readonly coin: CoinRecord;
  readonly request: Request & { readonly kind: "buy" };
}

interface Arrival extends Departure {
  readonly judgement: Judgement | null;
  readonly signed: SignedAnswer | null;
}

export class Payer {
  constructor(
    private readonly settings: ResidentSettings,
    private readonly agenda: Agenda,
  ) {}

  /** Sends the orders of these tokens, which are due, all at once and in random order. */
  async pay({
    hashes,
    carrier,
    board,
    report,
  }: {
    readonly hashes: readonly string[];
    readonly carrier: Carrier;
    readonly board: OrderBoard | null;
    readonly report: StepReport;
  }): Promise<void> {
    const leaving = await this.#depart(hashes, report);
    const toPost = board === null ? [] : leaving.filter(({ record }) => this.#isForBoard(record));
    for (const departure of toPost) await this.#post(departure, board!, report);
    const toSend = shuffled(leaving.filter((departure) => !toPost.includes(departure)));
    const arrivals = await Promise.all(toSend.map((departure) => this.#send(departure, carrier)));
    await this.#arrive(arrivals, report);
  }

  /** The request for a token's receipt, the same bytes for the same coin and month. */
  order(record: TokenRecord, coin: CoinRecord, sentAt: number): Request & { kind: "buy" } {
    const { suite, wallet } = this.settings;
    const { payee } = termsOf(this.settings, record.period);
    const token = suite.decode(record.token);
    const memo: Memo = { tokenHash: suite.hash(token), payee, keyEpoch: token.keyEpoch };
    const payment = wallet.pay(coin.secret, memo, expiryOf(sentAt));
    return { kind: "buy", order: { token: record.token, payment } };
  }

  /** Chooses what leaves, and writes coin and token down. */
  #depart(hashes: readonly string[], report: StepReport): Promise<Departure[]> {
    const now = this.settings.now();
    const { grace = GRACE } = this.settings;
    const { requests } = termsOf(this.settings, monthOf(now));
    return this.settings.store.transaction(async (tx) => {
      const books = new Books(tx);
      const spares = new SpareCoins(books);
      const leaving: Departure[] = [];
      for (const hash of hashes) {
        const record = await books.token(hash);
        if (record === null || !isOpen(record)) {
          this.agenda.set(`token/${hash}`, null);
          continue;
        }
        const terms = termsOf(this.settings, record.period);
        if (record.stage === "waiting" && now - record.due > grace) {
          report.missed++;
          this.#put({ books, hash, record, draw: drawNextWindow(terms, record.month, now) });
          continue;
        }
        const paid = await this.#coinFor({ books, spares, record, now });
        if (paid === null) {
          report.noCoin++;
          this.#put({ books, hash, record, draw: drawNextWindow(terms, record.month, now) });
          continue;
        }
        if (
          !this.#isForBoard(record) &&
          !(await takeDummy({ books, agenda: this.agenda, requests, now }))
        ) {
          this.#put({ books, hash, record, draw: drawNextWindow(terms, record.month, now) });
          continue;
        }
        const { coin, number } = paid;
        const spare = number === record.number ? {} : { spare: number };
        const sent: TokenRecord = { ...record, ...spare, stage: "sent", sentAt: now };
        // Until the answer is written down: if the wallet dies before, the order is sent again.
        this.#put({ books, hash, record: sent, draw: drawRetry(terms, record.month, now) });
        const shown: CoinRecord = { ...coin, state: "shown" };
        if (coin.state !== "shown") books.putCoin(record.denomination, number, shown);
        leaving.push({ hash, record: sent, coin: shown, request: this.order(sent, shown, now) });
      }
      return leaving;
    });
  }

  /** The coin of the token's number; a spare one where that was never withdrawn. */
  async #coinFor({
    books,
    spares,
    record,
    now,
  }: {
    readonly books: Books;
    readonly spares: SpareCoins;
    readonly record: TokenRecord;
    readonly now: number;
  }): Promise<{ readonly coin: CoinRecord; readonly number: number } | null> {
    const number = coinNumber(record);
    const coin = await books.coin(record.denomination, number);
    if (coin !== null) return this.#maySpend(coin, now) ? { coin, number } : null;
    if (record.stage !== "waiting") return null;
    return spares.take(record.denomination, (each) => this.#isPaying(each, now));
  }

  async #send(departure: Departure, carrier: Carrier): Promise<Arrival> {
    const { system } = this.settings;
    const { request, record } = departure;
    const { answerKey } = termsOf(this.settings, monthOf(record.sentAt!));
    let signed: SignedAnswer;
    try {
      signed = await ask(carrier, { systemId: system.systemId, answerKey }, request);
    } catch {
      // The channel failed, or the answer is nobody's: the order stays as it is.
      return { ...departure, judgement: null, signed: null };
    }
    const judgement = judgeAnswer(this.settings, request.order, signed.answer);
    return { ...departure, judgement, signed };
  }

  #arrive(arrivals: readonly Arrival[], report: StepReport): Promise<void> {
    return this.settings.store.transaction(async (tx) => {
      const books = new Books(tx);
      for (const arrival of arrivals) {
        report.sent++;
        await this.#write(books, arrival, report);
      }
    });
  }

  async #write(books: Books, arrival: Arrival, report: StepReport): Promise<void> {
    const { hash, record, coin, judgement, signed, request } = arrival;
    const { denomination } = record;
    const number = coinNumber(record);
    switch (judgement?.kind) {
      case "receipt": {
        report.receipts++;
        const state = judgement.coinFree ? "refresh" : "spent";
        books.putCoin(denomination, number, { ...coin, state });
        if (judgement.coinFree) this.agenda.set(`refresh/${denomination}/${number}`, 0);
        const { receipt } = judgement;
        books.putToken(hash, { ...record, stage: "receipted", receipt, answer: signed!.bytes });
        this.agenda.set(`token/${hash}`, null);
        return;
      }
      case "coin-spent":
        if (this.#isOwnRefresh(coin, judgement.earlier)) {
          // An earlier life of this wallet has changed the coin: ask for the same fresh one again.
          books.putCoin(denomination, number, { ...coin, state: "free", refreshAt: 0 });
          this.agenda.set(`refresh/${denomination}/${number}`, 0);
          return;
        }
        report.blocked++;
        books.putToken(hash, { ...record, stage: "blocked" });
        this.agenda.set(`token/${hash}`, null);
        return;
      case "lie":
      case "refreshed":
        report.lies++;
        await books.addEvidence({
          why: judgement.kind === "lie" ? judgement.why : "it answers an order with a fresh coin",
          request: encodeRequest(request),
          answer: signed!.bytes,
          at: record.sentAt!,
        });
        return;
      case "refused": {
        report.refused++;
        const paying = payingMintKey(this.settings.mints, monthOf(this.settings.now()));
        if (judgement.code === "ecash/no-mint-key" && coin.mintKeyId !== paying) {
          // Its month ended before the coin was taken: it is changed, and the fresh one pays.
          books.putCoin(denomination, number, { ...coin, state: "free", refreshAt: 0 });
          this.agenda.set(`refresh/${denomination}/${number}`, 0);
        }
        return;
      }
      case undefined:
        report.unanswered++;
    }
  }

  /** Was this coin changed for a fresh one that derives from the same secret? */
  #isOwnRefresh(coin: CoinRecord, earlier: Uint8Array): boolean {
    const { wallet, mints, system } = this.settings;
    const memo = wallet.memo(earlier);
    return mints.some(({ mintKeyId }) => {
      const fresh = freshCoin(this.settings, coin, mintKeyId);
      return payeesOf(this.settings).some(
        (p) => fresh !== null && sameMemo(memo, refreshMemo(system, fresh.message, p)),
      );
    });
  }

  async #post(
    { hash, record, request }: Departure,
    board: OrderBoard,
    report: StepReport,
  ): Promise<void> {
    const { store } = this.settings;
    try {
      await board.post(requestContent(request));
    } catch {
      // It stays sent, and is posted when its time comes again.
      report.unanswered++;
      return;
    }
    report.posted++;
    await store.transaction(async (tx) => {
      const posted: TokenRecord = { ...record, stage: "posted" };
      // If the board brings no answer until then, it is sent again. Its bill waits for the board.
      const { due } = drawNextWindow(
        termsOf(this.settings, record.period),
        record.month,
        record.due,
      );
      this.#put({ books: new Books(tx), hash, record: posted, draw: { due, month: record.month } });
    });
  }

  /** Sent before, and the day of posting of its month has come. */
  #isForBoard({ stage, month, sentAt, period }: TokenRecord): boolean {
    const { now } = this.settings;
    const { timetable } = termsOf(this.settings, period);
    const posting = startOfDay(month, timetable.posting);
    if (stage !== "sent" || sentAt === undefined) return false;
    return now() >= posting && now() < posting + DAY;
  }

  #maySpend(coin: CoinRecord, now: number): boolean {
    // Shown or spent, it was with this token: the same pair again.
    if (coin.state === "shown" || coin.state === "spent") return true;
    return coin.state === "free" && this.#isPaying(coin, now);
  }

  #isPaying({ spendableFrom, mintKeyId }: CoinRecord, now: number): boolean {
    const month = monthOf(now);
    return spendableFrom <= month && payingMintKey(this.settings.mints, month) === mintKeyId;
  }

  #put({
    books,
    hash,
    record,
    draw,
  }: {
    readonly books: Books;
    readonly hash: string;
    readonly record: TokenRecord;
    readonly draw: Draw;
  }): void {
    books.putToken(hash, { ...record, ...draw });
    this.agenda.set(`token/${hash}`, draw.due);
  }
}

function isOpen({ stage }: TokenRecord): boolean {
  return stage === "waiting" || stage === "sent" || stage === "posted";
}
