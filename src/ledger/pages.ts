/**
 * Pages: what the ledgers show of one interval. The functions here are the published rules by which
 * the control centre and the provider fill them, and by which anyone fills them again.
 */
import type { IntervalTerms } from "./page-book.js";
import type { IntervalNumber, Pseudonym } from "./one-time-key.js";
import {
  ALL_CATEGORIES,
  isInMask,
  leastReports,
  nextAverage,
  parcelSize,
  type Slot,
} from "./parcels.js";
import type { SchnorrHints } from "./schnorr.js";
import { rowTree, type ConsumptionRow } from "./rows.js";
import {
  consumptionStruct,
  type BillingStatement,
  type ConsumptionStatement,
  type Signed,
} from "./statements.js";
import { compareBytes } from "./sum-tree.js";

/** A page of L_OCD. */
export interface ConsumptionPage extends Signed<ConsumptionStatement> {
  readonly rows: readonly ConsumptionRow[];
}

/** The row of L_DAP of one interval, and the total of L_BC. */
export type BillingPage = Signed<BillingStatement>;

/** What is published about one interval. */
export interface IntervalPages {
  readonly consumption: ConsumptionPage;
  readonly billing: BillingPage;
}

/** An admitted report, under its key. */
export interface AdmittedReport extends SchnorrHints {
  readonly pseudonym: Pseudonym;
  readonly category: Slot;
  readonly key: Uint8Array;
  readonly signature: Uint8Array;
}

/** The categories that have reports, but possibly of fewer than `leastHomes` homes: bit c for category c. */
export function withheldCategories(
  reports: readonly Pick<AdmittedReport, "category">[],
  leastHomes: number,
): number {
  const counts = new Map<Slot, number>();
  for (const { category } of reports) counts.set(category, (counts.get(category) ?? 0) + 1);
  return ALL_CATEGORIES.reduce<number>((mask, category) => {
    const count = counts.get(category) ?? 0;
    return count > 0 && count < leastReports(category, leastHomes) ? mask | (1 << category) : mask;
  }, 0);
}

/** The rows of L_OCD: the reports of published categories and of presence, sorted. */
export function consumptionRows(
  reports: readonly AdmittedReport[],
  average: bigint,
  withheld: number,
): ConsumptionRow[] {
  return reports
    .filter((r) => !isInMask(withheld, r.category))
    .toSorted((a, b) => compareBytes(a.pseudonym, b.pseudonym))
    .map((report) => ({ ...report, wattHours: parcelSize(report.category, average) }));
}

/** What a statement of L_OCD is made from. */
export interface PageContent {
  readonly interval: IntervalNumber;
  readonly revision: number;
  readonly withheld: number;
  readonly rows: readonly ConsumptionRow[];
  /** Terms of interval + 2. */
  readonly terms: IntervalTerms & { readonly source: IntervalNumber };
}

/** The statement of L_OCD about these rows. */
export function consumptionStatement(content: PageContent): ConsumptionStatement {
  const { interval, revision, withheld, rows, terms } = content;
  const { root, total } = rowTree(interval, rows);
  const { source, homes, average, mask, enrolment } = terms;
  const page = { interval, revision, withheld, rows: rows.length, load: total, root };
  return { ...page, source, homes, average, mask, enrolment };
}

/** Average and mask that follow from a final page, or from none yet. */
export function termsAfter(
  source: ConsumptionStatement | undefined,
  initialAverage: bigint,
): { readonly source: IntervalNumber; readonly average: bigint; readonly mask: number } {
  return source === undefined
    ? { source: 0, average: initialAverage, mask: 0 }
    : { source: source.interval, average: nextAverage(source), mask: source.withheld };
}

/** The statement of L_DAP and L_BC about a page at this price. */
export function billingStatement(
  consumption: ConsumptionStatement,
  price: bigint,
): BillingStatement {
  return {
    interval: consumption.interval,
    revision: consumption.revision,
    price,
    total: price * consumption.load,
    consumption: consumptionStruct(consumption).hash,
  };
}
