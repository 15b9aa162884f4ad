/**
 * The service provider: checks a page of L_OCD, derives the price from its load by the published
 * function, and publishes the price (L_DAP) and the total of L_BC, whose rows are price × parcel.
 */
import { equalBytes } from "../algebra/index.js";
import type { Store } from "../store/index.js";
import { fault, type LedgerFault } from "./audit/fault.js";
import { IndexedPages } from "./audit/indexed-pages.js";
import type { LedgerRules } from "./audit/rules.js";
import { auditRows } from "./audit/rows.js";
import { auditStatements } from "./audit/statements.js";
import { ledgerErrors } from "./errors.js";
import { PageBook, type PageStatements } from "./page-book.js";
import { billingStatement, type BillingPage, type ConsumptionPage } from "./pages.js";
import { decodeRecord, encodeRecord, keyNumber } from "./record.js";
import {
  billingStruct,
  consumptionStruct,
  type BillingStatement,
  type ConsumptionStatement,
  type StatementSigner,
} from "./statements.js";
import { keepVoidPage, readVoidPages } from "./void-pages.js";

const PREFIX = "ledger/provider/page/";
const VOID = "ledger/provider/void/";

export class ServiceProvider {
  private readonly rules: LedgerRules;
  private readonly signer: StatementSigner;
  private readonly store: Store;
  private readonly book: PageBook;

  private constructor({
    rules,
    signer,
    store,
    book,
  }: {
    readonly rules: LedgerRules;
    readonly signer: StatementSigner;
    readonly store: Store;
    readonly book: PageBook;
  }) {
    this.rules = rules;
    this.signer = signer;
    this.store = store;
    this.book = book;
  }

  /** Starts with what the store holds. @throws ledger/record-damaged */
  static async open(
    rules: LedgerRules,
    signer: StatementSigner,
    store: Store,
  ): Promise<ServiceProvider> {
    const book = new PageBook(rules);
    const entries = await store.transaction((tx) => tx.list(PREFIX));
    for (const [, bytes] of entries) book.add(decodeRecord(bytes) as PageStatements);
    await readVoidPages(store, VOID, book);
    return new ServiceProvider({ rules, signer, store, book });
  }

  /**
   * The price and the total of an interval. A page is priced once: asked again, after a crash too, the provider
   * signs what it has signed before.
   * @param anchored the statement that is anchored, once that is final. A price that is signed for another page is a
   * proof against the provider as soon as it prices the anchored one.
   * @throws ledger/page-refused if anything is wrong with the page, or it is not anchored; ledger/no-price
   */
  async bill(page: ConsumptionPage, anchored: ConsumptionStatement): Promise<BillingPage> {
    const { interval, revision } = page.statement;
    const before = this.book.page(interval, revision)?.billing;
    const pages = new IndexedPages({ consumption: page }, this.rules, this.book);
    const [wrong, ...others] = [
      ...anchorFaults(page, anchored),
      ...auditStatements(pages, this.rules),
      ...(await auditRows(pages, undefined)),
    ];
    if (wrong !== undefined) {
      throw ledgerErrors.error(
        "page-refused",
        `L_OCD of interval ${interval} is wrong: ${wrong.message}`,
        { interval, kind: wrong.kind, others: others.length },
      );
    }
    if (before !== undefined) return before;
    const price = this.rules.price.priceAt(interval, page.statement.load);
    const billing = this.#signed(billingStatement(page.statement, price));
    const { statement, signature } = page;
    await this.remember({ consumption: { statement, signature }, billing });
    return billing;
  }

  /** Takes note of a page, such as one that was corrected or billed elsewhere. */
  async remember(page: PageStatements): Promise<void> {
    const { interval, revision } = page.consumption.statement;
    const key = `${PREFIX}${keyNumber(interval)}/${revision}`;
    await this.store.transaction(async (tx) => tx.put(key, encodeRecord(page)));
    this.book.add(page);
  }

  /** A page was proved wrong on-chain: later terms are not computed from it. */
  async setVoid(interval: number, revision: number): Promise<void> {
    await keepVoidPage(this.store, VOID, { interval, revision });
    this.book.setVoid(interval, revision);
  }

  #signed(statement: BillingStatement): BillingPage {
    return { statement, signature: this.signer.sign(billingStruct(statement)) };
  }
}

function anchorFaults(
  { statement, signature }: ConsumptionPage,
  anchored: ConsumptionStatement,
): LedgerFault[] {
  const [shown, known] = [statement, anchored].map((s) => consumptionStruct(s).hash);
  if (equalBytes(shown!, known!)) return [];
  const { interval } = statement;
  const message = `another page of interval ${anchored.interval} is anchored`;
  const challenge = { kind: "statement", other: { statement, signature } } as const;
  return [fault({ interval, kind: "statement", message, more: { challenge } })];
}
