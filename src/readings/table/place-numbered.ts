/**
 * Times that are a day and the number of a step within it, as instants. On a day on which clocks change,
 * one program counts the steps that pass (23 or 25 hours), another those of the clock (the hour that clocks
 * jump over stays empty): the numbers that a day has tell which.
 */
import type { Zone } from "../zone.js";
import { byTime, indexes, place, type Placed } from "./place.js";

const DAY_MS = 86_400_000;

export interface NumberedRows {
  /** Civil time of the day and its step, as if no clock changed. */
  readonly times: Float64Array;
  /** Milliseconds from midnight to the step of a row. */
  readonly offset: (index: number) => number;
  /** The row has no energy: then a step that the day does not have may stand in the file. */
  readonly isZero: (index: number) => boolean;
}

export function placeNumbered(rows: NumberedRows, zone: Zone): Placed {
  const { times, offset } = rows;
  const { at } = place(times, zone, false);
  for (const [midnight, those] of changedDays(rows, zone)) {
    const begin = zone.startOf(midnight);
    const length = zone.startOf(midnight + DAY_MS) - begin;
    const counted = isCounted(rows, those, { length, zone });
    for (const i of those) {
      if (counted) at[i] = offset(i) < length ? begin + offset(i) : NaN;
      else if (offset(i) >= DAY_MS) at[i] = NaN;
    }
  }
  return { order: byTime(indexes(times.length), at), at };
}

/** Rows of the days that have 23 or 25 hours, and of those with a step beyond the 24th hour. */
function changedDays(rows: NumberedRows, zone: Zone): Map<number, number[]> {
  const days = new Map<number, number[]>();
  const changed = new Map<number, boolean>();
  rows.times.forEach((time, i) => {
    const midnight = time - rows.offset(i);
    if (Number.isNaN(midnight)) return;
    let differs = changed.get(midnight);
    if (differs === undefined) {
      differs = zone.startOf(midnight + DAY_MS) - zone.startOf(midnight) !== DAY_MS;
      changed.set(midnight, differs);
    }
    if (!differs && rows.offset(i) < DAY_MS) return;
    const those = days.get(midnight);
    if (those === undefined) days.set(midnight, [i]);
    else those.push(i);
  });
  return days;
}

/** Whether the numbers of a day count the steps that passed, and not those of the clock. */
function isCounted(
  { times, offset, isZero }: NumberedRows,
  those: readonly number[],
  { length, zone }: { readonly length: number; readonly zone: Zone },
): boolean {
  const energy = those.filter((i) => !isZero(i));
  const beyond = energy.some((i) => offset(i) >= length);
  if (length >= DAY_MS) return length > DAY_MS && those.some((i) => offset(i) >= DAY_MS);
  const jumped = (i: number): boolean => zone.instants(times[i]!).length === 0;
  // The clock's numbers are all there but those of the hour that it jumps over.
  if (beyond) return false;
  return energy.some(jumped) || (those.some(jumped) && !those.some((i) => offset(i) >= length));
}
