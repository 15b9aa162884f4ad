/**
 * Claims: a receipt of the control centre against its own page. A row that is missing or altered
 * shows from outside only to whoever sent the report; the receipt makes it a proof for everybody.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { compareBytes } from "../merkle.js";
import type { Pseudonym } from "../one-time-key.js";
import { parcelSize } from "../parcels.js";
import { receiptStruct } from "../statements.js";
import { finding, type Claim, type Finding, type Proved } from "./finding.js";
import type { IndexedPages } from "./indexed-pages.js";
import type { ConsumptionRow } from "../rows.js";

/**
 * What a claim shows: the row is missing, or altered; nothing if the row is there, or its category
 * was withheld.
 * @param claim undefined when the answer was lost: the fault is seen all the same, and not proved.
 */
export function auditReport(
  pages: IndexedPages,
  report: { readonly pseudonym: Pseudonym; readonly category: number; readonly wattHours: bigint },
  claim: Claim | undefined,
): Finding[] {
  const { interval, withheld } = pages.consumption.statement;
  const { consumptionRows } = pages;
  const index = consumptionRows.placeOf(report.pseudonym);
  if (index === undefined) {
    if ((withheld & (1 << report.category)) !== 0) return [];
    const message = `a report of ${report.wattHours} Wh under ${bytesToHex(report.pseudonym)} is missing in L_OCD`;
    const neighbours = neighboursOf(pages, report.pseudonym);
    const challenge = claim && neighbours && ({ kind: "missing-row", claim, neighbours } as const);
    return [finding(interval, "missing-row", message, { challenge })];
  }
  const { wattHours } = consumptionRows.rows[index]!;
  if (wattHours === report.wattHours) return [];
  const message = `row ${index} of L_OCD shows ${wattHours} Wh for a report of ${report.wattHours} Wh`;
  const [row] = consumptionRows.prove(index) ?? [];
  const challenge = claim && row && ({ kind: "altered-row", claim, row } as const);
  return [finding(interval, "altered-row", message, { index, challenge })];
}

/**
 * An auditor's check of somebody else's claim. Nothing if the receipt is not signed by the control
 * centre, is of another interval, or the page does what it promised.
 */
export function auditClaim(pages: IndexedPages, claim: Claim): Finding[] {
  const { receipt, signature, which } = claim;
  const { interval, average } = pages.consumption.statement;
  const pseudonym = receipt.pseudonyms[which];
  const category = receipt.categories[which];
  if (receipt.interval !== interval || pseudonym === undefined || category === undefined) return [];
  const { verifier, controlCentre } = pages.rules;
  if (!verifier.verify(receiptStruct(receipt), signature, controlCentre)) return [];
  const wattHours = parcelSize(category, average);
  return auditReport(pages, { pseudonym, category, wattHours }, claim);
}

/**
 * The rows between which a pseudonym would be: two neighbours, or the first or the last row alone, or
 * none of an empty page. Undefined if the page does not hold.
 */
function neighboursOf(
  { consumptionRows }: IndexedPages,
  pseudonym: Pseudonym,
): Proved<ConsumptionRow>[] | undefined {
  const { rows } = consumptionRows;
  // Some neighbours enclose it even if the rows are out of order, unless it is before all or after all.
  const below = rows.map((row) => compareBytes(row.pseudonym, pseudonym) < 0);
  if (rows.length === 0) return consumptionRows.prove();
  if (!below[0]) return consumptionRows.prove(0);
  const after = below.indexOf(false);
  if (after === -1) return consumptionRows.prove(rows.length - 1);
  return consumptionRows.prove(after - 1, after);
}
