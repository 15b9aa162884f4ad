/** What was measured, in docs/attack/tables.json: the columns of each row, and on what it was measured. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { format } from "prettier";
import type { FORMAT, rowJson } from "../../../src/attack/index.js";
import { nameOf, rowsOf, type TableName, type TableRow } from "./tables.js";

const FILE = resolve(import.meta.dirname, "../../../docs/attack/tables.json");

type Json = ReturnType<typeof rowJson>;

/** The columns of a row, and those of the joint attack where the crowd is small enough for it. */
export type Result = Omit<Json, "attacks"> & {
  readonly joint?: Json["attacks"][string];
  readonly jointKnowing?: Json["attacks"][string];
  readonly counts?: Json["attacks"][string];
  /** Whether `sipster attack --check` takes the row. */
  readonly holds: boolean;
};

export interface Results {
  readonly format: typeof FORMAT;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly rows: Readonly<Record<string, Result>>;
}

export function readResults(): Results {
  return JSON.parse(readFileSync(FILE, "utf8")) as Results;
}

export async function writeResults(results: Results): Promise<void> {
  writeFileSync(FILE, await format(JSON.stringify(results), { parser: "json", printWidth: 100 }));
}

/** Those of a table's rows that were measured. */
export function measuredRows(
  { rows }: Results,
  table: TableName,
): { readonly row: TableRow; readonly result: Result }[] {
  return rowsOf(table).flatMap((row) => {
    const result = rows[nameOf(row)];
    return result === undefined ? [] : [{ row, result }];
  });
}
