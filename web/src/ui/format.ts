/** Numbers, dates and addresses as people read them. */

const integers = new Intl.NumberFormat("en");
const months = new Intl.DateTimeFormat("en", { year: "numeric", month: "long", timeZone: "UTC" });

/** 1234567 → "1,234,567". */
export function integer(value: number | bigint): string {
  return integers.format(value);
}

/** "1 bill", "3 bills". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${integer(n)} ${n === 1 ? one : many}`;
}

/** A share as a percentage that is 0 or 100 only when it is exactly that. */
export function share(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (100 * part) / whole;
  if (percent > 0 && percent < 1) return "< 1 %";
  if (percent < 100 && percent > 99) return "> 99 %";
  return `${Math.round(percent)} %`;
}

/** The calendar month of a period that is one by the convention YYYYMM; `null` for others. */
export function month(period: number): string | null {
  const [year, number] = [Math.floor(period / 100), period % 100];
  if (year < 1900 || year > 9999 || number < 1 || number > 12) return null;
  return months.format(Date.UTC(year, number - 1));
}

/** "March 2013", or "Period 7" when the period is not a month. */
export function periodName(period: number): string {
  return month(period) ?? `Period ${period}`;
}

/** 0x1234…cdef. */
export function short(hex: string, digits = 4): string {
  return hex.length <= 2 * digits + 3
    ? hex
    : `${hex.slice(0, digits + 2)}…${hex.slice(hex.length - digits)}`;
}

/** Unix seconds as a date and time in UTC, to the second. */
export function time(seconds: number | bigint): string {
  return `${utc(seconds)} UTC`;
}

/** The same where it is said already that it is UTC. */
export function utc(seconds: number | bigint): string {
  const iso = new Date(Number(seconds) * 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

/** Wei as ether, with at most six decimals, never rounded to nothing. */
export function ether(wei: bigint, symbol: string): string {
  const micro = wei / 10n ** 12n;
  if (wei > 0n && micro === 0n) return `< 0.000001 ${symbol}`;
  const text = `${integers.format(micro / 10n ** 6n)}.${(micro % 10n ** 6n).toString().padStart(6, "0")}`;
  return `${text.replace(/\.?0+$/, "")} ${symbol}`;
}

/** Degrees of certainty that a block stays. */
export const FINALITY_NAMES = { included: "Included", safe: "Safe", final: "Final" } as const;
