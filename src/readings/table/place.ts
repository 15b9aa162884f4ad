/** Local times of a register, with rows in any order, to instants. */
import type { Zone } from "../zone.js";

const DAY_MS = 86_400_000;

export interface Placed {
  /** Indexes of rows in order of time, without those that no instant fits. */
  readonly order: Uint32Array;
  /** Instants by index of the row; NaN where clocks jump over the time. */
  readonly at: Float64Array;
}

interface Sequence {
  /** Indexes, oldest first; equal times in the order in which they were written. */
  readonly order: Uint32Array;
  /** Rows go neither forwards nor backwards: only their number tells equal times apart. */
  readonly mixed: boolean;
}

/**
 * In the hour that clocks show twice, a time means the first instant that is later than the row before
 * it in time: rows are taken oldest first, so a file that is in order, either way, gets both hours right.
 *
 * @param isEnd the times are ends of intervals: one that clocks jump over is the jump itself
 */
export function place(times: Float64Array, zone: Zone, isEnd: boolean): Placed {
  const { order, mixed } = oldestFirst(times);
  const at = new Float64Array(times.length).fill(NaN);
  const offsets = new Map<number, number>();
  let previous = -Infinity;
  let [last, repeated] = [NaN, 0];
  for (const i of order) {
    const civil = times[i]!;
    const day = Math.floor(civil / DAY_MS);
    let offset = offsets.get(day);
    if (offset === undefined) offsets.set(day, (offset = steadyOffset(day, zone)));
    if (!Number.isNaN(offset)) {
      at[i] = previous = civil - offset;
      continue;
    }
    repeated = civil === last ? repeated + 1 : 0;
    last = civil;
    const candidates = zone.instants(civil);
    const [first] = candidates;
    if (first === undefined) {
      if (isEnd) at[i] = previous = zone.startOf(civil);
      continue;
    }
    const found = mixed ? candidates[repeated] : candidates.find((c) => c > previous);
    at[i] = previous = found ?? first;
  }
  return { order: byTime(order, at), at };
}

/**
 * The same for ends of intervals. Where clocks are put back, one program writes what the clock shows as an
 * interval ends, another the time at which the interval begins and its length later: the file itself tells
 * which, since the other way two rows fall on one instant or on none.
 */
export function placeEnds(times: Float64Array, zone: Zone, step: number): Placed {
  const byClock = place(times, zone, true);
  if (step <= 0 || step >= DAY_MS || conflicts(byClock) === 0) return byClock;
  const starts = place(
    times.map((t) => t - step),
    zone,
    false,
  );
  if (conflicts(starts) >= conflicts(byClock)) return byClock;
  for (let i = 0; i < starts.at.length; i++) starts.at[i]! += step;
  return starts;
}

/** Rows that share an instant with another, or have none. */
function conflicts({ order, at }: Placed): number {
  let count = at.length - order.length;
  for (let k = 1; k < order.length; k++) if (at[order[k]!] === at[order[k - 1]!]) count += 1;
  return count;
}

/** Instants are placed already. */
export function placeInstants(times: Float64Array): Placed {
  return { order: byTime(indexes(times.length), times), at: times };
}

/** The instants of a register in order, without those that clocks jump over. */
export function inTime({ order, at }: Placed): Float64Array {
  const times = new Float64Array(order.length);
  let count = 0;
  for (const i of order) {
    const time = at[i]!;
    if (!Number.isNaN(time)) times[count++] = time;
  }
  return times.subarray(0, count);
}

/** Indexes in the order of their times, without those that have none; sorted only where they are not. */
export function byTime(all: Uint32Array, at: Float64Array): Uint32Array {
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

export function indexes(length: number): Uint32Array {
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = i;
  return order;
}

/** The offset of a day on which clocks are not changed, nor on the days beside it; else NaN. */
function steadyOffset(day: number, zone: Zone): number {
  const before = zone.offsetAt((day - 1) * DAY_MS);
  return zone.offsetAt((day + 2) * DAY_MS) === before && zone.offsetAt(day * DAY_MS) === before
    ? before
    : NaN;
}

/** Files are written forwards, backwards (newest first), or day by day in some order of days. */
function oldestFirst(times: Float64Array): Sequence {
  const order = indexes(times.length);
  let [up, down] = [0, 0];
  for (let i = 1; i < times.length; i++) {
    if (times[i]! > times[i - 1]!) up += 1;
    else if (times[i]! < times[i - 1]!) down += 1;
  }
  // The repeated hour goes the other way once a year.
  const few = 1 + (up + down) / 1000;
  if (down <= few && up >= down) return { order, mixed: false };
  if (up <= few) return { order: order.reverse(), mixed: false };
  const sign = up >= down ? 1 : -1;
  return { order: order.sort((a, b) => times[a]! - times[b]! || sign * (a - b)), mixed: true };
}
