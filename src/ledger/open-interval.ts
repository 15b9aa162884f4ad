/** The interval that is open at the control centre: what it admits, and what it will publish. */
import type { Admission, RefusedReport } from "./admission.js";
import type { EnrolmentList } from "./enrolment.js";
import type { Journal } from "./journal.js";
import { appendReports } from "./ocd-file.js";
import {
  consumptionRows,
  consumptionStatement,
  withheldCategories,
  type AdmittedReport,
  type ConsumptionPage,
  type IntervalTerms,
} from "./pages.js";
import { parcelSize } from "./parcels.js";
import { decodeBundle, reportMessage, type Report } from "./report.js";
import { wrongSignatures, type SchnorrItem } from "./schnorr.js";
import { consumptionStruct, receiptStruct, type StatementSigner } from "./statements.js";

/** A report whose pseudonym is enrolled; the rest is still to be checked. */
interface Candidate {
  readonly bundle: number;
  readonly index: number;
  readonly report: AdmittedReport;
}

const nameOf = ({ pseudonym }: Report): string => Buffer.from(pseudonym).toString("latin1");

export class OpenInterval {
  readonly #admitted: Map<string, AdmittedReport>;

  /**
   * @param list who may report; nobody when absent, as when a closed interval is only read.
   * @param ledger names the deployment: `ledgerId` of its domain.
   */
  constructor(
    readonly terms: IntervalTerms,
    readonly journal: Journal,
    private readonly list: EnrolmentList | undefined,
    private readonly ledger: Uint8Array,
    private readonly signer: StatementSigner,
    admitted: readonly AdmittedReport[],
  ) {
    this.#admitted = new Map(admitted.map((r) => [nameOf(r), r]));
  }

  /**
   * Checks the contents of packets and admits what is genuine: one look-up a report, one batch
   * verification of all signatures, one write to the disk. Answers in the order of the packets. Calls
   * must not overlap.
   */
  async admit(packets: readonly Uint8Array[]): Promise<Admission[]> {
    const bundles = packets.map((packet) => this.#read(packet));
    const refused = bundles.map((): RefusedReport[] => []);
    const covered = bundles.map((): AdmittedReport[] => []);
    const fresh = new Map<string, AdmittedReport>();

    const candidates = this.#candidates(bundles, refused);
    const wrong = new Set(wrongSignatures(candidates.map(({ report }) => this.#signed(report))));
    for (const [at, { bundle, index, report }] of candidates.entries()) {
      const name = nameOf(report);
      const before = this.#admitted.get(name) ?? fresh.get(name);
      if (wrong.has(at)) {
        refused[bundle]!.push({ index, reason: "signature" });
      } else if (before !== undefined && before.category !== report.category) {
        refused[bundle]!.push({ index, reason: "conflict" });
      } else {
        covered[bundle]!.push(report);
        if (before === undefined) fresh.set(name, report);
        else refused[bundle]!.push({ index, reason: "replayed" });
      }
    }
    if (fresh.size > 0) await appendReports(this.journal, [...fresh.values()]);
    for (const [name, report] of fresh) this.#admitted.set(name, report);

    return bundles.map((bundle, i): Admission => {
      if (typeof bundle === "string") return { refused: bundle };
      return {
        refused: refused[i]!.sort((a, b) => a.index - b.index),
        receipt: this.#receipt(covered[i]!),
      };
    });
  }

  /** What is published of the interval if it closes now. */
  page(): ConsumptionPage {
    const reports = [...this.#admitted.values()];
    const withheld = withheldCategories(reports, this.terms.k);
    const rows = consumptionRows(reports, this.terms.average, withheld);
    const statement = consumptionStatement(this.terms, withheld, rows);
    const signature = this.signer.sign(consumptionStruct(statement));
    return { statement, signature, rows, previousRoot: this.terms.previousRoot };
  }

  #read(packet: Uint8Array): readonly Report[] | "malformed" | "late" | "early" {
    const bundle = decodeBundle(packet);
    if (bundle === undefined) return "malformed";
    if (bundle.interval === this.terms.interval) return bundle.reports;
    return bundle.interval > this.terms.interval ? "early" : "late";
  }

  /** Looks every report up; the unknown ones go to `refused`. */
  #candidates(
    bundles: readonly (readonly Report[] | string)[],
    refused: readonly RefusedReport[][],
  ): Candidate[] {
    return bundles.flatMap((reports, bundle) => {
      if (typeof reports === "string") return [];
      return reports.flatMap((report, index) => {
        const key = this.list?.keyOf(report.pseudonym);
        if (key !== undefined) return [{ bundle, index, report: { ...report, key } }];
        refused[bundle]!.push({ index, reason: "unknown" });
        return [];
      });
    });
  }

  #signed({ pseudonym, category, key, signature }: AdmittedReport): SchnorrItem {
    const { interval, average } = this.terms;
    const wattHours = parcelSize(category, average);
    return { key, message: reportMessage(this.ledger, interval, pseudonym, wattHours), signature };
  }

  #receipt(reports: readonly AdmittedReport[]): Uint8Array | undefined {
    if (reports.length === 0) return undefined;
    return this.signer.sign(
      receiptStruct({
        interval: this.terms.interval,
        pseudonyms: reports.map((r) => r.pseudonym),
        categories: reports.map((r) => r.category),
      }),
    );
  }
}
