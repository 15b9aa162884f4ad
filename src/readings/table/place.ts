/** Local times of a register, in whatever order its rows come, to instants. */
import type { Zone } from "../zone.js";

const DAY_MS = 86_400_000;

export interface Placed {
  /** Indexes of rows in order of time, without those that clocks jump over. */
  readonly order: Uint32Array;
  /** Instants by index of the row; NaN where clocks jump over the time. */
  readonly at: Float64Array;
}

/** Whether rows go forwards, backwards (newest first), or neither. */
export function directionOf(times: Float64Array): "forwards" | "backwards" | "mixed" {
  let [up, down] = [0, 0];
  for (let i = 1; i < times.length; i++) {
    if (times[i]! > times[i - 1]!) up += 1;
    else if (times[i]! < times[i - 1]!) down += 1;
  }
  // The repeated hour goes the other way once a year.
  const few = 1 + (up + down) / 1000;
  if (down <= few && up >= down) return "forwards";
  return up <= few ? "backwards" : "mixed";
}

/**
 * In the hour that clocks show twice, a time means the first instant that is later than the row before
 * it in time: rows are taken oldest first, so a file that is in order, either way, gets both hours right.
 *
 * @param isEnd the times are ends of intervals: one that clocks jump over is the jump itself
 */
export function place(times: Float64Array, zone: Zone, isEnd: boolean): Placed {
  const order = oldestFirst(times);
  const at = new Float64Array(times.length).fill(NaN);
  const offsets = new Map<number, number>();
  let previous = -Infinity;
  for (const i of order) {
    const civil = times[i]!;
    const day = Math.floor(civil / DAY_MS);
    let offset = offsets.get(day);
    if (offset === undefined) offsets.set(day, (offset = steadyOffset(day, zone)));
    if (!Number.isNaN(offset)) {
      at[i] = previous = civil - offset;
      continue;
    }
    const candidates = zone.instants(civil);
    const [first] = candidates;
    if (first === undefined) {
      if (isEnd) at[i] = previous = zone.startOf(civil);
      continue;
    }
    at[i] = previous = candidates.find((c) => c > previous) ?? first;
  }
  return { order: byTime(order, at), at };
}

/** Indexes in the order of their times, without those that have none; sorted only where they are not. */
function byTime(all: Uint32Array, at: Float64Array): Uint32Array {
  const order = at.some((time) => Number.isNaN(time))
    ? all.filter((i) => !Number.isNaN(at[i]!))
    : all;
  for (let k = 1; k < order.length; k++) {
    if (at[order[k]!]! < at[order[k - 1]!]!) {
      return order.slice().sort((a, b) => at[a]! - at[b]! || a - b);
    }
  }
  return order;
}

function indexes(length: number): Uint32Array {
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  return order;
}

/** Instants are placed already. */
export function placeInstants(times: Float64Array): Placed {
  return { order: byTime(indexes(times.length), times), at: times };
}

/** The offset of a day on which clocks are not changed, nor on the days beside it; else NaN. */
function steadyOffset(day: number, zone: Zone): number {
  const before = zone.offsetAt((day - 1) * DAY_MS);
  return zone.offsetAt((day + 2) * DAY_MS) === before && zone.offsetAt(day * DAY_MS) === before
    ? before
    : NaN;
}

function oldestFirst(times: Float64Array): Uint32Array {
  const order = indexes(times.length);
  const direction = directionOf(times);
  if (direction === "backwards") return order.reverse();
  return direction === "forwards" ? order : order.sort((a, b) => times[a]! - times[b]! || a - b);
}
