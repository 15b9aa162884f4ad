/**
 * The control centre's side: takes reports, refuses what does not hold, filters what is abnormal, adds
 * up price × reading without seeing a reading, and asks the trustees for one number.
 */
import {
  bytesToInt,
  type Address,
  type DiscreteLogTable,
  type LogRange,
} from "../algebra/index.js";
import { isSipsterError, type SipsterError } from "../errors/sipster-error.js";
import { sealedErrors } from "./errors.js";
import type { SharedKey } from "./key-share.js";
import type { SealedReading, SealedReport } from "./report.js";
import type { ReportVerifier } from "./report-verifier.js";
import type { ReportingRules } from "./rules.js";
import { requestDigest, sealedSum, sumRange, type SumRequest } from "./sum-request.js";
import type { Point, SealedSystem } from "./system.js";
import { combinePartials, type PartialDecryption } from "./threshold.js";

/** A report that was not taken, and why. */
export interface Refusal {
  /** Its place in the list that was given. */
  readonly index: number;
  readonly error: SipsterError;
}

/** The price of one unit of a reading; `undefined` leaves the reading out of the bill. */
export type PriceOf = (reading: SealedReading) => bigint | undefined;

/** A decrypted sum. */
export interface OpenedSum {
  readonly value: bigint;
  /** Trustees whose answers were wrong. */
  readonly cheaters: readonly number[];
}

export class ControlCentre {
  /** By meter. */
  readonly #reports = new Map<bigint, SealedReport[]>();
  readonly #last = new Map<bigint, number>();

  constructor(
    private readonly system: SealedSystem,
    private readonly rules: ReportingRules,
    private readonly verifier: ReportVerifier,
  ) {}

  /**
   * Takes the reports that hold and are new, in the order given, and says why it refused the others
   * (sealed/unknown-meter, bad-encoding, bad-signature, bad-proof, replayed-interval).
   */
  receive(reports: readonly SealedReport[]): Refusal[] {
    const refusals: Refusal[] = [];
    this.verifier.check(reports).forEach((error, index) => {
      const report = reports[index]!;
      const reason = error ?? this.#replayed(report);
      if (reason === null) this.#keep(report);
      else refusals.push({ index, error: reason });
    });
    return refusals;
  }

  /** The readings of a meter that were taken, in order. */
  readings(meter: Address): SealedReading[] {
    return (this.#reports.get(bytesToInt(meter)) ?? []).flatMap((r) => r.readings);
  }

  /**
   * The request for Σ price·reading of one meter. Abnormal readings are left out unless `priceOf`
   * prices them like others: it sees their mark. @throws sealed/no-readings
   */
  requestBill(meter: Address, priceOf: PriceOf): SumRequest {
    const all = this.#reports.get(bytesToInt(meter)) ?? [];
    const weights = all.map((report) => report.readings.map((r) => priceOf(r) ?? 0n));
    // Reports without a reading in the bill are of no concern to the trustees.
    const used = all.flatMap((_, i) => (weights[i]!.some((w) => w !== 0n) ? [i] : []));
    if (used.length === 0) {
      throw sealedErrors.error("no-readings", "the meter has no reading with a price");
    }
    return { reports: used.map((i) => all[i]!), weights: used.map((i) => weights[i]!) };
  }

  /**
   * The number behind a request from the answers of t trustees. The search begins at `near`, at 0 when
   * absent, and goes as far as the range proofs allow.
   * @throws sealed/too-few-partials; sealed/sum-out-of-range if the key is not that of the meters
   */
  open(
    request: SumRequest,
    key: SharedKey,
    partials: readonly PartialDecryption[],
    table: DiscreteLogTable<Point>,
    near?: bigint,
  ): OpenedSum {
    const { system, rules } = this;
    const context = requestDigest(system, rules, request);
    const { message, cheaters } = combinePartials(
      system,
      key,
      sealedSum(system, request),
      context,
      partials,
    );
    const proved = sumRange(rules, request);
    const range: LogRange = near === undefined ? proved : { ...proved, near };
    try {
      return { value: table.solve(message, range), cheaters };
    } catch (error) {
      if (!isSipsterError(error, "algebra/discrete-log-out-of-range")) throw error;
      throw sealedErrors.error(
        "sum-out-of-range",
        `the sum is not between ${range.lo} and ${range.hi}, where its readings were proved to be`,
        { lo: range.lo, hi: range.hi },
        error,
      );
    }
  }

  #replayed({ meter, readings }: SealedReport): SipsterError | null {
    const last = this.#last.get(bytesToInt(meter)) ?? -1;
    const { interval } = readings[0]!;
    if (interval > last) return null;
    return sealedErrors.error(
      "replayed-interval",
      `interval ${interval} does not come after ${last}, the last one reported`,
      { interval, last },
    );
  }

  #keep(report: SealedReport): void {
    const meter = bytesToInt(report.meter);
    this.#last.set(meter, report.readings.at(-1)!.interval);
    const kept = this.#reports.get(meter);
    if (kept === undefined) this.#reports.set(meter, [report]);
    else kept.push(report);
  }
}
