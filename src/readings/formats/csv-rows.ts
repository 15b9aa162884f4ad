/** Rows of a CSV file one by one, with their lines; whatever is wrong with one is an error of this room. */
import { Readable } from "node:stream";
import { CsvError, parse, type Info } from "csv-parse";
import { badRow } from "../errors.js";
import type { Input } from "../source.js";

export interface Row {
  readonly fields: readonly string[];
  /** Line on which the row ends, from 1. */
  readonly line: number;
}

/**
 * @param ragged rows may differ in their number of fields
 * @throws readings/bad-row for a row with another number of fields, or quotes that do not close
 */
export async function* csvRows(input: Input, { ragged = false } = {}): AsyncGenerator<Row> {
  const parser = Readable.from(input.chunks(), { objectMode: false }).compose<
    ReturnType<typeof parse>
  >(
    parse({
      bom: true,
      info: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: ragged,
      // A quote that never closes would otherwise swallow the rest of the file into one field.
      max_record_size: 1_000_000,
    }),
  );
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: Info;
    }>) {
      yield { fields: record, line: info.lines };
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = typeof cause.lines === "number" ? cause.lines : undefined;
    throw badRow({ file: input.name, ...(line === undefined ? {} : { line }) }, cause.message, {
      csv: cause.code,
    });
  }
}
