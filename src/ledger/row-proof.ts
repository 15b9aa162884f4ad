/** Paths that show whether a report is a row of a billed page: what a meter and a resident believe, and no more. */
import { equalBytes } from "../algebra/index.js";
import type { Report } from "./report.js";
import { isRowOf, type ProvedRow } from "./rows.js";
import type { BillingStatement, ConsumptionStatement, Signed } from "./statements.js";
import { compareBytes } from "./sum-tree.js";

/** A page without its rows, after the provider has billed it. */
export interface BilledPage {
  readonly consumption: Signed<ConsumptionStatement>;
  readonly billing: Signed<BillingStatement>;
}

/** A row alone, or the neighbours between which it would be: the first or the last row, or none of an empty page. */
export type RowProof = { readonly row: ProvedRow } | { readonly neighbours: readonly ProvedRow[] };

/** Does the proof show the report as a row of this page? Signatures of the page are another question. */
export function isBilledIn(
  { consumption }: Pick<BilledPage, "consumption">,
  report: Pick<Report, "pseudonym" | "category"> & { readonly wattHours: bigint },
  proof: RowProof,
): boolean {
  if (!("row" in proof)) return false;
  const { row } = proof.row;
  return (
    equalBytes(row.pseudonym, report.pseudonym) &&
    row.category === report.category &&
    row.wattHours === report.wattHours &&
    isRowOf(consumption.statement, proof.row)
  );
}

/** Does the proof show that no row of this page has the report's pseudonym? */
export function isMissingIn(
  { consumption }: Pick<BilledPage, "consumption">,
  { pseudonym }: Pick<Report, "pseudonym">,
  proof: RowProof,
): boolean {
  if (!("neighbours" in proof)) return false;
  const { statement } = consumption;
  const { neighbours } = proof;
  if (!neighbours.every((row) => isRowOf(statement, row))) return false;
  const [first, second] = neighbours;
  const isAfter = (row: ProvedRow): boolean => compareBytes(row.row.pseudonym, pseudonym) < 0;
  const isBefore = (row: ProvedRow): boolean => compareBytes(row.row.pseudonym, pseudonym) > 0;
  if (first === undefined) return statement.rows === 0;
  if (second !== undefined) {
    const isPair = neighbours.length === 2 && second.index === first.index + 1;
    return isPair && isAfter(first) && isBefore(second);
  }
  return (
    (first.index === 0 && isBefore(first)) || (first.index + 1 === statement.rows && isAfter(first))
  );
}
