/**
 * The control centre: admits genuine reports of the open interval into L_OCD, gives a receipt for
 * them, and closes the interval with a signed statement that carries the terms of the interval two later. A
 * report is admitted once it is in the store, and the receipt is given after that; a statement is signed once
 * it is in the store. So a crash at any moment loses nothing that others hold, and signs nothing twice.
 */
import { equalBytes } from "../algebra/index.js";
import type { Store } from "../store/index.js";
import type { Admission } from "./admission.js";
import type { CurveWork } from "./curve-work.js";
import type { EnrolmentList } from "./enrolment.js";
import { ledgerErrors } from "./errors.js";
import type { IntervalNumber } from "./one-time-key.js";
import { OpenInterval } from "./open-interval.js";
import { PageBook, type IntervalTerms } from "./page-book.js";
import {
  consumptionRows,
  consumptionStatement,
  termsAfter,
  withheldCategories,
  type AdmittedReport,
  type ConsumptionPage,
} from "./pages.js";
import { checkAverage } from "./parcels.js";
import { decodeRecord, encodeRecord, keyNumber } from "./record.js";
import { decodeBundle } from "./report.js";
import {
  consumptionStruct,
  type ConsumptionStatement,
  type StatementSigner,
} from "./statements.js";
import { keepVoidPage, readVoidPages } from "./void-pages.js";

export interface ControlCentreOptions {
  /** Where L_OCD is kept, its own. */
  readonly store: Store;
  /** Signs statements. */
  readonly signer: StatementSigner;
  /** Signs receipts: its key is registered with the contract. */
  readonly receipts: StatementSigner;
  /** Names the deployment: `ledgerId` of its domain. */
  readonly ledger: Uint8Array;
  /** A category is published only with the reports of at least this many homes. */
  readonly leastHomes: number;
  /** The first interval of the deployment; reports begin two later. */
  readonly firstInterval: IntervalNumber;
  /** Regional average while no page says anything, in watt-hours. */
  readonly initialAverage: bigint;
  /** Who checks the reports' signatures; this thread when absent. */
  readonly curve?: CurveWork;
}

const KEYS = {
  reports: (interval: IntervalNumber) => `ledger/centre/reports/${keyNumber(interval)}/`,
  closed: "ledger/centre/closed/",
  void: "ledger/centre/void/",
  withdrawn: "ledger/centre/withdrawn/",
};

export class LedgerControlCentre {
  readonly #book: PageBook;
  #open: OpenInterval | undefined;
  #last: ConsumptionStatement | undefined;
  /** Intervals whose correction was refused. */
  readonly #withdrawn = new Set<IntervalNumber>();
  /** One operation after the other: each sees what the one before has written. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(private readonly options: ControlCentreOptions) {
    this.#book = new PageBook(options);
  }

  /** Starts with what the store holds. @throws ledger/record-damaged, ledger/bad-average */
  static async open(options: ControlCentreOptions): Promise<LedgerControlCentre> {
    checkAverage(options.initialAverage);
    const centre = new LedgerControlCentre(options);
    const closed = await list(options.store, KEYS.closed);
    for (const statement of closed as ConsumptionStatement[]) centre.#remember(statement);
    for (const interval of await list(options.store, KEYS.withdrawn)) {
      centre.#withdraw(interval as IntervalNumber);
    }
    await readVoidPages(options.store, KEYS.void, centre.#book);
    return centre;
  }

  /** The statement of the last closed interval. */
  get last(): ConsumptionStatement | undefined {
    return this.#last;
  }

  /** The interval that comes next, or is open. */
  get nextInterval(): IntervalNumber {
    return this.#last === undefined ? this.options.firstInterval : this.#last.interval + 1;
  }

  /** The terms of an interval, once the page two before it is closed. */
  termsOf(interval: IntervalNumber): IntervalTerms | undefined {
    return this.#book.termsOf(interval);
  }

  /**
   * Opens the next interval for the reports on the list; after a crash, with everything that was admitted.
   * @throws ledger/interval-open if one is open, or this interval is not the next one;
   * ledger/wrong-list if the terms of the interval name another list, or it is not sound
   */
  begin(list: EnrolmentList): Promise<void> {
    return this.#inTurn(async () => {
      const { interval } = list;
      if (this.#open !== undefined || interval !== this.nextInterval) {
        const open = this.#open?.interval ?? this.nextInterval;
        throw ledgerErrors.error(
          "interval-open",
          `interval ${interval} cannot begin: interval ${open} is ${this.#open === undefined ? "the next" : "open"}`,
          { interval, open },
        );
      }
      const terms = this.#book.termsOf(interval)!;
      if (!equalBytes(terms.enrolment, list.root) || terms.homes !== list.homes) {
        throw ledgerErrors.error(
          "wrong-list",
          `the terms of interval ${interval} are of another enrolment`,
          { interval, homes: list.homes },
        );
      }
      requireSound(list);
      const { ledger, receipts, curve } = this.options;
      const admitted = await this.#admitted(interval);
      let batches = admitted.batches;
      const keep = async (reports: readonly AdmittedReport[]): Promise<void> => {
        const key = KEYS.reports(interval) + keyNumber(batches++);
        await putNew(this.options.store, key, reports);
      };
      const { reports } = admitted;
      const options = { interval, terms, list, ledger, receipts, curve, keep };
      this.#open = new OpenInterval({ ...options, admitted: reports });
    });
  }

  /**
   * Checks the contents of packets and admits what is genuine. Answers in the order of the packets,
   * when everything admitted is durable.
   */
  admit(packets: readonly Uint8Array[]): Promise<readonly Admission[]> {
    return this.#inTurn(async () => {
      if (this.#open !== undefined) return this.#open.admit(packets);
      const last = this.#last?.interval ?? -1;
      return packets.map((packet): Admission => {
        const bundle = decodeBundle(packet);
        if (bundle === undefined) return { refused: "malformed" };
        return { refused: bundle.interval > last ? "early" : "late" };
      });
    });
  }

  /**
   * Closes the open interval: reports of categories that are too rare are left out (their meters
   * report them again), the rest becomes the page, and its statement is signed.
   * @param next the enrolment of the interval two later, which the page's terms name.
   * @throws ledger/interval-open if none is open; ledger/wrong-list if `next` is of another interval, or not sound
   */
  close(next: EnrolmentList): Promise<ConsumptionPage> {
    return this.#inTurn(async () => {
      const open = this.#open;
      if (open === undefined) {
        throw ledgerErrors.error("interval-open", "there is no open interval to close");
      }
      if (next.interval !== open.interval + 2) {
        throw ledgerErrors.error(
          "wrong-list",
          `the page of interval ${open.interval} names the enrolment of ${open.interval + 2}, not of ${next.interval}`,
          { interval: next.interval },
        );
      }
      requireSound(next);
      const page = await this.#publish({
        interval: open.interval,
        revision: 0,
        reports: open.reports,
        next,
      });
      this.#open = undefined;
      return page;
    });
  }

  /**
   * Replaces the last page by one made again from what was admitted: for a page that was closed with a
   * fault. The contract takes it once, while the page is not billed.
   * @throws ledger/interval-open if an interval is open, or there is nothing to replace
   */
  replace(next: EnrolmentList): Promise<ConsumptionPage> {
    return this.#inTurn(async () => {
      const last = this.#last;
      const mayReplace = last?.revision === 0 && !this.#withdrawn.has(last.interval);
      if (this.#open !== undefined || !mayReplace) {
        throw ledgerErrors.error("interval-open", "there is no last page that may be replaced");
      }
      const { reports } = await this.#admitted(last.interval);
      return this.#publish({ interval: last.interval, revision: 1, reports, next });
    });
  }

  /**
   * Takes note that the chain refused the correction of a page, which was billed meanwhile or is not the last any more:
   * the page itself stays in force, and later terms are computed from it. It is corrected no more.
   */
  withdraw(interval: IntervalNumber): Promise<void> {
    return this.#inTurn(async () => {
      const key = KEYS.withdrawn + keyNumber(interval);
      await this.options.store.transaction(async (tx) => tx.put(key, encodeRecord(interval)));
      this.#withdraw(interval);
    });
  }

  #withdraw(interval: IntervalNumber): void {
    this.#withdrawn.add(interval);
    this.#book.remove(interval, 1);
    if (this.#last?.interval === interval) {
      this.#last = this.#book.inForce(interval)?.consumption.statement;
    }
  }

  /** The page of a closed interval, made again from the store. */
  async page(interval: IntervalNumber): Promise<ConsumptionPage | undefined> {
    const statement = this.#book.inForce(interval)?.consumption.statement;
    if (statement === undefined) return undefined;
    const { reports } = await this.#admitted(interval);
    const { average } = this.#book.termsOf(interval)!;
    const rows = consumptionRows(reports, average, statement.withheld);
    return { statement, signature: this.#sign(statement), rows };
  }

  /** A page was proved wrong on-chain: later terms are not computed from it. */
  async setVoid(interval: IntervalNumber, revision: number): Promise<void> {
    await keepVoidPage(this.options.store, KEYS.void, { interval, revision });
    this.#book.setVoid(interval, revision);
  }

  async #publish({
    interval,
    revision,
    reports,
    next,
  }: {
    readonly interval: IntervalNumber;
    readonly revision: number;
    readonly reports: readonly AdmittedReport[];
    readonly next: EnrolmentList;
  }): Promise<ConsumptionPage> {
    const { leastHomes, initialAverage, store } = this.options;
    const withheld = withheldCategories(reports, leastHomes);
    const rows = consumptionRows(reports, this.#book.termsOf(interval)!.average, withheld);
    const source = this.#book.sourceFor(interval)?.consumption.statement;
    const enrolled = { homes: next.homes, enrolment: next.root };
    const terms = { ...termsAfter(source, initialAverage), ...enrolled };
    const statement = consumptionStatement({ interval, revision, withheld, rows, terms });
    const key = `${KEYS.closed}${keyNumber(interval)}/${revision}`;
    await putNew(store, key, statement);
    this.#remember(statement);
    return { statement, signature: this.#sign(statement), rows };
  }

  #remember(statement: ConsumptionStatement): void {
    this.#book.add({ consumption: { statement, signature: this.#sign(statement) } });
    this.#last = statement;
  }

  #sign(statement: ConsumptionStatement): Uint8Array {
    return this.options.signer.sign(consumptionStruct(statement));
  }

  async #admitted(
    interval: IntervalNumber,
  ): Promise<{ readonly reports: readonly AdmittedReport[]; readonly batches: number }> {
    const batches = (await list(this.options.store, KEYS.reports(interval))) as AdmittedReport[][];
    return { reports: batches.flat(), batches: batches.length };
  }

  #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(operation);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** @throws ledger/wrong-list: a page under such terms would contradict them */
function requireSound(list: EnrolmentList): void {
  const { interval, fault } = list;
  if (fault === undefined) return;
  const message = `the enrolment of interval ${interval} is not sound: ${fault}`;
  throw ledgerErrors.error("wrong-list", message, { interval });
}

/** @throws ledger/other-process if the key is taken: two processes would sign two pages, or lose each other's reports */
function putNew(store: Store, key: string, record: unknown): Promise<void> {
  return store.transaction(async (tx) => {
    if ((await tx.get(key)) !== undefined) {
      throw ledgerErrors.error("other-process", "another process has written what comes next");
    }
    tx.put(key, encodeRecord(record));
  });
}

/** The records whose keys begin like this, in order. */
async function list(store: Store, prefix: string): Promise<unknown[]> {
  const entries = await store.transaction((tx) => tx.list(prefix));
  return entries.map(([, bytes]) => decodeRecord(bytes));
}
