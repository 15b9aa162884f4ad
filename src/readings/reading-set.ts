/** What a file, or several, say about a number of homes. */
import type { Gap, IntervalSeries } from "./interval.js";

export type Commodity = "electricity" | "gas";

/** One supply: a home with electricity and gas appears twice, under two ids. */
export interface Home {
  readonly id: string;
  readonly commodity: Commodity;
  readonly timeZone: string;
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

export interface ReadingSet {
  /** Name of the format, or of the formats, that the readings came in. */
  readonly format: string;
  readonly timeZone: string;
  readonly homes: readonly Home[];
  readonly oddities: readonly Oddity[];
}
