/** How a table is laid out: what separates its fields, where its header is, what stands before it. */
import { CsvError, parse } from "csv-parse/sync";
import type { Mapping } from "./mapping.js";
import { separators } from "./mapping.js";
import { parseClock, TimeReader } from "./time-text.js";
import { headerMeaning, plainText } from "./words.js";

export interface Layout {
  readonly separator: string;
  /** Lines before the first row of readings. */
  readonly headLines: number;
  /** Trimmed names of columns; `#1`, `#2` … where the table has no header. */
  readonly header: readonly string[];
  readonly hasHeader: boolean;
  /** Rows before the header, as names and values. */
  readonly preamble: readonly (readonly string[])[];
  /** The first rows of readings. */
  readonly sample: readonly (readonly string[])[];
  /** Other separators that fit as well. */
  readonly rivals: readonly string[];
}

/** A header may come after as many lines. */
const MOST_BEFORE = 60;
const SAMPLE = 40;

/** The layout, or `undefined` where the text is not a table with times. */
export function layoutOf(head: string, mapping: Mapping): Layout | undefined {
  const lines = head.split(/\r?\n|\r/);
  // The last line may be cut.
  if (lines.length > 2 || head.length > 60_000) lines.pop();
  const tried =
    mapping.separator === undefined ? Object.values(separators) : [separators[mapping.separator]];
  const found = tried.flatMap((separator) => {
    const layout = withSeparator(lines, separator, mapping);
    return layout === undefined ? [] : [layout];
  });
  found.sort((a, b) => score(b.layout) - score(a.layout) || Number(b.sure) - Number(a.sure));
  const [best, second] = found;
  if (best === undefined) return undefined;
  const rivals =
    second !== undefined && score(second.layout) === score(best.layout)
      ? [second.layout.separator]
      : [];
  return { ...best.layout, rivals };
}

function score({ header, hasHeader }: Layout): number {
  return hasHeader ? header.filter((h) => headerMeaning(h) !== undefined).length + 1 : 0;
}

function withSeparator(
  lines: readonly string[],
  separator: string,
  mapping: Mapping,
): { layout: Layout; sure: boolean } | undefined {
  const rows = lines
    .slice(0, MOST_BEFORE + SAMPLE)
    .map((line) => splitRow(line.trim(), separator) ?? [line]);
  const wanted = typeof mapping.columns === "object" ? Object.values(mapping.columns) : [];
  const named = wanted.filter((name) => !/^(#\d+|-)$/.test(name)).map(plainText);
  for (let at = 0; at < Math.min(rows.length, MOST_BEFORE); at++) {
    const row = rows[at]!;
    if (row.length < 2) continue;
    const next = rows.slice(at + 1).findIndex((r) => r.some((f) => f !== ""));
    const data = next < 0 ? undefined : rows[at + 1 + next];
    const texts = row.map(plainText);
    const isHeader =
      named.length > 0
        ? named.every((name) => columnsNamed(texts, name).every((part) => texts.includes(part)))
        : looksLikeHeader(row) && rowsAfter(rows, at).every((r) => hasTime(row, r));
    const preamble = rows.slice(0, at).filter((r) => r.some((f) => f !== ""));
    const base = { separator, preamble, rivals: [] };
    if (isHeader) {
      const sample = rows
        .slice(at + 1)
        .filter((r) => r.some((f) => f !== ""))
        .slice(0, SAMPLE);
      return {
        sure: data !== undefined && data.length === row.length,
        layout: { ...base, headLines: at + 1, header: row, hasHeader: true, sample },
      };
    }
    if (named.length === 0 && isBareData(row) && data !== undefined && isBareData(data)) {
      const header = row.map((_, i) => `#${i + 1}`);
      const sample = rows
        .slice(at)
        .filter((r) => r.length === row.length)
        .slice(0, SAMPLE);
      return { sure: true, layout: { ...base, headLines: at, header, hasHeader: false, sample } };
    }
  }
  return undefined;
}

/** What an answer names: a column, or several as `Day+Night`, unless one column has that name. */
export function columnsNamed(texts: readonly string[], answer: string): string[] {
  const name = plainText(answer);
  return texts.includes(name) ? [name] : name.split("+").map((part) => part.trim());
}

/** The first rows after a header: what stands before the readings may look like a table too. */
function rowsAfter(
  rows: readonly (readonly string[])[],
  at: number,
): readonly (readonly string[])[] {
  return rows
    .slice(at + 1)
    .filter((r) => r.some((f) => f !== ""))
    .slice(0, 3);
}

/** Names a time, and holds no number or time itself. */
function looksLikeHeader(row: readonly string[]): boolean {
  const reader = new TimeReader();
  const first = row[0]!;
  if (reader.read(first) !== undefined) return false;
  return row.some((name) => ["time", "start", "end"].includes(headerMeaning(name)?.role ?? ""));
}

/** A field of the row under a time column reads as a time. */
function hasTime(header: readonly string[], row: readonly string[]): boolean {
  return header.some((name, i) => {
    const role = headerMeaning(name)?.role ?? "";
    const text = row[i] ?? "";
    if (!["time", "start", "end"].includes(role)) return false;
    return isTimeText(text) || new TimeReader().readColumn(text) !== undefined;
  });
}

export function isTimeText(text: string): boolean {
  if (new TimeReader().read(text) !== undefined || parseClock(text) !== undefined) return true;
  // A date that no calendar has is refused where it stands.
  return rangeOf(text) !== undefined || /^\d{1,2}$|^\d{1,4}([-/.])\d{1,2}\1\d{1,4}/.test(text);
}

/** A row of readings without a header: a time and a number. */
function isBareData(row: readonly string[]): boolean {
  const reader = new TimeReader();
  return (
    row.some((f) => /[-/.T:]/.test(f) && reader.read(f) !== undefined) &&
    row.some((f) => /^-?\d+([.,]\d+)?$/.test(f))
  );
}

/** `A to B`, as one cell. */
export function rangeOf(text: string): readonly [string, string] | undefined {
  const match = /^(.{8,30}?)\s+(?:to|-|–)\s+(.{4,30})$/.exec(text.replaceAll("\u00a0", " "));
  return match === null ? undefined : [match[1]!, match[2]!];
}

/** The trimmed fields of a line; `undefined` where a quote does not close. */
export function splitRow(line: string, separator: string): string[] | undefined {
  if (!line.includes('"')) {
    const fields = line.split(separator);
    for (let i = 0; i < fields.length; i++) fields[i] = fields[i]!.trim();
    return fields;
  }
  // A spreadsheet's way to keep a number as text: ="123".
  const plain = line.replaceAll(/(^|[;,\t|])="([^"]*)"/g, '$1"$2"');
  try {
    return parse(plain, {
      trim: true,
      delimiter: separator,
      relax_column_count: true,
      bom: true,
    })[0]!;
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    return undefined;
  }
}

/** What a row before the header says under a name. */
export function preambleValue(
  preamble: readonly (readonly string[])[],
  name: RegExp,
): string | undefined {
  for (const [k, row] of preamble.entries()) {
    const at = row.findIndex((cell) => name.test(plainText(cell).replace(/:$/, "")));
    if (at < 0) continue;
    const beside = row.length === 2 ? row[1] : preamble[k + 1]?.[at];
    if (beside !== undefined && beside !== "") return beside;
  }
  return undefined;
}
