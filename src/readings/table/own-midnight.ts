/** Ends of intervals in days that end with their own 00:00: `23:30`, then `00:00` under the same date. */
import type { Order } from "./channel.js";
import { commonStep } from "./steps.js";
import type { TableRows } from "./table-rows.js";

const DAY_MS = 86_400_000;

/** Moves such midnights to the end of their day. Returns whether the table has them: then labels are ends. */
export function moveOwnMidnights(rows: TableRows, order: Order): boolean {
  const { plan, collector, channels } = rows;
  if (rows.instants || rows.onlyDates || plan.end !== undefined || plan.range !== undefined) {
    return false;
  }
  if ((plan.answers.labels ?? plan.labels) === "start") return false;
  const found = channels.filter((channel) => {
    if (channel.isNumbered || !hasOwnMidnights(channel.times(order))) return false;
    channel.endWithMidnight();
    return true;
  });
  if (found.length === 0) return false;
  const message = "00:00 follows the last time of its own day: it is taken as the end of that day";
  collector.note({ kind: "labels-are-ends", file: collector.file, message });
  return true;
}

/** Each midnight is beside the last time of its own date in the file, and none beside its first. */
function hasOwnMidnights(times: Float64Array): boolean {
  if (!times.some((time) => time % DAY_MS === 0)) return false;
  const step = commonStep([times.filter((time) => !Number.isNaN(time)).sort()]);
  if (step <= 0) return false;
  let own = 0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    if (time % DAY_MS !== 0) continue;
    for (const beside of [times[i - 1], times[i + 1]]) {
      if (beside === undefined) continue;
      if (Math.abs(beside - time) === step) return false;
      if (beside === time + DAY_MS - step) own += 1;
    }
  }
  return own > 0;
}
