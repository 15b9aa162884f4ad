/** Times as meter files write them. */

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.0+)?)?)?\s?(Z|[+-]\d{2}:?\d{2})?$/;
const dayFirst = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))?$/;

/** A civil time (see zone.ts), or an instant where the text gives its offset. */
export interface Stamp {
  readonly at: number;
  readonly isInstant: boolean;
}

/** Parses ISO 8601 dates and times, and `D/MM/YYYY H:MM` with the day first. */
export function parseStamp(text: string): Stamp | undefined {
  let match = iso.exec(text);
  let fields: (string | undefined)[];
  let offset: string | undefined;
  if (match !== null) {
    fields = match.slice(1, 7);
    offset = match[7];
  } else {
    match = dayFirst.exec(text);
    if (match === null) return undefined;
    const [, day, month, year, ...clock] = match;
    fields = [year, month, day, ...clock];
  }
  const [year, month, day, hour, minute, second] = fields.map((f) => Number(f ?? 0));
  const at = civilTime({
    year: year!,
    month: month!,
    day: day!,
    hour: hour!,
    minute: minute!,
    second: second!,
  });
  if (at === undefined) return undefined;
  if (offset === undefined) return { at, isInstant: false };
  return { at: at - offsetMs(offset), isInstant: true };
}

/** A civil time from its fields, `undefined` for a day or hour that no calendar has. */
export function civilTime({
  year,
  month,
  day,
  hour,
  minute,
  second,
}: {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}): number | undefined {
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const at = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(at);
  const same = back.getUTCMonth() === month - 1 && back.getUTCDate() === day;
  return same && year >= 1900 ? at : undefined;
}

function offsetMs(text: string): number {
  if (text === "Z") return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return (text.startsWith("-") ? -1 : 1) * minutes * 60_000;
}
