/**
 * What a bill or a neighbourhood's sum is made of, and whether it may be decrypted at all. Control centre
 * and trustees compute the same; a trustee believes neither a weight nor a choice of readings.
 */
import { equalBytes } from "../algebra/index.js";
import { sealedErrors } from "./errors.js";
import { gapsIn, isWithin, type Span } from "./interval.js";
import { priceOf, type GroupNotice, type TariffNotice } from "./notices.js";
import type { SealedReading, SealedReport } from "./report.js";
import type { ReportingRules } from "./rules.js";
import type { SumTerm } from "./sum-request.js";

export interface SumPolicy {
  /** A bill is over at least so many readings. */
  readonly minReadings: number;
  /**
   * At least so many readings of a bill share each price: if all cost 20,000 but one 20,001, the bill
   * modulo 20,000 is that reading.
   */
  readonly minPerPrice: number;
  /** k: honest meters that a neighbourhood's sum hides each other among. */
  readonly minHonest: number;
  /** Meters of a group that may be corrupt: the group has at least `minHonest` more than these. */
  readonly assumedCorrupt: number;
}

export const DEFAULT_POLICY: SumPolicy = {
  minReadings: 48,
  minPerPrice: 48,
  minHonest: 20,
  assumedCorrupt: 5,
};

/**
 * Readings within the span, if the reports are one meter's, follow each other and cover all of it.
 * @throws sealed/incomplete
 */
export function wholeSpan(reports: readonly SealedReport[], span: Span): SealedReading[] {
  const refuse = (why: string): never => {
    throw sealedErrors.error("incomplete", why, { from: span.from, to: span.to });
  };
  reports.forEach((report, i) => {
    const before = reports[i - 1];
    if (before === undefined) return;
    if (!equalBytes(report.meter, before.meter)) refuse("the reports are of several meters");
    if (report.span.from !== before.span.to) {
      refuse(`no report covers ${before.span.to} to ${report.span.from}`);
    }
  });
  const [first, last] = [reports[0], reports.at(-1)];
  if (first === undefined || first.span.from > span.from || last!.span.to < span.to) {
    refuse(`the reports do not cover ${span.from} to ${span.to}`);
  }
  return reports.flatMap((r) => r.readings).filter((r) => isWithin(r.interval, span));
}

/** Readings of the period with a price, and the gaps that a request names. @throws sealed/incomplete */
export function billTerms(
  rules: ReportingRules,
  tariff: TariffNotice,
  reports: readonly SealedReport[],
): { readonly terms: readonly SumTerm[]; readonly gaps: readonly Span[] } {
  const readings = wholeSpan(reports, tariff.span);
  const terms = readings.flatMap((reading) => {
    const weight = priceOf(tariff, reading.interval);
    const isBilled = weight !== 0n && (!reading.flagged || rules.billAbnormal);
    return isBilled ? [{ reading, weight }] : [];
  });
  const numbers = readings.map((r) => r.interval);
  return { terms, gaps: gapsIn(numbers, tariff.span, rules.step) };
}

/** @throws sealed/too-few-readings, sealed/too-few-at-a-price */
export function checkPrices(
  { minReadings, minPerPrice }: Pick<SumPolicy, "minReadings" | "minPerPrice">,
  weights: readonly bigint[],
): void {
  if (weights.length < minReadings) {
    throw sealedErrors.error(
      "too-few-readings",
      `the sum is over ${weights.length} readings, at least ${minReadings} are needed`,
      { readings: weights.length, needed: minReadings },
    );
  }
  const counts = new Map<bigint, number>();
  for (const weight of weights) counts.set(weight, (counts.get(weight) ?? 0) + 1);
  for (const [weight, count] of counts) {
    if (count < minPerPrice) {
      throw sealedErrors.error(
        "too-few-at-a-price",
        `${count} readings have the weight ${weight}, at least ${minPerPrice} must share each`,
        { weight, readings: count, needed: minPerPrice },
      );
    }
  }
}

/**
 * Each member's reading of the interval, weight 1: one report of each, in the order of the notice.
 * @throws sealed/incomplete
 */
export function groupTerms(
  notice: GroupNotice,
  interval: number,
  reports: readonly SealedReport[],
): readonly SumTerm[] {
  const refuse = (why: string): never => {
    throw sealedErrors.error("incomplete", why, { group: notice.group, interval });
  };
  if (!isWithin(interval, notice.span)) refuse("the interval is not on the day of the group");
  if (reports.length !== notice.members.length)
    refuse("a member's report is missing, or one is too many");
  return reports.map((report, i) => {
    if (!equalBytes(report.meter, notice.members[i]!)) refuse(`report ${i} is of another meter`);
    const reading = report.readings.find((r) => r.interval === interval);
    return { reading: reading ?? refuse(`member ${i} has no reading of the interval`), weight: 1n };
  });
}
