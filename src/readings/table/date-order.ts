/** Whether the dates of a table have the day or the month first, where the whole file fits only one. */
import { badRow } from "../errors.js";
import type { Question } from "./mapping.js";
import type { Order, TableChannel } from "./channel.js";
import type { TableRows } from "./table-rows.js";

const DAY_MS = 86_400_000;

/** The order of day and month that all rows fit, where only one does. */
export function decideOrder(
  { channels, plan, collector }: TableRows,
  questions: Question[],
): Order | undefined {
  const fits = (order: Order): boolean =>
    channels.every((c) => c.times(order).every((t) => !Number.isNaN(t)));
  const answer = plan.answers.dates;
  if (answer !== undefined) {
    const order = answer === "day-first" ? "dayFirst" : "monthFirst";
    // What is known of a download's header gives way to its rows; what the reader of the file says does not.
    if (fits(order)) return order;
    if (collector.options.mapping?.dates !== undefined)
      throw impossible(channels, order, collector);
  }
  const both = channels.filter((c) => c.bothOrders);
  if (both.length === 0) return "dayFirst";
  const [day, month] = [fits("dayFirst"), fits("monthFirst")];
  if (day !== month) return day ? "dayFirst" : "monthFirst";
  // Both fit, or neither: days that follow each other without a hole in one order decide.
  const [dayFollows, monthFollows] = [follows(both, "dayFirst"), follows(both, "monthFirst")];
  if (dayFollows !== monthFollows) {
    const order = dayFollows ? "day" : "month";
    collector.note({
      kind: "assumed",
      file: collector.file,
      message: `dates are taken with the ${order} first: only so do the days follow each other`,
    });
    return dayFollows ? "dayFirst" : "monthFirst";
  }
  questions.push({
    about: "dates",
    question: "whether dates have the day or the month first",
    option: "--dates",
    choices: ["day-first", "month-first"],
  });
  return undefined;
}

/** The refusal of the first date that the given order does not have. */
function impossible(
  channels: readonly TableChannel[],
  order: Order,
  { file }: TableRows["collector"],
): Error {
  const lines = channels.flatMap((c) => {
    const at = c.times(order).findIndex((t) => Number.isNaN(t));
    return at < 0 ? [] : [c.line(at)];
  });
  const [first, other] = order === "dayFirst" ? ["day", "month-first"] : ["month", "day-first"];
  const reason = `the date does not exist with the ${first} first (--dates ${other} has the other order)`;
  return badRow({ file, line: Math.min(...lines) }, reason);
}

function follows(channels: readonly TableChannel[], order: Order): boolean {
  return channels.every((channel) => {
    const days = [...new Set(Array.from(channel.times(order), (t) => Math.floor(t / DAY_MS)))];
    const sorted = days.filter((d) => !Number.isNaN(d)).sort((a, b) => a - b);
    return sorted.length >= 3 && sorted.every((d, i) => i === 0 || d - sorted[i - 1]! === 1);
  });
}
