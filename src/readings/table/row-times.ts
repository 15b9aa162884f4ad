/** The times of the rows of a table, from the columns that the plan names. */
import type { Collector } from "../collector.js";
import { rangeOf } from "./layout.js";
import type { Plan } from "./plan.js";
import type { TimeColumns } from "./time-columns.js";
import { parseClock, TimeReader, type TimeText } from "./time-text.js";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export interface RowTimes {
  readonly start: TimeText;
  readonly end?: TimeText;
  /** Milliseconds from midnight to the start, where the row numbers its hour. */
  readonly offset?: number;
}

export class RowTimesReader {
  readonly #start = new TimeReader();
  readonly #end = new TimeReader();
  /** A time of 24:00 was met. */
  midnightAsEnd = false;
  /** No time so far had a clock time: of the times of rows, and of their ends. */
  onlyDates = true;
  endsAreDates = true;

  constructor(
    private readonly collector: Collector,
    private readonly plan: Plan,
  ) {}

  /** `undefined` for a row whose times cannot be read. @throws readings/bad-row */
  read(fields: readonly string[], line: number): RowTimes | undefined {
    const times =
      this.plan.range === undefined ? this.#columns(fields, line) : this.#range(fields, line);
    if (times === undefined) return undefined;
    if (times.start.hasClock) this.onlyDates = false;
    if (times.end?.hasClock === true) this.endsAreDates = false;
    if (this.plan.utc !== true || times.start.isInstant) return times;
    const { start, end, ...rest } = times;
    const instant = (time: TimeText): TimeText => ({ ...time, isInstant: true });
    return { ...rest, start: instant(start), ...(end === undefined ? {} : { end: instant(end) }) };
  }

  #range(fields: readonly string[], line: number): RowTimes | undefined {
    const text = fields[this.plan.range!] ?? "";
    const range = rangeOf(text);
    const start = range === undefined ? undefined : this.#start.read(range[0]);
    const end = range === undefined ? undefined : this.#end.read(range[1]);
    if (start !== undefined && end !== undefined) return { start, end };
    this.collector.bad({ line, reason: `"${text.slice(0, 50)}" is not a start and an end` });
    return undefined;
  }

  #columns(fields: readonly string[], line: number): RowTimes | undefined {
    const { plan } = this;
    const start = this.#time({ columns: plan.time, reader: this.#start, fields, line });
    if (start === undefined) return undefined;
    if (plan.time.hour !== undefined) return this.#hour(start, fields[plan.time.hour] ?? "", line);
    if (plan.end === undefined) return { start };
    const end = this.#time({ columns: plan.end, reader: this.#end, fields, line });
    if (end === undefined) return undefined;
    // A clock time alone that is not later belongs to the next day.
    const alone = plan.end.date === plan.time.date && plan.end.clock !== undefined;
    const next = alone && end.dayFirst < start.dayFirst ? DAY_MS : 0;
    return { start, end: later(end, next) };
  }

  #hour(date: TimeText, text: string, line: number): RowTimes | undefined {
    const first = this.plan.time.firstHour ?? 1;
    const hour = Number(text);
    // A day on which clocks are put back has 25.
    if (!/^\d{1,2}$/.test(text) || hour < first || hour > first + 24) {
      this.collector.bad({
        line,
        reason: `"${text.slice(0, 20)}" is not an hour of a day, counted from ${first}`,
      });
      return undefined;
    }
    const offset = (hour - first) * HOUR_MS;
    return { start: { ...later(date, offset), hasClock: true }, offset };
  }

  #time({
    columns,
    reader,
    fields,
    line,
  }: {
    readonly columns: TimeColumns;
    readonly reader: TimeReader;
    readonly fields: readonly string[];
    readonly line: number;
  }): TimeText | undefined {
    const text = fields[columns.full ?? columns.date!] ?? "";
    const time = reader.readColumn(text);
    if (time === undefined) {
      const reason = `"${text.slice(0, 40)}" is not a date and time`;
      this.collector.bad({ line, reason, count: this.plan.cells.length });
      return undefined;
    }
    if (columns.clock === undefined) {
      this.midnightAsEnd ||= text.includes("24:00");
      return time;
    }
    const clock = fields[columns.clock] ?? "";
    const ms = parseClock(clock);
    if (ms === undefined) {
      this.collector.bad({ line, reason: `"${clock.slice(0, 20)}" is not a time of day` });
      return undefined;
    }
    this.midnightAsEnd ||= ms === DAY_MS;
    return { ...later(time, ms), hasClock: true };
  }
}

function later(time: TimeText, ms: number): TimeText {
  return { ...time, dayFirst: time.dayFirst + ms, monthFirst: time.monthFirst + ms };
}
