/** Anyone: recomputes every row, price and total of the ledgers, interval by interval. */
import type { EnrolmentList } from "../enrolment.js";
import type { BillStatement, ConsumptionStatement } from "../statements.js";
import { auditBills } from "./billing.js";
import { auditConsumption } from "./consumption.js";
import type { Finding } from "./finding.js";
import type { IndexedPages } from "./indexed-pages.js";

export class LedgerAuditor {
  #consumption: ConsumptionStatement | undefined;
  #bills: BillStatement | undefined;

  /**
   * Everything that is wrong with an interval; nothing if all is right. Intervals come in order.
   * @param list the enrolment list, if the auditor has it; without it, made-up rows are not seen.
   * @throws ledger/no-price if the rules have no price for the interval
   */
  audit(pages: IndexedPages, list?: EnrolmentList): Finding[] {
    const { consumption, consumptionRows, bills, rules } = pages;
    const findings = [
      ...auditConsumption(consumption, rules, this.#consumption, list, consumptionRows),
      ...pages.priceFaults,
      ...auditBills(pages, this.#bills),
    ];
    this.#consumption = consumption.statement;
    this.#bills = bills.statement;
    return findings;
  }
}
