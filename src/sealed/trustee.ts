/**
 * A trustee: holds a share of the key, and decrypts sums and nothing else. It checks every report
 * itself and adds them up itself, so what it decrypts is the sum of readings that meters signed and
 * know, and no ciphertext of somebody's making.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import { sealedErrors } from "./errors.js";
import type { KeyShare } from "./key-share.js";
import type { ReportVerifier } from "./report-verifier.js";
import type { ReportingRules } from "./rules.js";
import {
  requestDigest,
  sealedSum,
  sumTerms,
  type SumRequest,
  type SumTerm,
} from "./sum-request.js";
import type { SealedSystem } from "./system.js";
import { PartialDecryptor, type PartialDecryption } from "./threshold.js";
import { TrusteeLog, type LogEntry } from "./trustee-log.js";

export interface TrusteePolicy {
  /** A sum is over at least so many readings. */
  readonly minReadings: number;
  /**
   * At least so many readings of a sum share each weight: with weights of his own choice, 1, 10⁵, 10¹⁰,
   * somebody could read many readings off one sum. 1 allows prices that differ in every interval.
   */
  readonly minPerWeight: number;
}

export class Trustee {
  readonly #decryptor: PartialDecryptor;
  readonly #log: TrusteeLog;

  /**
   * `log` is that of an earlier life. `keep` is called with each entry before the answer leaves, and must
   * have written it down when it returns. @throws sealed/bad-share, sealed/damaged-log
   */
  constructor(
    private readonly system: SealedSystem,
    private readonly rules: ReportingRules,
    private readonly verifier: ReportVerifier,
    private readonly policy: TrusteePolicy,
    share: KeyShare,
    log: readonly LogEntry[] = [],
    private readonly keep: (entry: LogEntry) => void = () => undefined,
  ) {
    this.#decryptor = new PartialDecryptor(system, share);
    this.#log = new TrusteeLog(log);
  }

  /** Everything answered so far. */
  get log(): readonly LogEntry[] {
    return this.#log.entries;
  }

  /**
   * This trustee's part of the decryption of a sum. The same request again gets the same answer.
   * @throws sealed/too-few-readings, too-few-at-a-price, already-decrypted, no-price, and what
   *   `ReportVerifier.check` finds wrong with a report
   */
  answer(request: SumRequest): PartialDecryption {
    const digest = requestDigest(this.system, this.rules, request);
    const name = bytesToHex(digest);
    if (!this.#log.answered(name)) {
      const terms = sumTerms(request);
      this.#checkWeights(terms);
      this.#checkUnspent(terms);
      const wrong = this.verifier.check(request.reports).find((error) => error !== null);
      if (wrong) throw wrong;
      const entry = this.#log.next(name, readingsByMeter(terms));
      this.keep(entry);
      this.#log.append(entry);
    }
    return this.#decryptor.decrypt(sealedSum(this.system, request), digest);
  }

  #checkWeights(terms: readonly SumTerm[]): void {
    const { minReadings, minPerWeight } = this.policy;
    if (terms.length < minReadings) {
      throw sealedErrors.error(
        "too-few-readings",
        `the sum is over ${terms.length} readings, at least ${minReadings} are needed`,
        { readings: terms.length, needed: minReadings },
      );
    }
    const counts = new Map<bigint, number>();
    for (const { weight } of terms) counts.set(weight, (counts.get(weight) ?? 0) + 1);
    for (const [weight, count] of counts) {
      if (count < minPerWeight) {
        throw sealedErrors.error(
          "too-few-at-a-price",
          `${count} readings have the weight ${weight}, at least ${minPerWeight} must share each`,
          { weight, readings: count, needed: minPerWeight },
        );
      }
    }
  }

  #checkUnspent(terms: readonly SumTerm[]): void {
    const seen = new Set<string>();
    for (const { report, reading } of terms) {
      const meter = bytesToHex(report.meter);
      const reference = `${meter} ${reading.interval}`;
      if (seen.has(reference) || this.#log.isSpent(meter, reading.interval)) {
        throw sealedErrors.error(
          "already-decrypted",
          `interval ${reading.interval} of meter 0x${meter} is in another sum, or twice in this one`,
          { meter: `0x${meter}`, interval: reading.interval },
        );
      }
      seen.add(reference);
    }
  }
}

function readingsByMeter(terms: readonly SumTerm[]): Map<string, number[]> {
  const result = new Map<string, number[]>();
  for (const { report, reading } of terms) {
    const meter = bytesToHex(report.meter);
    const numbers = result.get(meter);
    if (numbers === undefined) result.set(meter, [reading.interval]);
    else numbers.push(reading.interval);
  }
  return result;
}
