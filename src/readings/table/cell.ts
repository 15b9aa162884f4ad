/** What one column of a table measures, of whom, and when. */
import type { TableUnit } from "./words.js";

export interface Cell {
  readonly index: number;
  readonly direction: "import" | "export" | "net";
  readonly home?: string;
  readonly unit?: TableUnit;
  readonly register: boolean;
  /** Of several columns that are added up. */
  readonly part?: string;
  /** Of a row that holds a day: since midnight by the clock, or as number of its step. */
  readonly slot?: { readonly clock: number } | { readonly number: number; readonly of: number };
}
