/** How long the interval of each row of a table is. */
import type { TableChannel } from "./channel.js";
import { endsGiven } from "./given-ends.js";
import { inTime } from "./place.js";
import { stepsOf } from "./steps.js";
import type { LengthContext, TableRows } from "./table-rows.js";

const DAY_MS = 86_400_000;

/** Milliseconds of the interval of each row, by its index. */
export function lengths(
  rows: TableRows,
  channel: TableChannel,
  context: LengthContext,
): Float64Array {
  const { placed, labels, common, questions } = context;
  const { plan } = rows;
  if (labels === undefined) return endsGiven(rows, channel, context);
  const found = new Float64Array(channel.length).fill(NaN);
  const [slot] = plan.cells.map((c) => c.slot);
  const fixed = typeof plan.answers.step === "number" ? plan.answers.step * 60_000 : undefined;
  const ofDay = slot !== undefined && "of" in slot ? DAY_MS / slot.of : undefined;
  if (fixed !== undefined || ofDay !== undefined) return found.fill((fixed ?? ofDay)!);
  if (common >= DAY_MS - 3_600_000) return calendarSteps(rows, channel, context);
  const times = inTime(placed);
  const { lengths: each, unclear } = stepsOf(times, common, labels);
  placed.order.forEach((i, k) => (found[i] = each[k]!));
  if (each.some((ms) => Number.isNaN(ms))) {
    questions.push({
      about: "step",
      question: `how long the interval of ${channel.name.home} is: it has one row`,
      option: "--step",
      choices: ["15", "30", "60"],
    });
  }
  if (unclear !== undefined && plan.answers.step === undefined) {
    const line = channel.line(placed.order[unclear]!);
    questions.push({
      about: "step",
      question: `whether the step changes at line ${line} or rows are missing there`,
      option: "--step",
      choices: ["changes", "MINUTES of every interval"],
    });
  }
  return found;
}

/**
 * Days, weeks and months are counted on the calendar, also when the clocks change. A month lasts to the row beside
 * it: the periods of bills have 25 to 40 days.
 */
function calendarSteps(
  { collector }: TableRows,
  channel: TableChannel,
  { placed: { order, at }, labels, common }: LengthContext,
): Float64Array {
  const { zone } = collector;
  const found = new Float64Array(channel.length).fill(NaN);
  const days = Math.round(common / DAY_MS);
  const way = labels === "end" ? -1 : 1;
  order.forEach((i, k) => {
    const time = at[i]!;
    if (days < 25) {
      found[i] = Math.abs(zone.startOf(zone.civil(time) + way * days * DAY_MS) - time);
      return;
    }
    const beside = order[k + way];
    const distance = beside === undefined ? NaN : Math.abs(at[beside]! - time);
    const isMonth = distance > 25 * DAY_MS && distance < 40 * DAY_MS;
    found[i] = isMonth ? distance : Math.abs(zone.startOf(monthFrom(zone.civil(time), way)) - time);
  });
  return found;
}

/** The same day of another month, or its last day. */
function monthFrom(civil: number, months: number): number {
  const date = new Date(civil);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}
