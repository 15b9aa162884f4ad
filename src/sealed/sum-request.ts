/** A weighted sum of sealed readings that trustees are asked to decrypt. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { LogRange } from "../algebra/index.js";
import { weightedSum, type Ciphertext } from "./elgamal.js";
import { Writer } from "./encoding.js";
import { sealedErrors } from "./errors.js";
import { reportDigest, type SealedReading, type SealedReport } from "./report.js";
import { provedRange, rulesDigest, type ReportingRules } from "./rules.js";
import type { SealedSystem } from "./system.js";

export interface SumRequest {
  readonly reports: readonly SealedReport[];
  /** weights[i][j] multiplies reading j of report i; 0 leaves it out. */
  readonly weights: readonly (readonly bigint[])[];
}

/** A reading that is in the sum. */
export interface SumTerm {
  readonly report: SealedReport;
  readonly reading: SealedReading;
  /** Not 0. */
  readonly weight: bigint;
}

/** The readings in the sum. @throws sealed/no-price if the weights do not fit the readings */
export function sumTerms({ reports, weights }: SumRequest): SumTerm[] {
  return reports.flatMap((report, i) => {
    if (weights[i]?.length !== report.readings.length) {
      throw sealedErrors.error(
        "no-price",
        `report ${i} has ${report.readings.length} readings and ${weights[i]?.length ?? 0} weights`,
        { report: i },
      );
    }
    return report.readings.flatMap((reading, j) => {
      const weight = weights[i]![j]!;
      return weight === 0n ? [] : [{ report, reading, weight }];
    });
  });
}

/** Enc(Σ weight·reading): what the trustees decrypt. @throws sealed/no-price */
export function sealedSum(system: SealedSystem, request: SumRequest): Ciphertext {
  return weightedSum(
    system,
    sumTerms(request).map(({ reading, weight }) => ({ ciphertext: reading.ciphertext, weight })),
  );
}

/** Between which values the sum lies, as the range proofs of its readings show. @throws sealed/no-price */
export function sumRange(rules: ReportingRules, request: SumRequest): LogRange {
  let [lo, hi] = [0n, 0n];
  for (const { reading, weight } of sumTerms(request)) {
    const range = provedRange(rules, reading.flagged);
    lo += weight * (weight > 0n ? range.lo : range.hi);
    hi += weight * (weight > 0n ? range.hi : range.lo);
  }
  return { lo, hi };
}

/** Names the request: rules, reports and weights. The answers of the trustees are bound to it. */
export function requestDigest(
  system: SealedSystem,
  rules: ReportingRules,
  { reports, weights }: SumRequest,
): Uint8Array {
  const writer = new Writer(system).bytes(utf8ToBytes("sipster/sealed/request@1"));
  writer.bytes(rulesDigest(system, rules)).int(reports.length, 4);
  reports.forEach((report, i) => {
    writer.bytes(reportDigest(system, rules, report));
    for (const weight of weights[i] ?? []) writer.signed(weight);
  });
  return keccak_256(writer.done());
}
