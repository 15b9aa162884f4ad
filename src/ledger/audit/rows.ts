/** Checking the rows of a page of L_OCD: everything that the control centre could have done wrong in them. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { equalBytes } from "../../algebra/index.js";
import type { EnrolmentList } from "../enrolment.js";
import type { IntervalTerms } from "../page-book.js";
import { ALL_CATEGORIES, isInMask, leastReports, parcelSize, PRESENCE } from "../parcels.js";
import { reportMessage } from "../report.js";
import type { ConsumptionRow } from "../rows.js";
import { localCurve } from "../curve-work.js";
import { compareBytes } from "../sum-tree.js";
import { fault, type Challenge, type LedgerFault } from "./fault.js";
import type { IndexedPages } from "./indexed-pages.js";

/**
 * Everything that is wrong with the rows; nothing if all is right.
 * @param list the enrolment list, if the auditor has it; without it, rows of strangers are not seen.
 */
export async function auditRows(
  pages: IndexedPages,
  list: EnrolmentList | undefined,
): Promise<LedgerFault[]> {
  const { interval } = pages.consumption.statement;
  const faults = rootFaults(pages);
  if (pages.terms === undefined) {
    const message = `the page of interval ${interval - 2}, which carries the terms, is not known`;
    return [...faults, fault({ interval, kind: "unknown-terms", message })];
  }
  return [
    ...faults,
    ...orderFaults(pages),
    ...pages.rows.flatMap((row, i) => parcelFaults({ pages, terms: pages.terms!, row, index: i })),
    ...(await signatureFaults(pages)),
    ...rareCategories(pages),
    ...(list === undefined ? [] : enrolmentFaults(pages, pages.terms, list)),
  ];
}

/** Do the rows hash to the root, and sum to the load? */
function rootFaults(pages: IndexedPages): LedgerFault[] {
  if (pages.isWhole) return [];
  const { interval, root, load, rows } = pages.consumption.statement;
  if (pages.rows.length === rows && equalBytes(pages.tree.root, root)) {
    const message = `the rows of L_OCD sum up to ${pages.tree.total} Wh, and ${load} Wh are stated`;
    const challenge = { kind: "total", index: 0, nodes: pages.tree.nodes(0).slice(0, 1) } as const;
    return [fault({ interval, kind: "total", message, more: { challenge } })];
  }
  const message = `the ${pages.rows.length} rows of L_OCD are not the ${rows} that were signed`;
  // Rows that are not known prove nothing; so the page's author is asked for one of them.
  const challenge = rows === 0 ? undefined : ({ kind: "unshown", index: 0 } as const);
  return [fault({ interval, kind: "unshown", message, more: { challenge } })];
}

function orderFaults(pages: IndexedPages): LedgerFault[] {
  const { rows } = pages;
  return rows.slice(1).flatMap((row, i) => {
    if (compareBytes(rows[i]!.pseudonym, row.pseudonym) < 0) return [];
    const [first, second] = [pages.prove(i), pages.prove(i + 1)];
    const challenge = first && second && ({ kind: "order", rows: [first, second] } as const);
    const message = `rows ${i} and ${i + 1} of L_OCD are not in order`;
    return [rowFault({ pages, kind: "order", index: i + 1, message, challenge })];
  });
}

/** A row of a size that is not published, or of a category that must not be used. */
function parcelFaults({
  pages,
  terms,
  row,
  index,
}: {
  readonly pages: IndexedPages;
  readonly terms: IntervalTerms;
  readonly row: ConsumptionRow;
  readonly index: number;
}): LedgerFault[] {
  const hidden = pages.consumption.statement.withheld | terms.mask;
  const isPublished = row.category <= PRESENCE && !isInMask(hidden, row.category);
  if (isPublished && row.wattHours === parcelSize(row.category, terms.average)) return [];
  const proved = pages.prove(index);
  const challenge = proved && ({ kind: "parcel", row: proved } as const);
  const message = `row ${index} of L_OCD has ${row.wattHours} Wh in category ${row.category}, which is not a published parcel`;
  return [rowFault({ pages, kind: "parcel", index, message, challenge })];
}

async function signatureFaults(pages: IndexedPages): Promise<LedgerFault[]> {
  const { interval } = pages.consumption.statement;
  const items = pages.rows.map((row) => {
    const { pseudonym, wattHours } = row;
    return {
      ...row,
      message: reportMessage({ ledger: pages.rules.ledger, interval, pseudonym, wattHours }),
    };
  });
  const { curve = localCurve } = pages.rules;
  return (await curve.wrongSignatures(items)).map((index) => {
    const proved = pages.prove(index);
    const challenge = proved && ({ kind: "unsigned", row: proved } as const);
    const message = `row ${index} of L_OCD is not signed with the key it shows`;
    return rowFault({ pages, kind: "unsigned", index, message, challenge });
  });
}

function rareCategories(pages: IndexedPages): LedgerFault[] {
  const { interval } = pages.consumption.statement;
  return ALL_CATEGORIES.flatMap((category) => {
    const count = pages.rows.filter((row) => row.category === category).length;
    const least = leastReports(category, pages.rules.leastHomes);
    if (count === 0 || count >= least) return [];
    const message = `L_OCD shows ${count} rows of category ${category}; fewer than ${least} must be withheld`;
    return [fault({ interval, kind: "too-few", message })];
  });
}

function enrolmentFaults(
  pages: IndexedPages,
  terms: IntervalTerms,
  list: EnrolmentList,
): LedgerFault[] {
  const { interval } = pages.consumption.statement;
  if (!equalBytes(terms.enrolment, list.root)) {
    const message = "the enrolment list is not the one that was anchored";
    return [fault({ interval, kind: "enrolment", message })];
  }
  const faults: LedgerFault[] = [];
  if (list.fault !== undefined) {
    const message = `the enrolment list is not sound: ${list.fault}`;
    faults.push(fault({ interval, kind: "enrolment", message }));
  }
  if (terms.homes !== list.homes) {
    const message = `the terms speak of ${terms.homes} homes, and ${list.homes} are enrolled`;
    const nodes = list.nodes().slice(0, 1);
    const challenge = { kind: "homes", nodes } as const;
    faults.push(
      fault({ interval, kind: "homes", message, more: { challenge, about: pages.origin } }),
    );
  }
  pages.rows.forEach((row, index) => {
    const entry = list.entryOf(row.pseudonym);
    if (entry?.category === row.category && equalBytes(entry.key, row.key)) return;
    const proved = pages.prove(index);
    const entries = list.around(row.pseudonym);
    const challenge = proved && ({ kind: "not-enrolled", row: proved, entries } as const);
    const message = `row ${index} of L_OCD is of no enrolled meter, or of another category: ${bytesToHex(row.pseudonym)}`;
    faults.push(rowFault({ pages, kind: "not-enrolled", index, message, challenge }));
  });
  return faults;
}

function rowFault({
  pages,
  kind,
  index,
  message,
  challenge,
}: {
  readonly pages: IndexedPages;
  readonly kind: LedgerFault["kind"];
  readonly index: number;
  readonly message: string;
  readonly challenge: Challenge | undefined;
}): LedgerFault {
  return fault({
    interval: pages.consumption.statement.interval,
    kind,
    message,
    more: { index, challenge },
  });
}
