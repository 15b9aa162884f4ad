/** What a file, or several, say about a number of homes. */
import type { Mapping } from "./table/mapping.js";
import type { Gap, IntervalSeries } from "./interval.js";

export type Commodity = "electricity" | "gas";

/** One supply: a home with electricity and gas appears twice, under two ids. */
export interface Home {
  readonly id: string;
  readonly commodity: Commodity;
  /** Of its months and days. */
  readonly timeZone: string;
  /**
   * Its times are local and nothing says in which zone: they stand as if they were UTC, and no bill can
   * be made of them.
   */
  readonly zoneUnknown?: true;
  /** Its times are instants, and nothing says by which clocks its months and days go: UTC stands in. */
  readonly zoneUnnamed?: true;
  /** The meter, and what its register showed at an instant: where readings are states of one meter. */
  readonly counter?: { readonly meter: string; readonly at: number; readonly wattHours: number };
  /** Energy drawn. */
  readonly intervals: IntervalSeries;
  /** Energy fed in, empty as a rule. */
  readonly exported: IntervalSeries;
  /** Stretches without a reading between the first and the last. */
  readonly gaps: readonly Gap[];
}

export type OddityKind =
  | "no-time-zone"
  | "assumed"
  | "labels-are-ends"
  | "duplicate"
  | "replaced"
  | "gap"
  | "zero-run"
  | "starts-late"
  | "ends-early"
  | "no-readings"
  | "bad-row"
  | "finer-than-watt-hour"
  | "meter-exchange"
  | "rollover"
  | "ignored";

/** Something a person should know before trusting a bill: what was found and what was done. */
export interface Oddity {
  readonly kind: OddityKind;
  readonly message: string;
  readonly home?: string;
  readonly file?: string;
  readonly line?: number;
  /** How many rows or intervals it concerns. */
  readonly count?: number;
  readonly from?: number;
  readonly to?: number;
}

/** The same home with its months and days in another zone: the instants stay. */
export function inZone(home: Home, timeZone: string): Home {
  if (home.timeZone === timeZone) return home;
  const intervals = home.intervals.inZone(timeZone);
  return { ...home, timeZone, intervals, exported: home.exported.inZone(timeZone) };
}

/** How a table was understood: what its columns and numbers are, and its first rows as they were read. */
export interface Understood {
  readonly file: string;
  readonly format: string;
  readonly mapping: Mapping;
  readonly rows: readonly string[];
}

export interface ReadingSet {
  /** Name of the format, or of the formats, that the readings came in. */
  readonly format: string;
  readonly timeZone: string;
  readonly homes: readonly Home[];
  readonly oddities: readonly Oddity[];
  readonly understood?: readonly Understood[];
}
