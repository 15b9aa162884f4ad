/** Rows of a CSV file one by one, with their lines; what is wrong with one is an error of this room. */
import { CsvError, parse } from "csv-parse/sync";
import { badRow } from "../errors.js";
import type { Input } from "../source.js";
import { readLines } from "./text-lines.js";

/**
 * Calls `take` with the trimmed fields of each row that is not empty. A row is a line: no file of readings
 * or prices has line breaks within a field, so a quote that does not close is refused where it opens.
 *
 * @param ragged rows may differ in their number of fields
 * @throws readings/bad-row, readings/too-large
 */
export async function readCsv(
  input: Input,
  take: (fields: string[], line: number) => void,
  { ragged = false } = {},
): Promise<void> {
  let width: number | undefined;
  await readLines(input, (text, line) => {
    const row = text.trim();
    if (row === "") return;
    const fields = csvFields(row, input.name, line);
    width ??= fields.length;
    if (fields.length !== width && !ragged) {
      const reason = `the row has ${fields.length} fields, and the header has ${width}`;
      throw badRow({ file: input.name, line }, reason);
    }
    take(fields, line);
  });
}

/** Rows without quotes, which are nearly all, need no parser: a million of them take a fifth of the time. */
function csvFields(row: string, file: string, line: number): string[] {
  if (!row.includes('"')) {
    const fields = row.split(",");
    for (let i = 0; i < fields.length; i++) fields[i] = fields[i]!.trim();
    return fields;
  }
  try {
    return parse(row, { trim: true })[0]!;
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw badRow({ file, line }, cause.message, { csv: cause.code });
  }
}
