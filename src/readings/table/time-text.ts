/** Dates and times as tables write them, read in every order of day and month that they allow. */
import { civilTime } from "../timestamp.js";

const DAY_MS = 86_400_000;

/** A date by both orders, as civil midnights (see zone.ts); NaN where an order gives no date. */
export interface DateText {
  readonly dayFirst: number;
  readonly monthFirst: number;
}

/** What a text of a time is. Civil times, or instants where the text has an offset. */
export interface TimeText extends DateText {
  readonly isInstant: boolean;
  /** False for a date alone. */
  readonly hasClock: boolean;
}

const yearFirst = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/;
const compact = /^(\d{4})(\d{2})(\d{2})$/;
const yearLast = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})$/;
const named =
  /^(?:(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ,]+(\d{4})|([A-Za-z]{3})[a-z]* (\d{1,2}),? (\d{4}))$/;
const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** `undefined` for a text that is a date in no order. */
export function parseDate(text: string): DateText | undefined {
  const first = yearFirst.exec(text) ?? compact.exec(text);
  if (first !== null) return sole(Number(first[1]), Number(first[2]), Number(first[3]));
  const last = yearLast.exec(text);
  if (last !== null) {
    const year = Number(last[4]) + (last[4]!.length === 2 ? 2000 : 0);
    const [a, b] = [Number(last[1]), Number(last[3])];
    const dayFirst = day(year, b, a);
    // With dots the day comes first, in every country that writes dates so.
    const monthFirst = last[2] === "." ? NaN : day(year, a, b);
    return Number.isNaN(dayFirst) && Number.isNaN(monthFirst)
      ? undefined
      : { dayFirst, monthFirst };
  }
  const words = named.exec(text);
  if (words === null) return undefined;
  const month = months.indexOf((words[2] ?? words[4]!).toLowerCase()) + 1;
  return sole(Number(words[3] ?? words[6]), month, Number(words[1] ?? words[5]));
}

function sole(year: number, month: number, dayOfMonth: number): DateText | undefined {
  const at = day(year, month, dayOfMonth);
  return Number.isNaN(at) ? undefined : { dayFirst: at, monthFirst: at };
}

function day(year: number, month: number, dayOfMonth: number): number {
  if (month < 1 || dayOfMonth < 1) return NaN;
  return civilTime({ year, month, day: dayOfMonth, hour: 0, minute: 0, second: 0 }) ?? NaN;
}

const clock = /^(\d{1,2})[:.h](\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:\s*([AaPp])\.?[Mm]\.?)?$/;
const offset = /(Z|[+-]\d{2}:?\d{2})$/;

/** Milliseconds since midnight, up to and with 24:00; `undefined` for a text that is not a time of day. */
export function parseClock(text: string): number | undefined {
  const match = clock.exec(text);
  if (match === null) return undefined;
  let hour = Number(match[1]);
  const [minute, second] = [Number(match[2]), Number(match[3] ?? 0)];
  const half = match[4]?.toLowerCase();
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (half === "p" ? 12 : 0);
  }
  const ms = ((hour * 60 + minute) * 60 + second) * 1000;
  return minute > 59 || second > 59 || ms > DAY_MS ? undefined : ms;
}

/** Reads the times of one column: dates repeat from row to row, and are parsed once. */
export class TimeReader {
  #date = "";
  #parsed: DateText | undefined;

  /** A date with or without a clock time and an offset; `undefined` for anything else. */
  read(text: string): TimeText | undefined {
    const gap = splitAt(text);
    if (gap < 0) {
      const date = this.#dateOf(text);
      return date === undefined ? undefined : { ...date, isInstant: false, hasClock: false };
    }
    const date = this.#dateOf(text.slice(0, gap));
    if (date === undefined) return undefined;
    let rest = text.slice(gap + 1).trim();
    const zone = offset.exec(rest);
    if (zone !== null) rest = rest.slice(0, zone.index).trim();
    const ms = fastClock(rest) ?? parseClock(rest);
    if (ms === undefined) return undefined;
    const shift = zone === null ? 0 : offsetMs(zone[0]);
    return {
      dayFirst: date.dayFirst + ms - shift,
      monthFirst: date.monthFirst + ms - shift,
      isInstant: zone !== null,
      hasClock: true,
    };
  }

  /** The same in a column that is known to hold times: numbers of days or seconds are times too. */
  readColumn(text: string): TimeText | undefined {
    return this.read(text) ?? numberedTime(text);
  }

  #dateOf(text: string): DateText | undefined {
    if (text !== this.#date) {
      this.#date = text;
      this.#parsed = parseDate(text);
    }
    return this.#parsed;
  }
}

/** Where the date of a text ends and its clock time begins; -1 where there is no clock time. */
function splitAt(text: string): number {
  const t = text.indexOf("T");
  if (t > 0 && /^\d/.test(text) && t >= 8) return t;
  const colon = text.indexOf(":");
  return colon < 0 ? -1 : text.lastIndexOf(" ", colon);
}

/** `HH:MM`, the commonest form. */
function fastClock(text: string): number | undefined {
  if (text.length !== 5 || text.charCodeAt(2) !== 58) return undefined;
  const digit = (i: number): number => text.charCodeAt(i) - 48;
  const [h, i, m, j] = [digit(0), digit(1), digit(3), digit(4)];
  for (const d of [h, i, m, j]) if (d < 0 || d > 9) return undefined;
  const [hour, minute] = [h * 10 + i, m * 10 + j];
  if (minute > 59 || hour > 24 || (hour === 24 && minute > 0)) return undefined;
  return (hour * 60 + minute) * 60_000;
}

function offsetMs(text: string): number {
  if (text === "Z") return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return (text.startsWith("-") ? -1 : 1) * minutes * 60_000;
}

/**
 * A time as a number: days since 1899-12-30, as spreadsheets count them; seconds or milliseconds of Unix; or
 * the digits of date and clock, `YYYYMMDDhhmm`.
 */
function numberedTime(text: string): TimeText | undefined {
  const at = (time: number, isInstant: boolean): TimeText => ({
    ...{ dayFirst: time, monthFirst: time },
    ...{ isInstant, hasClock: true },
  });
  if (/^[2-7]\d{4}([.,]\d+)?$/.test(text)) {
    const seconds = Math.round((Number(text.replace(",", ".")) - 25_569) * 86_400);
    return { ...at(seconds * 1000, false), hasClock: !/^\d+$/.test(text) };
  }
  if (/^1\d{9}$/.test(text)) return at(Number(text) * 1000, true);
  if (/^1\d{12}$/.test(text)) return at(Number(text), true);
  const digits = /^(\d{8})(\d{2})(\d{2})(\d{2})?$/.exec(text);
  if (digits === null) return undefined;
  const date = parseDate(digits[1]!);
  const ms = parseClock(`${digits[2]!}:${digits[3]!}:${digits[4] ?? "00"}`);
  return date === undefined || ms === undefined ? undefined : at(date.dayFirst + ms, false);
}
