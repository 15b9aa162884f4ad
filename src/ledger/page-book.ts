/** The statements of all pages, by interval: what the terms of a page and the judging of another refer to. */
import type { IntervalNumber } from "./one-time-key.js";
import { EMPTY_ROOT } from "./sum-tree.js";
import type { BillingStatement, ConsumptionStatement, Signed } from "./statements.js";

/** A page without its rows. */
export interface PageStatements {
  readonly consumption: Signed<ConsumptionStatement>;
  /** Undefined until the page is billed. */
  readonly billing?: Signed<BillingStatement> | undefined;
}

/** What holds for the reports of an interval: carried by the page two before it. */
export interface IntervalTerms {
  readonly homes: number;
  readonly average: bigint;
  readonly mask: number;
  readonly enrolment: Uint8Array;
}

/** What the first two intervals of a deployment have: nobody is enrolled for them. */
export interface FirstTerms {
  readonly firstInterval: IntervalNumber;
  readonly initialAverage: bigint;
}

type NamedSource = Pick<ConsumptionStatement, "interval" | "source">;

/** Pages that are looked at for the last one that stands, as the contract does. */
const SOURCE_REACH = 128;

export class PageBook {
  readonly #pages = new Map<IntervalNumber, PageStatements[]>();
  readonly #void = new Set<string>();

  constructor(private readonly first: FirstTerms) {}

  /** Takes note of a page, or of its billing. */
  add(page: PageStatements): void {
    const { interval, revision } = page.consumption.statement;
    const revisions = this.#pages.get(interval) ?? [];
    revisions[revision] = page;
    this.#pages.set(interval, revisions);
  }

  /** Forgets the last revision of a page: it was never anchored. */
  remove(interval: IntervalNumber, revision: number): void {
    const revisions = this.#pages.get(interval);
    if (revisions?.length === revision + 1) revisions.pop();
  }

  /** The page was proved wrong, or given up: it does not count as a source of terms. */
  setVoid(interval: IntervalNumber, revision: number): void {
    this.#void.add(`${interval}/${revision}`);
  }

  isVoid({ interval, revision }: Pick<ConsumptionStatement, "interval" | "revision">): boolean {
    return this.#void.has(`${interval}/${revision}`);
  }

  /** A page of this revision. */
  page(interval: IntervalNumber, revision: number): PageStatements | undefined {
    return this.#pages.get(interval)?.[revision];
  }

  /** The page of an interval that is in force: the correction where there is one. */
  inForce(interval: IntervalNumber): PageStatements | undefined {
    return this.#pages.get(interval)?.at(-1);
  }

  /** The page whose terms rule this interval; undefined for the first two, and where it is not known. */
  originOf(interval: IntervalNumber): PageStatements | undefined {
    return this.inForce(interval - 2);
  }

  /** The last page before this interval that stands: what the terms of a page that is made now are computed from. */
  sourceFor(interval: IntervalNumber): PageStatements | undefined {
    const least = Math.max(this.first.firstInterval, interval - SOURCE_REACH);
    for (let i = interval - 1; i >= least; i--) {
      const page = this.inForce(i);
      if (page === undefined) return undefined;
      if (!this.isVoid(page.consumption.statement)) return page;
    }
    return undefined;
  }

  /**
   * The page that the terms of another are judged by: the one that it names, if that one may have been the last that
   * stood when it was anchored. What was proved wrong since does not make the page wrong that named it; the contract
   * refuses a page that names one that is void already.
   */
  sourceOf({ interval, source }: NamedSource): PageStatements | undefined {
    const standing = this.sourceFor(interval);
    const least = standing?.consumption.statement.interval ?? interval - SOURCE_REACH;
    const mayHaveStood = least <= source && source < interval;
    return (mayHaveStood ? this.inForce(source) : undefined) ?? standing;
  }

  /** The terms of an interval; undefined if the page that carries them is not known. */
  termsOf(interval: IntervalNumber): IntervalTerms | undefined {
    const { firstInterval, initialAverage } = this.first;
    if (interval < firstInterval + 2) {
      return { homes: 0, average: initialAverage, mask: 0, enrolment: EMPTY_ROOT };
    }
    return this.originOf(interval)?.consumption.statement;
  }
}
