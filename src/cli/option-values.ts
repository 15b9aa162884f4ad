/** What options may hold: each parser is given the text, and commander adds the option's name. */
import { InvalidArgumentError } from "commander";

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most = 0xffffffff) {
  return (text: string): number => {
    const value = Number(text);
    if (/^[0-9]+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** Seconds, with a fraction if need be. */
export function seconds(text: string): number {
  const value = Number(text);
  if (/^[0-9]+(\.[0-9]+)?$/.test(text) && value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError("It must be a number of seconds, at most 86400.");
}

/** A period: the month as YYYY-MM or YYYYMM. */
export function month(text: string): number {
  const [, year, m] = /^([0-9]{4})-?(0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (year !== undefined && m !== undefined) return Number(year + m);
  throw new InvalidArgumentError("It must be a month such as 2013-03.");
}
