/**
 * The public calendar of payments, in UTC and in seconds since 1970: the same windows for every home,
 * so that a time says nothing of who keeps it.
 */
import { addPeriods, periodOfTime } from "../sipster/index.js";

export const DAY = 86_400;

/** Days of a month, both included. */
export interface Days {
  readonly first: number;
  readonly last: number;
}

/** From an instant up to another, which is not included. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** The first instant of a day of the month `month` (YYYYMM). */
export function startOfDay(month: number, day: number): number {
  return Date.UTC(Math.floor(month / 100), (month % 100) - 1, day) / 1000;
}

export function windowOf(month: number, { first, last }: Days): Window {
  return { from: startOfDay(month, first), to: startOfDay(month, last + 1) };
}

/** The first instant of the month after that of `time`. */
export function startOfNextMonth(time: number): number {
  return startOfDay(addPeriods(monthOf(time), 1), 1);
}

export function monthOf(time: number): number {
  return periodOfTime(time);
}
