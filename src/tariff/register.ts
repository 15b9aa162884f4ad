/** Cumulative registers: what they show, and the energy between two readings of one. */
import { tariffErrors } from "./errors.js";

/** What a register shows, and the time in which the energy since the reading before flowed. */
export interface RegisterReading {
  readonly kind: "import" | "export";
  /** Since the register began; never falls. */
  readonly wattHours: number;
  /** First instant, ms since 1970 in UTC, and first instant after it; both may be one moment. */
  readonly from: number;
  readonly to: number;
}

/**
 * Watt-hours since the register showed `shown`.
 * @param now no time is later
 * @throws tariff/bad-register
 */
export function energySince(
  { kind, wattHours, from, to }: RegisterReading,
  shown: number,
  now: number,
): number {
  const refuse = (why: string) =>
    tariffErrors.error("bad-register", `the ${kind} register ${why}`, { kind });
  if (![wattHours, from, to].every((n) => Number.isInteger(n) && n >= 0 && n < 2 ** 48)) {
    throw refuse("or its time is not a whole number in range");
  }
  if (wattHours < shown) throw refuse(`fell from ${shown} to ${wattHours} Wh`);
  if (from > to) throw refuse("has a time that ends before it begins");
  if (to > now) throw refuse(`has a time that ends ${to - now} ms ahead of the clock`);
  return wattHours - shown;
}
