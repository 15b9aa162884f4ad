/**
 * Claims: a receipt of the control centre against its own page. A row that is missing, or a category that was
 * withheld without need, shows from outside only to those who sent reports; receipts make it a proof for all.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { nameOf } from "../enrolment.js";
import { ALL_CATEGORIES, isInMask, leastReports } from "../parcels.js";
import { isClaimWhole, type Claim } from "../receipts.js";
import { receiptStruct } from "../statements.js";
import { compareBytes } from "../sum-tree.js";
import { fault, type LedgerFault } from "./fault.js";
import type { IndexedPages } from "./indexed-pages.js";
import { isReceiptSigned, type LedgerRules } from "./rules.js";

/** Is the claim a leaf of a receipt that the control centre signed? */
export function isClaimSigned(rules: LedgerRules, claim: Claim): boolean {
  const { interval, signature } = claim;
  return (
    isClaimWhole(claim) &&
    isReceiptSigned({ rules, interval, struct: receiptStruct(claim), signature })
  );
}

/** What claims of residents show about a page; those that are not signed, or of other intervals, show nothing. */
export function auditClaims(pages: IndexedPages, claims: readonly Claim[]): LedgerFault[] {
  const { interval } = pages.consumption.statement;
  const byName = new Map(
    claims
      .filter((claim) => claim.interval === interval && isClaimSigned(pages.rules, claim))
      .map((claim) => [nameOf(claim.pseudonym), claim]),
  );
  const genuine = [...byName.values()].sort((a, b) => compareBytes(a.pseudonym, b.pseudonym));
  return [...genuine.flatMap((claim) => missingRow(pages, claim)), ...overWithheld(pages, genuine)];
}

function missingRow(pages: IndexedPages, claim: Claim): LedgerFault[] {
  const { interval, withheld } = pages.consumption.statement;
  const isThere = pages.placeOf(claim.pseudonym) !== undefined;
  if (isThere || isInMask(withheld, claim.category)) return [];
  const neighbours = pages.neighboursOf(claim.pseudonym);
  const challenge = neighbours && ({ kind: "missing-row", claim, neighbours } as const);
  const name = bytesToHex(claim.pseudonym);
  const message = `a report of category ${claim.category} under ${name} has a receipt and is missing in L_OCD`;
  return [fault({ interval, kind: "missing-row", message, more: { challenge } })];
}

/** A category that was withheld though enough homes reported in it. */
function overWithheld(pages: IndexedPages, claims: readonly Claim[]): LedgerFault[] {
  const { interval, withheld } = pages.consumption.statement;
  return ALL_CATEGORIES.flatMap((category) => {
    const least = leastReports(category, pages.rules.leastHomes);
    const shown = claims.filter((claim) => claim.category === category);
    if (!isInMask(withheld, category) || shown.length < least) return [];
    const challenge = { kind: "withheld", category, claims: shown.slice(0, least) } as const;
    const message = `category ${category} was withheld, and ${shown.length} receipts show that at least ${least} reports were admitted`;
    return [fault({ interval, kind: "withheld", message, more: { challenge } })];
  });
}
