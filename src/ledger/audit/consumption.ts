/** Checking a page of L_OCD: everything that the control centre could have done wrong in it. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { equalBytes } from "../../algebra/index.js";
import type { EnrolmentList } from "../enrolment.js";
import { compareBytes, ZERO_ROOT } from "../merkle.js";
import type { ConsumptionPage } from "../pages.js";
import { ALL_CATEGORIES, categoryOf, nextAverage, parcelSize } from "../parcels.js";
import { reportMessage } from "../report.js";
import type { ConsumptionRow } from "../rows.js";
import { wrongSignatures } from "../schnorr.js";
import { consumptionStruct, type ConsumptionStatement } from "../statements.js";
import { finding, type Finding } from "./finding.js";
import { indexConsumption, type IndexedRows } from "./indexed-pages.js";
import type { LedgerRules } from "./rules.js";
import { auditConsumptionTotals } from "./totals.js";

/**
 * @param previous statement of the interval before; undefined for the first.
 * @param list the enrolment list, if the auditor has it; without it, made-up rows are not seen.
 */
export function auditConsumption(
  page: ConsumptionPage,
  rules: LedgerRules,
  previous: ConsumptionStatement | undefined,
  list: EnrolmentList | undefined,
  indexed = indexConsumption(page),
): Finding[] {
  return [
    ...statementFaults(page, indexed, rules, previous),
    ...enrolmentFaults(page, list),
    ...rowFaults(page, indexed),
    ...auditConsumptionTotals(page, indexed),
    ...signatureFaults(page, rules),
    ...rareCategories(page, rules.k),
  ];
}

function statementFaults(
  { statement, signature, rows, previousRoot }: ConsumptionPage,
  indexed: IndexedRows<ConsumptionRow>,
  rules: LedgerRules,
  previous: ConsumptionStatement | undefined,
): Finding[] {
  const { interval, average } = statement;
  const findings: Finding[] = [];
  const fault = (kind: Finding["kind"], message: string): void => {
    findings.push(finding(interval, kind, message));
  };
  if (!rules.verifier.verify(consumptionStruct(statement), signature, rules.controlCentre)) {
    fault("signature", "the statement of L_OCD is not signed by the control centre");
  }
  if (statement.rows !== rows.length || !indexed.hold) {
    fault(
      "root",
      `the ${rows.length} rows of L_OCD are not the ${statement.rows} that were signed`,
    );
  }
  if (!equalBytes(previousRoot, previous?.root ?? ZERO_ROOT)) {
    fault("chain", "L_OCD does not continue from the root of the interval before");
  }
  if (previous !== undefined && interval !== previous.interval + 1) {
    fault("wrong-page", `interval ${interval} of L_OCD follows interval ${previous.interval}`);
  }
  const expected =
    previous === undefined
      ? rules.initialAverage
      : nextAverage(previous.average, previous.load, previous.homes);
  if (average !== expected) {
    fault("terms", `the regional average is ${average} Wh; by the rule it is ${expected} Wh`);
  }
  return findings;
}

function enrolmentFaults(
  { statement: { interval, homes, enrolment }, rows }: ConsumptionPage,
  list: EnrolmentList | undefined,
): Finding[] {
  if (list === undefined) return [];
  const findings = rows.flatMap((row, index): Finding[] => {
    const key = list.keyOf(row.pseudonym);
    if (key !== undefined && equalBytes(key, row.key)) return [];
    const message = `row ${index} of L_OCD is of no enrolled meter: ${bytesToHex(row.pseudonym)}`;
    return [finding(interval, "not-enrolled", message, { index })];
  });
  if (homes !== list.homes || !equalBytes(enrolment, list.digest)) {
    const message = `L_OCD is of ${homes} homes on another list than the one of ${list.homes} homes`;
    findings.push(finding(interval, "terms", message));
  }
  return findings;
}

function rowFaults(
  { statement, rows }: ConsumptionPage,
  indexed: IndexedRows<ConsumptionRow>,
): Finding[] {
  const { interval, average, withheld } = statement;
  const findings: Finding[] = [];
  rows.forEach((row, i) => {
    const category = categoryOf(row.wattHours, average);
    if (row.index !== i || category === undefined || (withheld & (1 << category)) !== 0) {
      const message = `row ${row.index} of L_OCD has ${row.wattHours} Wh, which is no published parcel`;
      const [proved] = indexed.prove(i) ?? [];
      const challenge = proved && ({ kind: "parcel", row: proved } as const);
      findings.push(finding(interval, "parcel", message, { index: i, challenge }));
    }
    if (i > 0 && compareBytes(rows[i - 1]!.pseudonym, row.pseudonym) >= 0) {
      const message = `rows ${i - 1} and ${i} of L_OCD are not in order`;
      const proved = indexed.prove(i - 1, i);
      const challenge = proved && ({ kind: "order", rows: proved } as const);
      findings.push(finding(interval, "order", message, { index: i, challenge }));
    }
  });
  return findings;
}

function signatureFaults(
  { statement: { interval }, rows }: ConsumptionPage,
  { ledger }: LedgerRules,
): Finding[] {
  const items = rows.map(({ pseudonym, wattHours, key, signature }) => ({
    key,
    message: reportMessage(ledger, interval, pseudonym, wattHours),
    signature,
  }));
  return wrongSignatures(items).map((index) => {
    const message = `row ${index} of L_OCD is not signed with the key it shows`;
    return finding(interval, "report-signature", message, { index });
  });
}

function rareCategories({ statement, rows }: ConsumptionPage, k: number): Finding[] {
  const { interval, average } = statement;
  return ALL_CATEGORIES.flatMap((category) => {
    const size = parcelSize(category, average);
    const count = rows.filter((row) => row.wattHours === size).length;
    if (count === 0 || count >= k) return [];
    const message = `L_OCD shows ${count} rows of ${size} Wh; fewer than ${k} must be withheld`;
    return [finding(interval, "too-few", message)];
  });
}
