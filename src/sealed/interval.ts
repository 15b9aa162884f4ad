/**
 * Numbers of readings: twice the second since 1970 at which the interval begins, plus 1 for energy fed
 * in. They rise with time, and one instant has at most one reading of each direction.
 */
import { sealedErrors } from "./errors.js";

/** Numbers are below this. */
export const INTERVAL_LIMIT = 2 ** 48;
export const INTERVAL_BYTES = 6;

export interface ReadingInstant {
  /** Seconds since 1970. */
  readonly start: number;
  /** Energy fed in, not drawn? */
  readonly fed: boolean;
}

/** @throws sealed/bad-interval for an instant that is not a whole second between 1970 and 2^47 */
export function intervalNumber({ start, fed }: ReadingInstant): number {
  if (!Number.isInteger(start) || start < 0 || start >= INTERVAL_LIMIT / 2) {
    throw sealedErrors.error("bad-interval", `${start} is not a second since 1970`, { start });
  }
  return 2 * start + (fed ? 1 : 0);
}

export function intervalOf(number: number): ReadingInstant {
  return { start: Math.floor(number / 2), fed: number % 2 === 1 };
}

/** From an instant, to before another, in seconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Is the reading of the interval in the span? */
export function isWithin(number: number, { from, to }: Span): boolean {
  const { start } = intervalOf(number);
  return from <= start && start < to;
}

/**
 * Stretches of the span without a reading: between two readings more than a step apart, and at either
 * end. Shorter steps (where a price changes inside one) leave no gap.
 */
export function gapsIn(numbers: readonly number[], span: Span, step: number): Span[] {
  const gaps: Span[] = [];
  let until = span.from;
  for (const number of numbers) {
    const { start } = intervalOf(number);
    if (start > until) gaps.push({ from: until, to: start });
    until = Math.max(until, start + step);
  }
  if (until < span.to) gaps.push({ from: until, to: span.to });
  return gaps;
}
