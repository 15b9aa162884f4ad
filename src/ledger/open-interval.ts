/** The interval that is open at the control centre: what it admits. */
import { equalBytes } from "../algebra/index.js";
import type { Admission, RefusedReport } from "./admission.js";
import { localCurve, type CurveWork } from "./curve-work.js";
import { nameOf, type EnrolmentEntry, type EnrolmentList } from "./enrolment.js";
import type { IntervalNumber } from "./one-time-key.js";
import type { AdmittedReport } from "./pages.js";
import { isInMask, parcelSize } from "./parcels.js";
import type { IntervalTerms } from "./page-book.js";
import { receiptLeaves, receiptSalts } from "./receipts.js";
import { decodeBundle, reportMessage, type Report, type ReportBundle } from "./report.js";
import type { SchnorrItem } from "./schnorr.js";
import { receiptStruct, type StatementSigner, type TypedStruct } from "./statements.js";

/** A report whose pseudonym is enrolled; the rest is still to be checked. */
interface Candidate {
  readonly packet: number;
  readonly index: number;
  readonly report: AdmittedReport;
}

type Whole = "malformed" | "late" | "early";

export interface OpenIntervalOptions {
  readonly interval: IntervalNumber;
  readonly terms: IntervalTerms;
  readonly list: EnrolmentList;
  /** Names the deployment: `ledgerId` of its domain. */
  readonly ledger: Uint8Array;
  /** Signs receipts, with a key that is registered for the interval. */
  readonly receipts: StatementSigner;
  /** Who checks the reports' signatures; this thread when absent. */
  readonly curve?: CurveWork | undefined;
  /** What was admitted before the process ended. */
  readonly admitted: readonly AdmittedReport[];
  /** Keeps reports; resolves when they are durable. */
  readonly keep: (reports: readonly AdmittedReport[]) => Promise<void>;
}

export class OpenInterval {
  readonly #admitted: Map<string, AdmittedReport>;

  constructor(private readonly options: OpenIntervalOptions) {
    this.#admitted = new Map(options.admitted.map((r) => [nameOf(r.pseudonym), r]));
  }

  get interval(): IntervalNumber {
    return this.options.interval;
  }

  get reports(): readonly AdmittedReport[] {
    return [...this.#admitted.values()];
  }

  /**
   * Checks the contents of packets and admits what is genuine: one look-up a report, one batch
   * verification of all signatures, one write to the store. Answers in the order of the packets. Calls
   * must not overlap.
   */
  async admit(packets: readonly Uint8Array[]): Promise<Admission[]> {
    const bundles = packets.map((packet) => this.#read(packet));
    const refused = bundles.map((): RefusedReport[] => []);
    const covered = bundles.map(() => new Map<number, AdmittedReport>());
    const fresh = new Map<string, AdmittedReport>();

    const candidates = this.#candidates(bundles, refused);
    const wrong = new Set(await this.#wrong(candidates));
    for (const [at, { packet, index, report }] of candidates.entries()) {
      const name = nameOf(report.pseudonym);
      const before = this.#admitted.get(name) ?? fresh.get(name);
      if (wrong.has(at)) {
        refused[packet]!.push({ index, reason: "signature" });
        continue;
      }
      covered[packet]!.set(index, before ?? report);
      if (before === undefined) fresh.set(name, report);
      else refused[packet]!.push({ index, reason: "replayed" });
    }
    if (fresh.size > 0) await this.options.keep([...fresh.values()]);
    for (const [name, report] of fresh) this.#admitted.set(name, report);

    const receipts = this.#receipts(bundles, covered);
    return bundles.map((bundle, i): Admission => {
      if (typeof bundle === "string") return { refused: bundle };
      return {
        refused: refused[i]!.sort((a, b) => a.index - b.index),
        receipt: receipts.get(i),
      };
    });
  }

  #read(packet: Uint8Array): ReportBundle | Whole {
    const bundle = decodeBundle(packet);
    if (bundle === undefined) return "malformed";
    if (bundle.interval === this.interval) return bundle;
    return bundle.interval > this.interval ? "early" : "late";
  }

  /** Looks every report up; the unknown ones go to `refused`. */
  #candidates(
    bundles: readonly (ReportBundle | Whole)[],
    refused: readonly RefusedReport[][],
  ): Candidate[] {
    return bundles.flatMap((bundle, packet) => {
      if (typeof bundle === "string") return [];
      return bundle.reports.flatMap((report, index) => {
        const entry = this.#entryFor(report);
        if (entry !== undefined) {
          const { key, keyY } = entry;
          return [{ packet, index, report: { ...report, key, ...(keyY && { keyY }) } }];
        }
        refused[packet]!.push({ index, reason: "unknown" });
        return [];
      });
    });
  }

  /** The entry of a report that the enrolment allows, in its category. */
  #entryFor({ pseudonym, category }: Report): EnrolmentEntry | undefined {
    const { list, terms } = this.options;
    const entry = list.entryOf(pseudonym);
    const isAllowed = entry?.category === category && !isInMask(terms.mask, category);
    return isAllowed ? entry : undefined;
  }

  /** The candidates that are not signed; one that is admitted already is only compared. */
  async #wrong(candidates: readonly Candidate[]): Promise<number[]> {
    const wrong: number[] = [];
    const unchecked: number[] = [];
    for (const [at, { report }] of candidates.entries()) {
      const before = this.#admitted.get(nameOf(report.pseudonym));
      if (before === undefined) unchecked.push(at);
      else if (!equalBytes(before.signature, report.signature)) unchecked.push(at);
    }
    const items = unchecked.map((at) => this.#signed(candidates[at]!.report));
    const { curve = localCurve } = this.options;
    for (const i of await curve.wrongSignatures(items)) wrong.push(unchecked[i]!);
    return wrong;
  }

  #signed(report: AdmittedReport): SchnorrItem {
    const { interval, terms, ledger } = this.options;
    const wattHours = parcelSize(report.category, terms.average);
    const message = reportMessage({ ledger, interval, pseudonym: report.pseudonym, wattHours });
    return { ...report, message };
  }

  /** By packet: the receipts of those that have a report in the ledger. */
  #receipts(
    bundles: readonly (ReportBundle | Whole)[],
    covered: readonly ReadonlyMap<number, AdmittedReport>[],
  ): ReadonlyMap<number, Uint8Array> {
    const packets: number[] = [];
    const structs: TypedStruct[] = [];
    for (const [i, bundle] of bundles.entries()) {
      if (typeof bundle === "string" || covered[i]!.size === 0) continue;
      const { interval, secret } = bundle;
      packets.push(i);
      const leaves = receiptLeaves(receiptSalts(secret), covered[i]!);
      structs.push(receiptStruct({ interval, leaves }));
    }
    const signatures = this.options.receipts.signAll(structs);
    return new Map(packets.map((packet, i) => [packet, signatures[i]!]));
  }
}
