/** Checking the row of L_DAP and the page of L_BC that belong to a page of L_OCD. */
import { equalBytes } from "../../algebra/index.js";
import { ZERO_ROOT } from "../merkle.js";
import {
  billsStruct,
  consumptionStruct,
  hashStruct,
  priceStruct,
  type BillStatement,
} from "../statements.js";
import { finding, type Finding } from "./finding.js";
import type { IndexedPages } from "./indexed-pages.js";
import { auditBillTotals } from "./totals.js";

/**
 * The row of L_DAP: the price must be what the published function gives for the stated load.
 * @throws ledger/no-price if the function gives none for the interval
 */
export function auditPrice({ consumption, price, rules }: IndexedPages): Finding[] {
  const { statement, signature } = price;
  const { interval, load } = consumption.statement;
  const findings: Finding[] = [];
  if (!rules.verifier.verify(priceStruct(statement), signature, rules.provider)) {
    findings.push(finding(interval, "signature", "the price is not signed by the provider"));
  }
  const priced = hashStruct(consumptionStruct(consumption.statement));
  if (statement.interval !== interval || !equalBytes(statement.consumption, priced)) {
    const message = `the price of interval ${statement.interval} is for another consumption`;
    findings.push(finding(interval, "wrong-page", message));
  }
  const expected = rules.price.priceAt(interval, load);
  if (statement.price !== expected) {
    const message = `the price is ${statement.price}; for a load of ${load} Wh it is ${expected}`;
    findings.push(finding(interval, "price", message, { challenge: { kind: "price" } }));
  }
  return findings;
}

/** @param previous statement of the interval before; undefined for the first. */
export function auditBills(pages: IndexedPages, previous: BillStatement | undefined): Finding[] {
  const { consumption, bills, billRows, rules } = pages;
  const { statement, signature, rows } = bills;
  const { interval } = consumption.statement;
  const findings: Finding[] = [];
  const fault = (kind: Finding["kind"], message: string): void => {
    findings.push(finding(interval, kind, message));
  };
  if (!rules.verifier.verify(billsStruct(statement), signature, rules.provider)) {
    fault("signature", "the statement of L_BC is not signed by the provider");
  }
  if (statement.interval !== interval) {
    fault("wrong-page", `the bills are of interval ${statement.interval}`);
  }
  if (statement.rows !== rows.length || !billRows.hold) {
    fault("root", `the ${rows.length} rows of L_BC are not the ${statement.rows} that were signed`);
  }
  if (!equalBytes(bills.previousRoot, previous?.root ?? ZERO_ROOT)) {
    fault("chain", "L_BC does not continue from the root of the interval before");
  }
  if (statement.rows !== consumption.statement.rows) {
    const message = `L_BC has ${statement.rows} rows, and L_OCD has ${consumption.statement.rows}`;
    findings.push(finding(interval, "row-count", message, { challenge: { kind: "row-count" } }));
  }
  for (const i of rows.keys()) findings.push(...auditBillRow(pages, i));
  return [...findings, ...auditBillTotals(pages)];
}

/** Bill row i: price × parcel, for the parcel of row i of L_OCD. */
export function auditBillRow(pages: IndexedPages, index: number): Finding[] {
  const { consumption, price, bills, billRows, consumptionRows } = pages;
  const { interval } = consumption.statement;
  const row = bills.rows[index]!;
  const findings: Finding[] = [];
  const unit = price.statement.price;
  if (row.amount !== unit * row.wattHours) {
    const message = `bill row ${index} is ${row.amount}; ${row.wattHours} Wh at ${unit} are ${unit * row.wattHours}`;
    const [proved] = billRows.prove(index) ?? [];
    const challenge = proved && ({ kind: "bill-amount", row: proved } as const);
    findings.push(finding(interval, "bill-amount", message, { index, challenge }));
  }
  const about = consumption.rows[index];
  if (
    about !== undefined &&
    (about.wattHours !== row.wattHours || !equalBytes(about.pseudonym, row.pseudonym))
  ) {
    const message = `bill row ${index} (${row.wattHours} Wh) is not about row ${index} of L_OCD (${about.wattHours} Wh)`;
    const [bill] = billRows.prove(index) ?? [];
    const [parcel] = consumptionRows.prove(index) ?? [];
    const challenge =
      bill && parcel && ({ kind: "bill-parcel", bill, consumption: parcel } as const);
    findings.push(finding(interval, "bill-parcel", message, { index, challenge }));
  }
  return findings;
}
