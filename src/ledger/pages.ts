/**
 * Pages: what the ledgers show of one interval. The functions here are the published rules by which
 * the control centre and the provider fill them, and by which anyone fills them again.
 */
import { ChainedTree, compareBytes } from "./merkle.js";
import type { Interval, Pseudonym } from "./one-time-key.js";
import { ALL_CATEGORIES, parcelSize, type Category } from "./parcels.js";
import { billLeaf, consumptionLeaf, type BillRow, type ConsumptionRow } from "./rows.js";
import type { BillStatement, ConsumptionStatement, PriceStatement, Signed } from "./statements.js";

/** A page of L_OCD. */
export interface ConsumptionPage extends Signed<ConsumptionStatement> {
  readonly rows: readonly ConsumptionRow[];
  /** Root of the page of the interval before; zero for the first. */
  readonly previousRoot: Uint8Array;
}

/** The row of L_DAP of one interval. */
export type PricePage = Signed<PriceStatement>;

/** A page of L_BC. */
export interface BillPage extends Signed<BillStatement> {
  readonly rows: readonly BillRow[];
  /** Root of the page of the interval before; zero for the first. */
  readonly previousRoot: Uint8Array;
}

/** An admitted report, under its key. */
export interface AdmittedReport {
  readonly pseudonym: Pseudonym;
  readonly category: Category;
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
}

/** What is known of an interval before it begins. */
export interface IntervalTerms {
  readonly interval: Interval;
  readonly homes: number;
  /** A category with fewer rows than this is withheld. */
  readonly k: number;
  readonly average: bigint;
  readonly enrolment: Uint8Array;
  /** Root of the page of the interval before; zero for the first. */
  readonly previousRoot: Uint8Array;
}

/** The categories that have rows, but fewer than `k`: bit c for category c. */
export function withheldCategories(reports: readonly AdmittedReport[], k: number): number {
  return ALL_CATEGORIES.reduce<number>((mask, category) => {
    const count = reports.filter((r) => r.category === category).length;
    return count > 0 && count < k ? mask | (1 << category) : mask;
  }, 0);
}

/** The rows of L_OCD: the reports of published categories, sorted, numbered and summed. */
export function consumptionRows(
  reports: readonly AdmittedReport[],
  average: bigint,
  withheld: number,
): ConsumptionRow[] {
  let cumulative = 0n;
  return reports
    .filter((r) => (withheld & (1 << r.category)) === 0)
    .toSorted((a, b) => compareBytes(a.pseudonym, b.pseudonym))
    .map(({ pseudonym, category, key, signature }, index) => {
      const wattHours = parcelSize(category, average);
      cumulative += wattHours;
      return { index, pseudonym, wattHours, cumulative, key, signature };
    });
}

/** The rows of L_BC: price × parcel for each row of L_OCD. */
export function billRows(rows: readonly ConsumptionRow[], price: bigint): BillRow[] {
  let cumulative = 0n;
  return rows.map(({ index, pseudonym, wattHours }) => {
    const amount = price * wattHours;
    cumulative += amount;
    return { index, pseudonym, wattHours, amount, cumulative };
  });
}

/**
 * The page of L_BC that follows from L_OCD and the price, under the statement that was signed: what
 * everybody has when no rows are published. It does not hold if another page was signed.
 */
export function recomputedBills(
  { rows }: Pick<ConsumptionPage, "rows">,
  price: PricePage,
  { statement, signature, previousRoot }: Omit<BillPage, "rows">,
): BillPage {
  return { statement, signature, previousRoot, rows: billRows(rows, price.statement.price) };
}

export function consumptionTree(
  interval: Interval,
  { rows, previousRoot }: Pick<ConsumptionPage, "rows" | "previousRoot">,
): ChainedTree {
  const leaves = rows.map((row) => consumptionLeaf(interval, row));
  return new ChainedTree(leaves, previousRoot);
}

export function billTree(
  interval: Interval,
  { rows, previousRoot }: Pick<BillPage, "rows" | "previousRoot">,
): ChainedTree {
  const leaves = rows.map((row) => billLeaf(interval, row));
  return new ChainedTree(leaves, previousRoot);
}

/** The statement of L_OCD about these rows. */
export function consumptionStatement(
  { interval, homes, average, enrolment, previousRoot }: IntervalTerms,
  withheld: number,
  rows: readonly ConsumptionRow[],
): ConsumptionStatement {
  return {
    interval,
    rows: rows.length,
    withheld,
    homes,
    average,
    load: rows.at(-1)?.cumulative ?? 0n,
    root: consumptionTree(interval, { rows, previousRoot }).root,
    enrolment,
  };
}

/** The statement of L_BC about these rows. */
export function billStatement(
  interval: Interval,
  rows: readonly BillRow[],
  previousRoot: Uint8Array,
): BillStatement {
  return {
    interval,
    rows: rows.length,
    total: rows.at(-1)?.cumulative ?? 0n,
    root: billTree(interval, { rows, previousRoot }).root,
  };
}
