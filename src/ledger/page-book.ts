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

  /** The last page before this interval that stands: what its terms must be computed from. */
  sourceFor(interval: IntervalNumber): PageStatements | undefined {
    for (let i = interval - 1; i >= this.first.firstInterval; i--) {
      const page = this.inForce(i);
      if (page === undefined) return undefined;
      if (!this.isVoid(page.consumption.statement)) return page;
    }
    return undefined;
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
