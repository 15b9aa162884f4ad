/** Rows of a table to readings, once all are known: what their times and numbers mean. */
import type { TableChannel } from "./channel.js";
import { decideOrder } from "./date-order.js";
import { askOfPutBack, askOfZeros, refuseRising, refuseTwoSigns } from "./doubts.js";
import { decideLabels } from "./labels.js";
import { lengths } from "./lengths.js";
import type { Question } from "./mapping.js";
import { askOfMeters } from "./meters.js";
import { moveOwnMidnights } from "./own-midnight.js";
import { inTime, type Placed } from "./place.js";
import { placeChannel } from "./placing.js";
import { questionError } from "./question.js";
import type { TableRows } from "./table-rows.js";
import { addIntervals, addStates } from "./store-rows.js";
import { commonStep } from "./steps.js";

/** What was understood, for people. */
export interface Settled {
  readonly dates?: "day-first" | "month-first";
  readonly labels?: "start" | "end";
  /** The sign that numbers have, where one has one. */
  readonly decimal?: "." | ",";
  readonly rows: readonly string[];
}

/** @throws readings/question */
export function settle(read: TableRows): Settled {
  const { channels, collector } = read;
  const questions: Question[] = [];
  const order = decideOrder(read, questions);
  if (order === undefined) throw questionError(collector.file, questions);
  const ownMidnights = moveOwnMidnights(read, order);
  const rows = ownMidnights ? { ...read, midnightAsEnd: true } : read;
  const intervals = channels.filter((c) => c.kind !== "register");
  const labels = decideLabels({ rows, channels: intervals, order, questions });
  const placed = channels.map((channel) => placeChannel({ rows, channel, order, labels }));
  askOfMeters(rows, new Map(channels.map((c, k) => [c, placed[k]!])), questions);
  const at = (channel: TableChannel): Placed => placed[channels.indexOf(channel)]!;
  const common = commonStep(intervals.map((channel) => inTime(at(channel))));
  const lengthsOf = intervals.map((channel) => {
    refuseRising({ channel, placed: at(channel), plan: rows.plan, questions });
    refuseTwoSigns(channel, rows);
    const context = { placed: at(channel), order, labels, common, questions };
    return lengths(rows, channel, context);
  });
  intervals.forEach((channel, k) => {
    const context = { placed: at(channel), lengths: lengthsOf[k]!, labels };
    askOfZeros({ rows, channel, timed: context, questions });
    askOfPutBack({ rows, channel, timed: context, questions });
  });
  if (questions.length > 0) throw questionError(collector.file, questions);
  const shown: string[] = [];
  for (const channel of channels) {
    const placed = at(channel);
    if (channel.kind === "register") addStates({ collector, channel, placed, shown });
    else {
      const lengths = lengthsOf[intervals.indexOf(channel)]!;
      addIntervals({ rows, channel, timed: { placed, lengths, labels }, shown });
    }
  }
  return {
    rows: shown,
    ...(labels === undefined ? {} : { labels }),
    ...(channels.some((c) => c.bothOrders)
      ? { dates: order === "dayFirst" ? "day-first" : "month-first" }
      : {}),
  };
}
