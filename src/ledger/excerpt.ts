/**
 * What a resident reads of an interval: the statements, a proof for each report it sent, and a few rows drawn at
 * random, whose paths show that the page behind the root is published. About a kilobyte a row at a million rows,
 * where the whole page would be hundreds of megabytes.
 */
import { distinctInts } from "../algebra/index.js";
import { nameOf } from "./enrolment.js";
import type { IndexedPages } from "./audit/indexed-pages.js";
import type { Pseudonym } from "./one-time-key.js";
import type { BillingPage } from "./pages.js";
import type { RowProof } from "./row-proof.js";
import type { ProvedRow } from "./rows.js";
import type { ConsumptionStatement, Signed } from "./statements.js";

/** Rows drawn at random that a resident asks for. */
export const SAMPLED_ROWS = 8;

export interface PageExcerpt {
  readonly consumption: Signed<ConsumptionStatement>;
  readonly billing: BillingPage | undefined;
  /** By pseudonym, as `nameOf` writes it; what is not shown is left out. */
  readonly own: ReadonlyMap<string, RowProof>;
  /** By row number; what is not shown is left out. */
  readonly samples: ReadonlyMap<number, ProvedRow>;
}

/** Numbers of rows to ask for: drawn by the resident, so that the publisher cannot choose what to show. */
export function sampleRows({ rows }: Pick<ConsumptionStatement, "rows">): number[] {
  return distinctInts(Math.min(SAMPLED_ROWS, rows), rows);
}

/** The publisher's answer to a resident: nothing is shown of a page whose rows are not those that were signed. */
export function excerptOf(
  pages: IndexedPages,
  pseudonyms: readonly Pseudonym[],
  indices: readonly number[],
): PageExcerpt {
  const { statement, signature } = pages.consumption;
  const own = new Map<string, RowProof>();
  for (const pseudonym of pseudonyms) {
    const place = pages.placeOf(pseudonym);
    const row = place === undefined ? undefined : pages.prove(place);
    const neighbours = place === undefined ? pages.neighboursOf(pseudonym) : undefined;
    if (row !== undefined) own.set(nameOf(pseudonym), { row });
    else if (neighbours !== undefined) own.set(nameOf(pseudonym), { neighbours });
  }
  const samples = new Map<number, ProvedRow>();
  for (const index of indices) {
    const row = pages.prove(index);
    if (row !== undefined) samples.set(index, row);
  }
  const consumption = { statement, signature };
  return { consumption, billing: pages.billing, own, samples };
}
