/** The meter's side: encrypts, commits, proves, signs; each interval once and in order. */
import { wasmEcdsa, type Address, type Ecdsa } from "../algebra/index.js";
import { commit } from "./commitment.js";
import { proveEquality } from "./equality-proof.js";
import { sealedErrors } from "./errors.js";
import { proveRanges } from "./range-prover.js";
import { inRange } from "./ranges.js";
import {
  INTERVAL_LIMIT,
  reportContext,
  reportDigest,
  type SealedReport,
  type UnsignedReport,
} from "./report.js";
import { provedRange, type ReportingRules } from "./rules.js";
import { randomScalars } from "./scalars.js";
import type { SealedSystem } from "./system.js";

/** A reading in the clear: an integer, for example in watt-hours. */
export interface Reading {
  readonly interval: number;
  readonly value: bigint;
}

export class SealedMeter {
  readonly address: Address;
  #last: number;

  /** `last` is the last interval reported, from the meter's memory; −1 for a new meter. */
  constructor(
    private readonly system: SealedSystem,
    private readonly rules: ReportingRules,
    private readonly secretKey: Uint8Array,
    last = -1,
    private readonly ecdsa: Ecdsa = wasmEcdsa,
  ) {
    this.address = ecdsa.address(secretKey);
    this.#last = last;
  }

  /** The last interval reported, to be kept through a restart; written down before a report leaves. */
  get last(): number {
    return this.#last;
  }

  /**
   * A report of readings in the order of their intervals. A reading outside the normal range is
   * marked, and proved to be possible only.
   * @throws sealed/interval-not-increasing, sealed/impossible-reading, sealed/report-size,
   *   sealed/bad-range if there are too many readings for one proof
   */
  report(readings: readonly Reading[]): SealedReport {
    this.#check(readings);
    const { system, rules } = this;
    const randomness = randomScalars(2 * readings.length);
    const sealed = readings.map(({ interval, value }, i) => {
      const flagged = !inRange(value, rules.normal);
      const opening = { value, blinding: randomness[2 * i]! };
      const nonce = randomness[2 * i + 1]!;
      return {
        interval,
        flagged,
        range: provedRange(rules, flagged),
        opening,
        nonce,
        ciphertext: rules.key.encrypt(value, nonce),
        commitment: commit(system, opening),
      };
    });
    const context = reportContext(system, rules, this.address, sealed);
    const unsigned: UnsignedReport = {
      meter: this.address,
      readings: sealed.map(({ interval, flagged, ciphertext, commitment }) => ({
        interval,
        flagged,
        ciphertext,
        commitment,
      })),
      equality: proveEquality(system, context, rules.key, sealed),
      range: proveRanges(system, context, sealed),
    };
    const signature = this.ecdsa.sign(reportDigest(system, rules, unsigned), this.secretKey);
    this.#last = readings.at(-1)!.interval;
    return { ...unsigned, signature };
  }

  #check(readings: readonly Reading[]): void {
    if (readings.length === 0) {
      throw sealedErrors.error("report-size", "a report holds at least one reading");
    }
    let last = this.#last;
    for (const { interval, value } of readings) {
      if (!Number.isInteger(interval) || interval <= last || interval >= INTERVAL_LIMIT) {
        throw sealedErrors.error(
          "interval-not-increasing",
          `interval ${interval} does not come after ${last}`,
          { interval, last },
        );
      }
      if (!inRange(value, this.rules.possible)) {
        const { lo, hi } = this.rules.possible;
        throw sealedErrors.error(
          "impossible-reading",
          `the reading of interval ${interval} is not between ${lo} and ${hi}`,
          { interval, lo, hi },
        );
      }
      last = interval;
    }
  }
}
