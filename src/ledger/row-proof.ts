/** Paths that show whether a report is a row of a billed page: what a meter and a resident believe, and no more. */
import { equalBytes } from "../algebra/index.js";
import type { Report } from "./report.js";
import type { ProvedRow, RowCheck } from "./rows.js";
import type { BillingStatement, ConsumptionStatement, Signed } from "./statements.js";
import { compareBytes } from "./sum-tree.js";

/** A page without its rows, after the provider has billed it. */
export interface BilledPage {
  readonly consumption: Signed<ConsumptionStatement>;
  readonly billing: Signed<BillingStatement>;
}

/** A row alone, or the neighbours between which it would be: the first or the last row, or none of an empty page. */
export type RowProof = { readonly row: ProvedRow } | { readonly neighbours: readonly ProvedRow[] };

/** Does the proof show the report as a row of the page? Signatures of the page are another question. */
export function isBilledIn(
  isRow: RowCheck,
  report: Pick<Report, "pseudonym" | "category"> & { readonly wattHours: bigint },
  proof: RowProof,
): boolean {
  if (!("row" in proof)) return false;
  const { row } = proof.row;
  return (
    equalBytes(row.pseudonym, report.pseudonym) &&
    row.category === report.category &&
    row.wattHours === report.wattHours &&
    isRow(proof.row)
  );
}

/**
 * Does the proof show that no row of the page has the report's pseudonym?
 * @param rows how many the page has
 */
export function isMissingIn(
  page: { readonly isRow: RowCheck; readonly rows: number },
  { pseudonym }: Pick<Report, "pseudonym">,
  proof: RowProof,
): boolean {
  if (!("neighbours" in proof)) return false;
  const { neighbours } = proof;
  if (!neighbours.every((row) => page.isRow(row))) return false;
  const [first, second] = neighbours;
  const isAfter = (row: ProvedRow): boolean => compareBytes(row.row.pseudonym, pseudonym) < 0;
  const isBefore = (row: ProvedRow): boolean => compareBytes(row.row.pseudonym, pseudonym) > 0;
  if (first === undefined) return page.rows === 0;
  if (second !== undefined) {
    const isPair = neighbours.length === 2 && second.index === first.index + 1;
    return isPair && isAfter(first) && isBefore(second);
  }
  return (
    (first.index === 0 && isBefore(first)) || (first.index + 1 === page.rows && isAfter(first))
  );
}
