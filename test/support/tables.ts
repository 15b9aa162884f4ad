/** Tables made up for tests, and what a reader makes of them. */
import { expect } from "chai";
import type { SipsterError } from "../../src/errors/sipster-error.js";
import {
  readReadings,
  type Mapping,
  type ReadingSet,
  type ReadOptions,
} from "../../src/readings/index.js";
import { refusal } from "./errors.js";

/** A table read as the file `t.csv`. */
export function readTable(
  text: string,
  mapping: Mapping = {},
  options: ReadOptions = {},
): Promise<ReadingSet> {
  return readReadings({ name: "t.csv", bytes: text }, { ...options, mapping });
}

/** Watt-hours drawn and fed in of the first home. */
export function energies(set: ReadingSet): [bigint, bigint] {
  return [set.homes[0]!.intervals.wattHours, set.homes[0]!.exported.wattHours];
}

/** Expects a question whose answer is the option. */
export async function expectQuestion(
  reading: Promise<unknown>,
  option: string,
): Promise<SipsterError> {
  const error = await refusal(reading);
  expect(error.code, error.message).to.equal("readings/question");
  expect(error.details.options, error.message).to.include(option);
  return error;
}

export const two = (n: number): string => String(n).padStart(2, "0");

/** Clock times of a day in steps of minutes, `00:00` first. */
export function clockTimes(minutes: number, count = 1440 / minutes, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => {
    const minute = from + i * minutes;
    return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  });
}

/** Rows of a time and a value, `minutes` apart, as local times that no clock changes. */
export function rowsFrom(
  from: string,
  { minutes, count, separator = "," }: { minutes: number; count: number; separator?: string },
  value: (i: number) => string,
): string {
  const start = Date.parse(`${from}Z`);
  return Array.from({ length: count }, (_, i) => {
    const at = new Date(start + i * minutes * 60_000).toISOString();
    return `${at.slice(0, 10)} ${at.slice(11, 16)}${separator}${value(i)}\n`;
  }).join("");
}
