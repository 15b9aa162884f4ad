/** The rows of a channel on the axis of time, and what becomes of those that no instant fits. */
import type { Collector } from "../collector.js";
import type { Order, TableChannel } from "./channel.js";
import { place, placeEnds, placeInstants, type Placed } from "./place.js";
import { placeNumbered } from "./place-numbered.js";
import { commonStep } from "./steps.js";
import type { TableRows } from "./table-rows.js";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export function placeChannel({
  rows,
  channel,
  order,
  labels,
}: {
  readonly rows: TableRows;
  readonly channel: TableChannel;
  readonly order: Order;
  readonly labels: "start" | "end" | undefined;
}): Placed {
  const { collector, instants, plan } = rows;
  const times = channel.times(order);
  if (rows.onlyDates && labels === "end") afterLastDays(times);
  if (labels === "end") afterLastMinutes(rows, times);
  if (instants) return placeInstants(times);
  collector.localTimes = true;
  const placed = placeLocal(collector, channel, { times, labels });
  let zeros = 0;
  for (let i = 0; i < times.length; i++) {
    if (!Number.isNaN(placed.at[i]!)) continue;
    if (!Number.isNaN(times[i]!) && channel.kind !== "register" && channel.value(i) === 0) {
      zeros += 1;
      continue;
    }
    const reason = whyNowhere(collector, times[i]!, order);
    collector.bad({
      line: channel.line(i),
      reason,
      home: channel.name.home,
      count: plan.cells.length,
    });
  }
  if (zeros > 0) {
    collector.ignore("zeros at times that the clock of the zone does not show are left out", zeros);
  }
  return placed;
}

function placeLocal(
  { zone }: Collector,
  channel: TableChannel,
  { times, labels }: { readonly times: Float64Array; readonly labels: "start" | "end" | undefined },
): Placed {
  if (channel.isNumbered) {
    const isZero = (i: number): boolean => channel.value(i) === 0;
    const offset = (i: number): number => channel.offset(i);
    return placeNumbered({ times, offset, isZero }, zone);
  }
  if (labels !== "end") return place(times, zone, false);
  const step = commonStep([times.filter((t) => !Number.isNaN(t)).sort()]);
  return placeEnds(times, zone, step);
}

function whyNowhere({ zone }: Collector, time: number, order: Order): string {
  if (Number.isNaN(time)) {
    return `a date does not exist with the ${order === "dayFirst" ? "day" : "month"} first`;
  }
  const text = new Date(time).toISOString().slice(0, 16).replace("T", " ");
  return `${text} does not exist in ${zone.name}: clocks jump over it (where the meter's clock is never changed, --time-zone names its offset, such as +01:00)`;
}

/** Ends that all name the last minute of their interval, such as 00:29, end with it. */
function afterLastMinutes({ collector, plan }: TableRows, times: Float64Array): void {
  if (plan.end !== undefined || plan.range !== undefined) return;
  if (!times.every((time) => (time + MINUTE_MS) % (5 * MINUTE_MS) === 0)) return;
  for (let i = 0; i < times.length; i++) times[i]! += MINUTE_MS;
  const message = "times name the last minute of their intervals, which is part of them";
  collector.note({ kind: "labels-are-ends", file: collector.file, message });
}

/** Dates that are all the last of a month end with their day. */
function afterLastDays(times: Float64Array): void {
  if (!times.every((time) => new Date(time + DAY_MS).getUTCDate() === 1)) return;
  for (let i = 0; i < times.length; i++) times[i]! += DAY_MS;
}
