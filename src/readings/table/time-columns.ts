/** Which columns of a table hold its times, and in what form. */
import type { Column } from "./columns.js";
import { ask } from "./columns.js";
import { isTimeText, rangeOf } from "./layout.js";
import type { Mapping, Question } from "./mapping.js";
import { parseClock, TimeReader } from "./time-text.js";

/** Columns of one time: a date and a clock time together, or in two columns, or an hour of the day. */
export interface TimeColumns {
  readonly full?: number;
  readonly date?: number;
  readonly clock?: number;
  /** Number of the hour of its day. */
  readonly hour?: number;
  /** What the first hour of a day is called: 0 or 1. */
  readonly firstHour?: number;
}

export interface Times {
  readonly time: TimeColumns;
  readonly end?: TimeColumns;
  /** Start and end are in one cell. */
  readonly range?: number;
  readonly labels?: "start" | "end";
  /** The header says that times are in UTC. */
  readonly utc?: true;
}

type TimeKind = "full" | "date" | "clock" | "hour" | "range";

function timeKind(cells: readonly string[]): TimeKind | undefined {
  const reader = new TimeReader();
  const filled = cells.filter((c) => c !== "");
  // The first row decides; a row that is broken is refused when it is read.
  for (const text of filled.slice(0, 3)) {
    if (rangeOf(text) !== undefined) return "range";
    if (/^\d{1,2}$/.test(text)) return "hour";
    const read = reader.readColumn(text);
    if (read !== undefined) return read.hasClock ? "full" : "date";
    if (parseClock(text) !== undefined) return "clock";
    if (isTimeText(text)) return text.includes(":") ? "full" : "date";
  }
  return undefined;
}

/** A table's columns, what the user has answered about them, and where a question goes. */
export interface Header {
  readonly columns: readonly Column[];
  /** A row holds the steps of a day. */
  readonly dayRows: boolean;
  readonly answers: Mapping;
  readonly questions: Question[];
}

export function timeColumns(header: Header): Times | undefined {
  const { columns } = header;
  const found = bothEnds(columns) ?? oneTime(header);
  if (found === undefined) return undefined;
  const used = [found.time.full, found.time.date, found.time.clock, found.range];
  const utc = columns.some((c) => used.includes(c.index) && /\b(utc|gmt)\b/i.test(c.name));
  return { ...found, ...(utc ? { utc } : {}) };
}

function columnOf(columns: readonly Column[], role: string, kind: TimeKind): Column | undefined {
  return columns.find((c) => c.meaning?.role === role && timeKind(c.cells) === kind);
}

function bothEnds(columns: readonly Column[]): Times | undefined {
  const range = columnOf(columns, "time", "range") ?? columnOf(columns, "start", "range");
  if (range !== undefined) return { time: {}, range: range.index };
  const [start, end] = [endOf(columns, "start"), endOf(columns, "end")];
  return start === undefined || end === undefined ? undefined : { time: start, end };
}

function endOf(columns: readonly Column[], role: "start" | "end"): TimeColumns | undefined {
  const full = columnOf(columns, role, "full");
  if (full !== undefined) return { full: full.index };
  const own = columnOf(columns, role, "date");
  const day = own ?? columnOf(columns, "time", "date");
  const clock = columnOf(columns, role, "clock");
  if (day === undefined) return undefined;
  if (clock !== undefined) return { date: day.index, clock: clock.index };
  return own === undefined ? undefined : { date: day.index };
}

function oneTime({ columns, dayRows, answers, questions }: Header): Times | undefined {
  const labelled = (c: Column): { labels?: "start" | "end" } =>
    c.meaning?.labels === undefined ? {} : { labels: c.meaning.labels };
  // The date of a row that holds a day is not a count of seconds: such a number is that of a meter.
  const isCount = ({ cells }: Column): boolean => cells.every((text) => /^\d{9,}$/.test(text));
  const full = columns.filter(
    (c) => c.meaning?.role === "time" && timeKind(c.cells) === "full" && !(dayRows && isCount(c)),
  );
  if (full.length === 1) return { time: { full: full[0]!.index }, ...labelled(full[0]!) };
  if (full.length > 1) return undefined;
  const [start, end] = [endOf(columns, "start"), endOf(columns, "end")];
  if (start !== undefined) return { time: start, labels: "start" };
  if (end !== undefined) return { time: end, labels: "end" };
  const date = columnOf(columns, "time", "date");
  if (date === undefined) return undefined;
  if (dayRows) return { time: { date: date.index } };
  const clock = columnOf(columns, "time", "clock");
  if (clock !== undefined)
    return { time: { date: date.index, clock: clock.index }, ...labelled(clock) };
  const hour = columnOf(columns, "time", "hour");
  if (hour === undefined) return { time: { date: date.index } };
  const firstHour = firstHourOf(hour, answers, questions);
  return { time: { date: date.index, hour: hour.index, firstHour }, labels: "start" };
}

/** Hours are counted from 0, or from 1: then the hour 24 is there. */
function firstHourOf({ cells, name }: Column, { labels }: Mapping, questions: Question[]): 0 | 1 {
  const hours = new Set(cells.filter((c) => c !== "").map(Number));
  if (hours.has(0)) return 0;
  if (hours.has(24) || hours.has(25)) return 1;
  if (labels !== undefined) return labels === "start" ? 0 : 1;
  questions.push(
    ask(
      `whether "${name}" counts hours from 0, by their start, or from 1, by their end`,
      "labels",
      ["start", "end"],
    ),
  );
  return 0;
}
