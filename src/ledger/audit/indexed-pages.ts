/** The pages of one interval with what is looked up in them, which is made once, when first asked for. */
import { equalBytes } from "../../algebra/index.js";
import { nameOf } from "../enrolment.js";
import type { Pseudonym } from "../one-time-key.js";
import type { IntervalTerms, PageBook, PageStatements } from "../page-book.js";
import type { BillingPage, ConsumptionPage, IntervalPages } from "../pages.js";
import { rowTree, type ConsumptionRow, type ProvedRow } from "../rows.js";
import { compareBytes, type SumTree } from "../sum-tree.js";
import type { LedgerRules } from "./rules.js";

export class IndexedPages {
  readonly consumption: ConsumptionPage;
  readonly billing: BillingPage | undefined;
  /** The page as the chain has it; it differs from `consumption` when another one was published. */
  readonly anchored: PageStatements;
  /** Undefined when the page that carries them is not in the book. */
  readonly terms: IntervalTerms | undefined;
  /** The last page that stood when this one was anchored: what its terms must be computed from. */
  readonly source: PageStatements | undefined;
  readonly origin: PageStatements | undefined;
  #tree: SumTree | undefined;
  #places: Map<string, number> | undefined;

  /**
   * @param pages as they were published.
   * @param rules the published parameters that the pages must follow.
   * @param book the statements of earlier pages, and of this one as it is anchored if that is known.
   */
  constructor(
    pages: Omit<IntervalPages, "billing"> & { readonly billing?: BillingPage | undefined },
    readonly rules: LedgerRules,
    book: PageBook,
  ) {
    [this.consumption, this.billing] = [pages.consumption, pages.billing];
    const { interval, revision } = pages.consumption.statement;
    this.anchored = book.page(interval, revision) ?? pages;
    this.terms = book.termsOf(interval);
    this.source = book.sourceOf(pages.consumption.statement);
    this.origin = book.originOf(interval);
  }

  get rows(): readonly ConsumptionRow[] {
    return this.consumption.rows;
  }

  get tree(): SumTree {
    return (this.#tree ??= rowTree(this.consumption.statement.interval, this.rows));
  }

  /** Do the rows hash and sum to what was signed? If not, nothing can be proved from them. */
  get isWhole(): boolean {
    const { root, rows, load } = this.consumption.statement;
    return (
      this.rows.length === rows && this.tree.total === load && equalBytes(this.tree.root, root)
    );
  }

  /** A row with its path; undefined if the page is not whole. */
  prove(index: number): ProvedRow | undefined {
    if (!this.isWhole) return undefined;
    return { index, row: this.rows[index]!, path: this.tree.path(index) };
  }

  /** Where the row with this pseudonym is; undefined if there is none. */
  placeOf(pseudonym: Pseudonym): number | undefined {
    this.#places ??= new Map(this.rows.map((row, i) => [nameOf(row.pseudonym), i]));
    return this.#places.get(nameOf(pseudonym));
  }

  /**
   * The rows between which a pseudonym would be: two neighbours, or the first or the last row alone, or
   * none of an empty page. Undefined if the page is not whole.
   */
  neighboursOf(pseudonym: Pseudonym): ProvedRow[] | undefined {
    if (!this.isWhole) return undefined;
    // Some neighbours enclose it even if the rows are out of order, unless it is before all or after all.
    const after = this.rows.findIndex((row) => compareBytes(row.pseudonym, pseudonym) > 0);
    const places = after === -1 ? [this.rows.length - 1] : [after - 1, after];
    return places.filter((i) => i >= 0).map((i) => this.prove(i)!);
  }
}
