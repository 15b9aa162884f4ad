/**
 * Exact money. Every amount is an integer count of one fixed fraction of the minor unit of its
 * currency, so that amounts add up, and remainders carry from one tariff to the next, without a
 * division. A tariff whose prices are finer than that is refused when it is loaded.
 */

/** Decimal places of the fraction: prices per kWh may have 12 decimals, less those a tax needs. */
export const MONEY_PLACES = 15;

/** How many of the fractions make one minor unit (a cent, a penny). */
export const MONEY_DENOMINATOR: bigint = 10n ** BigInt(MONEY_PLACES);

/** An amount in minor units of a currency: `numerator / denominator`. */
export interface ExactMoney {
  readonly numerator: bigint;
  /** Always `MONEY_DENOMINATOR`. */
  readonly denominator: bigint;
}

export function exact(numerator: bigint): ExactMoney {
  return { numerator, denominator: MONEY_DENOMINATOR };
}

/** Whole minor units and what is left: `amount = units + remainder`, with 0 ≤ remainder < 1. */
export function wholeUnits({ numerator }: ExactMoney): { units: bigint; remainder: ExactMoney } {
  let rest = numerator % MONEY_DENOMINATOR;
  if (rest < 0n) rest += MONEY_DENOMINATOR;
  return { units: (numerator - rest) / MONEY_DENOMINATOR, remainder: exact(rest) };
}

/** An amount of minor units for people: `12.34`, `-0.05`; digits past the minor unit on request. */
export function moneyText({ numerator }: ExactMoney, minorDigits: number, extra = 0): string {
  const places = MONEY_PLACES - extra;
  const unit = 10n ** BigInt(places);
  const magnitude = numerator < 0n ? -numerator : numerator;
  // Half away from zero, as on every bill.
  const rounded = (magnitude + unit / 2n) / unit;
  const digits = minorDigits + extra;
  const text = rounded.toString().padStart(digits + 1, "0");
  const sign = numerator < 0n && rounded !== 0n ? "-" : "";
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** An exact amount of minor units in the major unit, all its decimals and at least `minorDigits`. */
export function exactText({ numerator }: ExactMoney, minorDigits: number): string {
  const places = MONEY_PLACES + minorDigits;
  const digits = (numerator < 0n ? -numerator : numerator).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, -places);
  const fraction = digits.slice(-places).replace(/0+$/, "").padEnd(minorDigits, "0");
  return `${numerator < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
