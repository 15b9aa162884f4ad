/**
 * The resident's side: checks price and totals, finds the rows of its own meter by their pseudonyms,
 * adds up its bill, and names what is missing or wrong. Receipts that the meter was given are proof.
 */
import type { Admission } from "./admission.js";
import { auditBillRow } from "./audit/billing.js";
import { auditReport } from "./audit/claims.js";
import { finding, type Claim, type Finding } from "./audit/finding.js";
import type { IndexedPages } from "./audit/indexed-pages.js";
import type { LedgerRules } from "./audit/rules.js";
import { checkAnswer } from "./direct/check-answer.js";
import { ledgerErrors } from "./errors.js";
import type { SentReport } from "./meter.js";
import type { Interval } from "./one-time-key.js";
import { receiptStruct } from "./statements.js";

interface Sent {
  readonly report: SentReport;
  /** Undefined when the report was refused, or the answer was lost. */
  readonly claim: Claim | undefined;
}

/** The outcome of one interval for one home. */
export interface OwnBill {
  /** In millionths of the currency's minor unit, as published. */
  readonly amount: bigint;
  readonly rows: number;
  readonly findings: readonly Finding[];
}

export class LedgerResident {
  readonly #sent = new Map<Interval, readonly Sent[]>();

  constructor(private readonly rules: LedgerRules) {}

  /**
   * Keeps what the meter has sent in one packet, and the answer: undefined if it was lost, and then
   * nothing about this packet can be proved to others.
   * @throws ledger/bad-receipt if there is no right receipt for the reports that were not refused
   */
  remember(reports: readonly SentReport[], answer: Admission | undefined): void {
    const interval = reports[0]?.interval;
    if (interval === undefined) return;
    const kept = answer === undefined ? [] : this.#claims(interval, reports, answer);
    const sent = reports.map((report, i): Sent => ({ report, claim: kept[i] }));
    this.#sent.set(interval, [...(this.#sent.get(interval) ?? []), ...sent]);
  }

  /** Numbers of the rows that are this home's own: what it asks for in the direct variant. */
  ownRows({ consumption, consumptionRows }: IndexedPages): number[] {
    return (this.#sent.get(consumption.statement.interval) ?? []).flatMap(
      ({ report }) => consumptionRows.placeOf(report.pseudonym) ?? [],
    );
  }

  /**
   * Compares an interval's pages with what was sent, and forgets what was sent.
   * @param answers of the provider by row, in the direct variant; a lost one is left out
   * @throws ledger/no-price if the rules have no price for the interval
   */
  settle(pages: IndexedPages, answers?: ReadonlyMap<number, Uint8Array>): OwnBill {
    const { interval } = pages.consumption.statement;
    const findings: Finding[] = [...pages.priceFaults, ...pages.totalFaults];
    let amount = 0n;
    let rows = 0;
    for (const { report, claim } of this.#sent.get(interval) ?? []) {
      findings.push(...auditReport(pages, report, claim));
      const place = pages.consumptionRows.placeOf(report.pseudonym);
      if (place === undefined) continue;
      if (pages.bills.rows[place] === undefined) {
        const message = `row ${place} of L_OCD has no row in L_BC`;
        const challenge = { kind: "row-count" } as const;
        findings.push(finding(interval, "row-count", message, { index: place, challenge }));
      } else {
        findings.push(...auditBillRow(pages, place));
      }
      if (answers !== undefined) {
        findings.push(...checkAnswer(pages, place, answers.get(place)));
      }
      const bill = pages.billRows.placeOf(report.pseudonym);
      if (bill === undefined) continue;
      amount += pages.bills.rows[bill]!.amount;
      rows++;
    }
    this.#sent.delete(interval);
    return { amount, rows, findings };
  }

  /** A claim for each report that the receipt covers, at its place. */
  #claims(
    interval: Interval,
    reports: readonly SentReport[],
    answer: Admission,
  ): (Claim | undefined)[] {
    if (typeof answer.refused === "string") return [];
    const { refused, receipt: signature } = answer as Exclude<Admission, { refused: string }>;
    const isCovered = (index: number): boolean =>
      !refused.some((r) => r.index === index && r.reason !== "replayed");
    const covered = reports.filter((_, i) => isCovered(i));
    if (covered.length === 0) return [];
    const receipt = {
      interval,
      pseudonyms: covered.map((r) => r.pseudonym),
      categories: covered.map((r) => r.category),
    };
    const { verifier, controlCentre } = this.rules;
    if (
      signature === undefined ||
      !verifier.verify(receiptStruct(receipt), signature, controlCentre)
    ) {
      throw ledgerErrors.error(
        "bad-receipt",
        `the receipt for ${covered.length} reports of interval ${interval} is not the control centre's`,
        { interval, reports: covered.length },
      );
    }
    return reports.map((report) => {
      const which = covered.indexOf(report);
      return which === -1 ? undefined : { receipt, signature, which };
    });
  }
}
