/**
 * The resident's device between meter, counter and contract: takes tokens, pays each at its time with
 * the coin of its number, verifies the receipts, and combines them into a bill that can be settled.
 * It can die anywhere and lose its disk: what it does again is what it did before.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  epochOfPeriod,
  type FirstNumbers,
  type HexAddress,
  type NumberedToken,
} from "../sipster/index.js";
import type { Carrier } from "../exchange/index.js";
import { Agenda } from "./agenda.js";
import { Books, coinNumber, type EvidenceRecord, type Stage, type TokenRecord } from "./books.js";
import { monthOf, startOfNextMonth, windowOf } from "./calendar.js";
import { drawDummies, dueDummies, sendDummy } from "./dummies.js";
import { residentErrors } from "./errors.js";
import type { OrderBoard } from "./order-board.js";
import { emptyReport, Payer, type StepReport } from "./paying.js";
import { monthsPosted, readBoard } from "./posted-orders.js";
import { verifyReceipts, type Verification } from "./receipts.js";
import { Refresher } from "./refreshing.js";
import { drawPayment, type Accrued, type Draw } from "./schedule.js";
import { checkMaySettle, combineBill, settlingTime, type MeteredBill } from "./settling.js";
import { termsOf, type ResidentSettings } from "./settings.js";

/** How far the tokens of a period are. */
export type PeriodStatus = Readonly<Record<Stage, number>> & {
  readonly tokens: number;
  readonly units: bigint;
  readonly unitsPaid: bigint;
};

export class Resident {
  readonly #agenda = new Agenda();
  readonly #payer: Payer;
  readonly #refresher: Refresher;
  #isLoaded = false;

  constructor(private readonly settings: ResidentSettings) {
    this.#payer = new Payer(settings, this.#agenda);
    this.#refresher = new Refresher(settings, this.#agenda);
  }

  /**
   * Takes tokens of a period from the meter and draws the time of each one's payment; those known
   * already, and those of a period that was forgotten, are passed over.
   * @param meter that gave them: new ones are taken from the present one alone
   * @throws resident/wrong-key-epoch, number-taken, former-meter; then none of them is taken
   */
  async accept(period: number, tokens: Iterable<NumberedToken>, meter?: HexAddress): Promise<void> {
    await this.#load();
    const { suite, store, keys, now } = this.settings;
    const epoch = epochOfPeriod(keys, period).keyEpoch;
    const drawn = await store.transaction(async (tx) => {
      const books = new Books(tx);
      if ((await books.forgotten()).has(period)) return [];
      const present = await presentMeter(books, meter);
      const firstSpendable = (await books.firstSpendable()) ?? monthOf(now());
      const draw = await this.#drawer(books, period);
      const taken: [string, number][] = [];
      const next = new Map<number, number>();
      for (const { token, number } of tokens) {
        const hash = bytesToHex(suite.hash(token));
        if (token.keyEpoch !== epoch) throw wrongEpoch(token.keyEpoch, epoch, period);
        const { denomination } = token;
        const holder = await books.tokenNumbered(denomination, number);
        if (holder === hash) continue;
        if (meter !== present) throw formerMeter(meter!, present!);
        if (holder !== null) throw numberTaken(denomination, number);
        const drawn = draw({ period, at: now(), firstSpendable });
        const encoded = suite.encode(token);
        const by = meter === undefined ? {} : { meter };
        const numbers = { denomination, number, period, ...by };
        const record = { token: encoded, ...numbers, stage: "waiting", ...drawn };
        books.putToken(hash, record as TokenRecord);
        next.set(denomination, Math.max(next.get(denomination) ?? 0, number + 1));
        taken.push([hash, drawn.due]);
      }
      for (const [denomination, number] of next) await books.raiseNextToken(denomination, number);
      return taken;
    });
    for (const [hash, due] of drawn) this.#agenda.set(`token/${hash}`, due);
  }

  /** When there is something to do next; `null` if nothing is planned. */
  async nextDue(): Promise<number | null> {
    await this.#load();
    return this.#agenda.next();
  }

  /** How many tokens wait for their time or for an answer. */
  async pending(): Promise<number> {
    await this.#load();
    return this.#agenda.count("token/");
  }

  /**
   * Does everything that is due by now: pays tokens, refreshes coins, sends dummies, posts orders
   * that were not answered. Requests of one step leave together, in random order.
   * @throws what the store throws; what the carrier throws counts as no answer
   */
  async step(carrier: Carrier, board: OrderBoard | null = null): Promise<StepReport> {
    await this.#load();
    const { store, now, system } = this.settings;
    const report = emptyReport();
    const time = now();
    const { requests, answerKey } = termsOf(this.settings, monthOf(time));
    const tokens = this.#agenda.dueAt(time, "token/");
    const dummies = await this.#monthly(time);
    if (tokens.length > 0) await this.#payer.pay({ hashes: tokens, carrier, board, report });
    const coins = this.#agenda.dueAt(time, "refresh/");
    if (coins.length > 0) await this.#refresher.refresh(coins, carrier);
    const counter = { systemId: system.systemId, answerKey };
    await Promise.all(Array.from({ length: dummies }, () => sendDummy(carrier, counter)));
    if (requests > 0)
      await store.transaction(async (tx) =>
        drawDummies({ books: new Books(tx), agenda: this.#agenda, requests, now: time }),
      );
    return report;
  }

  /** Takes receipts of this wallet's posted orders that the board has. @returns how many */
  async takePosted(board: OrderBoard): Promise<number> {
    await this.#load();
    let count = 0;
    for (const month of await monthsPosted(this.settings)) {
      const { taken } = await readBoard(this.settings, board, month);
      for (const hash of taken) this.#agenda.set(`token/${hash}`, null);
      count += taken.length;
    }
    return count;
  }

  /** Verifies the receipts that came, all together. Bad ones are asked for again. */
  async verify(): Promise<Verification> {
    await this.#load();
    return verifyReceipts(this.settings, this.#agenda, this.#payer);
  }

  /**
   * The bill file of a period, from verified receipts of all its tokens.
   * @throws resident/unpaid-tokens, wrong-meter, bill-mismatch
   */
  combine(metered: MeteredBill): Promise<string> {
    return combineBill(this.settings, metered);
  }

  /** When the bill of a period is settled. */
  settlingTime(period: number): Promise<number> {
    return settlingTime(this.settings, period);
  }

  /** @throws resident/not-yet, orders-unanswered */
  checkMaySettle(period: number, board: OrderBoard | null): Promise<void> {
    return checkMaySettle(this.settings, period, board);
  }

  /** How far the tokens of a period are. */
  async status(period: number): Promise<PeriodStatus> {
    const all = await this.settings.store.transaction((tx) => new Books(tx).tokens());
    const counts = { waiting: 0, sent: 0, posted: 0, receipted: 0, verified: 0, blocked: 0 };
    let [tokens, units, unitsPaid] = [0, 0n, 0n];
    for (const { record } of all) {
      if (record.period !== period) continue;
      tokens++;
      counts[record.stage]++;
      units += BigInt(record.denomination);
      if (record.stage === "verified") unitsPaid += BigInt(record.denomination);
    }
    return { ...counts, tokens, units, unitsPaid };
  }

  /**
   * From now on this is the home's meter: of one that it took the place of no new token is taken, which would
   * have the number, and so the coin, of a token of this one.
   */
  async pairedWith(meter: HexAddress): Promise<void> {
    await this.settings.store.transaction(async (tx) => {
      new Books(tx).putMeter(meter);
    });
  }

  /** How many tokens of a period the books have from a meter. */
  async taken(period: number, meter: HexAddress): Promise<number> {
    const all = await this.settings.store.transaction((tx) => new Books(tx).tokens());
    return all.filter(({ record }) => record.period === period && record.meter === meter).length;
  }

  /**
   * The numbers with which the tokens of the next meter begin, when this one is exchanged: after those of
   * all tokens that the books ever had. In books that were made again from the secret alone also after
   * those of all coins: which of them were shown is not known there.
   */
  nextNumbers(denominations: readonly number[]): Promise<FirstNumbers> {
    return this.settings.store.transaction(async (tx) => {
      const books = new Books(tx);
      const isRestored = await books.isRestored();
      const next = new Map<number, number>();
      for (const denomination of denominations) {
        const coins = isRestored ? (await books.numbers(denomination)).next : 0;
        next.set(denomination, Math.max(coins, await books.nextToken(denomination)));
      }
      return next;
    });
  }

  /** Signed answers of the counter that are false. */
  evidence(): Promise<readonly EvidenceRecord[]> {
    return this.settings.store.transaction((tx) => new Books(tx).evidence());
  }

  /**
   * After settlement is final: erases the period's tokens, receipts and spent coins. Anyone who finds the
   * device learns less.
   */
  async forget(period: number): Promise<void> {
    await this.#load();
    await this.settings.store.transaction(async (tx) => {
      const books = new Books(tx);
      for (const { hash, record } of await books.tokens()) {
        if (record.period !== period) continue;
        books.deleteToken(hash, record);
        const number = coinNumber(record);
        const coin = await books.coin(record.denomination, number);
        if (coin?.state === "spent") books.deleteCoin(record.denomination, number);
        this.#agenda.set(`token/${hash}`, null);
      }
      books.deleteBill(period);
      books.putForgotten(period);
    });
  }

  /** Periods that were forgotten. */
  forgotten(): Promise<ReadonlySet<number>> {
    return this.settings.store.transaction((tx) => new Books(tx).forgotten());
  }

  /** Draws each token's time; at once, one time for all tokens of the period. */
  async #drawer(books: Books, period: number): Promise<(token: Accrued) => Draw> {
    const terms = termsOf(this.settings, period);
    if (terms.policy.kind !== "at-once") return (t) => drawPayment(terms, t);
    const first = (await books.tokens()).find(({ record }) => record.period === period);
    let together: Draw | undefined = first?.record;
    return (token) => {
      together ??= drawPayment(terms, token);
      return { due: together.due, month: together.month };
    };
  }

  /** What begins with a month, and how many dummies are due. */
  async #monthly(time: number): Promise<number> {
    const month = monthOf(time);
    const { timetable } = termsOf(this.settings, month);
    if (this.#agenda.dueAt(time, "month").length > 0) {
      this.#agenda.set("month", startOfNextMonth(time));
      if (time < windowOf(month, timetable.refreshing).to) await this.#refresher.plan();
    }
    const due = this.#agenda.dueAt(time, "dummies/");
    // What was not sent in its month is not sent.
    for (const past of due) {
      if (Number(past) !== month) this.#agenda.set(`dummies/${past}`, null);
    }
    if (due.length === 0) return 0;
    const { store } = this.settings;
    return store.transaction(async (tx) => dueDummies(new Books(tx), this.#agenda, time));
  }

  async #load(): Promise<void> {
    if (this.#isLoaded) return;
    const { store, now } = this.settings;
    await store.transaction(async (tx) => {
      const books = new Books(tx);
      for (const { hash, record } of await books.tokens()) {
        const open = ["waiting", "sent", "posted"].includes(record.stage);
        if (open) this.#agenda.set(`token/${hash}`, record.due);
      }
      for (const { denomination, number, record } of await books.coins()) {
        const due = record.state === "refresh" ? 0 : record.refreshAt;
        if (due !== undefined) this.#agenda.set(`refresh/${denomination}/${number}`, due);
      }
      const month = monthOf(now());
      const dummies = await books.dummies(month);
      if (dummies !== null && dummies.length > 0) {
        this.#agenda.set(`dummies/${month}`, Math.min(...dummies));
      }
    });
    this.#agenda.set("month", now());
    this.#isLoaded = true;
  }
}

/** The meter from which new tokens are taken: the first that gave any, if none was named. */
async function presentMeter(
  books: Books,
  giver: HexAddress | undefined,
): Promise<HexAddress | undefined> {
  if (giver === undefined) return undefined;
  const present = await books.meter();
  if (present === null) books.putMeter(giver);
  return present ?? giver;
}

function wrongEpoch(keyEpoch: number, expected: number, period: number) {
  return residentErrors.error(
    "wrong-key-epoch",
    `a token of period ${period} is of key epoch ${keyEpoch}, and the chain names ${expected}`,
    { keyEpoch, expected, period },
  );
}

function numberTaken(denomination: number, number: number) {
  return residentErrors.error(
    "number-taken",
    `another token of ${denomination} units has the number ${number} already`,
    { denomination, number },
  );
}

function formerMeter(meter: HexAddress, present: HexAddress) {
  return residentErrors.error(
    "former-meter",
    `the meter ${meter}, whose place ${present} has taken, gave a new token`,
    { meter, present },
  );
}
