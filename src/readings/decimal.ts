/** Exact decimals: money and energy are parsed from their text to scaled integers, never to floats. */

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const zeros = /0*$/;

/** `digits × 10^-scale`, with the least `scale ≥ 0` that is exact. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Parses `-12.50`, `.5`, `1e-3`; `undefined` for anything else. At most 60 characters. */
export function parseDecimal(text: string): Decimal | undefined {
  if (text.length > 60) return undefined;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  if (whole.length + fraction.length === 0) return undefined;
  const significant = fraction.replace(zeros, "");
  const digits = BigInt(whole + significant);
  return normal(sign === "-" ? -digits : digits, significant.length - Number(exponent));
}

/** `value × 10^power`. */
export function timesTenTo({ digits, scale }: Decimal, power: number): Decimal {
  return normal(digits, scale - power);
}

function normal(digits: bigint, scale: number): Decimal {
  if (digits === 0n) return { digits, scale: 0 };
  if (scale < 0) return { digits: digits * 10n ** BigInt(-scale), scale: 0 };
  while (scale > 0 && digits % 10n === 0n) {
    digits /= 10n;
    scale -= 1;
  }
  return { digits, scale };
}

/** The shortest text of a decimal: no exponent, no trailing zeros. */
export function decimalText({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? "-" : "";
  const all = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
  if (scale === 0) return sign + all;
  return `${sign}${all.slice(0, -scale)}.${all.slice(-scale)}`;
}

/** `value × 10^places` as an integer, or `undefined` where that is not an integer. */
export function scaled({ digits, scale }: Decimal, places: number): bigint | undefined {
  if (places < scale) return undefined;
  return digits * 10n ** BigInt(places - scale);
}
