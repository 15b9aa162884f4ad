/** Anyone: recomputes every row, price and total of the ledgers, interval by interval. */
import type { Store } from "../../store/index.js";
import type { EnrolmentList } from "../enrolment.js";
import { PageBook, type PageStatements } from "../page-book.js";
import { PRESENCE } from "../parcels.js";
import { decodeRecord, encodeRecord, keyNumber } from "../record.js";
import type { Claim } from "../receipts.js";
import { auditClaims } from "./claims.js";
import type { LedgerFault } from "./fault.js";
import { IndexedPages } from "./indexed-pages.js";
import type { IntervalPages } from "../pages.js";
import { auditRows } from "./rows.js";
import type { LedgerRules } from "./rules.js";
import { auditStatements } from "./statements.js";
import { keepVoidPage, readVoidPages } from "../void-pages.js";

const PREFIX = "ledger/auditor/page/";
const VOID = "ledger/auditor/void/";

export interface AuditReport {
  readonly faults: readonly LedgerFault[];
  /** Enrolled homes that sent nothing; undefined if the terms of the interval are not known. */
  readonly silentHomes: number | undefined;
}

export class LedgerAuditor {
  private constructor(
    private readonly rules: LedgerRules,
    private readonly store: Store,
    /** The statements of every page that was audited. */
    readonly book: PageBook,
  ) {}

  /** Starts with what the store holds. @throws ledger/record-damaged */
  static async open(rules: LedgerRules, store: Store): Promise<LedgerAuditor> {
    const book = new PageBook(rules);
    const entries = await store.transaction((tx) => tx.list(PREFIX));
    for (const [, bytes] of entries) book.add(decodeRecord(bytes) as PageStatements);
    await readVoidPages(store, VOID, book);
    return new LedgerAuditor(rules, store, book);
  }

  /**
   * Everything that is wrong with an interval; nothing if all is right.
   * @param evidence the enrolment list and residents' claims, as far as the auditor has them; and the statements as
   * the chain has them. Without a list, rows of strangers are not seen.
   */
  async audit(
    pages: IntervalPages,
    evidence: {
      readonly list?: EnrolmentList | undefined;
      readonly claims?: readonly Claim[];
      readonly anchored?: PageStatements | undefined;
    } = {},
  ): Promise<AuditReport> {
    const { consumption, billing } = pages;
    await this.#remember(
      evidence.anchored ?? {
        consumption: { statement: consumption.statement, signature: consumption.signature },
        billing,
      },
    );
    const indexed = new IndexedPages(pages, this.rules, this.book);
    const faults = [
      ...auditStatements(indexed, this.rules),
      ...(await auditRows(indexed, evidence.list)),
      ...auditClaims(indexed, evidence.claims ?? []),
    ];
    return { faults, silentHomes: silentHomes(indexed) };
  }

  /** A page was proved wrong on-chain: later terms are not computed from it. */
  async setVoid(interval: number, revision: number): Promise<void> {
    await keepVoidPage(this.store, VOID, { interval, revision });
    this.book.setVoid(interval, revision);
  }

  async #remember(page: PageStatements): Promise<void> {
    this.book.add(page);
    const { interval, revision } = page.consumption.statement;
    const key = `${PREFIX}${keyNumber(interval)}/${revision}`;
    await this.store.transaction(async (tx) => tx.put(key, encodeRecord(page)));
  }
}

/** Homes whose presence is not in the page. */
export function silentHomes({ terms, rows }: IndexedPages): number | undefined {
  const present = rows.filter(({ category }) => category === PRESENCE).length;
  return terms && terms.homes - present;
}
