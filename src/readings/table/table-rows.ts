/** All rows of a table, and what is known of them while they are settled. */
import type { Collector } from "../collector.js";
import type { Order, TableChannel } from "./channel.js";
import type { Question } from "./mapping.js";
import type { Placed } from "./place.js";
import type { Plan } from "./plan.js";

export interface TableRows {
  readonly plan: Plan;
  readonly channels: readonly TableChannel[];
  /** All times have offsets. */
  readonly instants: boolean;
  /** A time of 24:00 was met. */
  readonly midnightAsEnd: boolean;
  /** No time has a clock time: of the times of rows, and of their ends. */
  readonly onlyDates: boolean;
  readonly endsAreDates: boolean;
  readonly collector: Collector;
}

/** Rows of a channel in time. */
export interface Timed {
  readonly placed: Placed;
  /** Milliseconds of each row's interval. */
  readonly lengths: Float64Array;
  readonly labels: "start" | "end" | undefined;
}

export interface LengthContext {
  readonly placed: Placed;
  readonly order: Order;
  readonly labels: "start" | "end" | undefined;
  readonly common: number;
  readonly questions: Question[];
}
