/** Events that an attacker may know of or cause, and which homes they touch. */
import { addPeriods } from "../../sipster/index.js";
import { startOfDay } from "../../resident/index.js";
import type { Chance } from "../random.js";
import type { Habits } from "./habits.js";
import type { Mishap } from "./wallet-month.js";

export const EVENTS = [
  "none",
  "withheld-answer",
  "known-outage",
  "late-return",
  "restore",
  "moving-in",
  "relay-colludes",
] as const;

export type EventName = (typeof EVENTS)[number];

/** Share of homes that an event touches; at least one. */
const TOUCHED = 0.05;
const DAY = 86_400;

/** What happens to each home; homes that nothing happens to have none. */
export function mishapsOf({
  event,
  habits,
  homes,
  period,
  chance,
}: {
  readonly event: EventName;
  readonly habits: Habits;
  readonly homes: number;
  readonly period: number;
  readonly chance: Chance;
}): ReadonlyMap<number, Mishap> {
  const month = addPeriods(period, 1);
  const paying = habits.timetable.paying;
  const opening = startOfDay(month, paying.first);
  const mishap: Partial<Record<EventName, Mishap>> = {
    // A street without power for three days while everybody pays.
    "known-outage": { off: { from: opening + DAY, to: opening + 4 * DAY } },
    // Away from the middle of the period until two paying days are left.
    "late-return": {
      off: { from: startOfDay(period, 15), to: startOfDay(month, paying.last - 1) },
    },
    restore: { restoredAt: opening + 2 * DAY },
    "moving-in": { firstSpendable: month },
  };
  const what = mishap[event];
  if (what === undefined) return new Map();
  const touched = Math.max(1, Math.round(TOUCHED * homes));
  const order = chance.shuffled(Array.from({ length: homes }, (_, i) => i));
  return new Map(order.slice(0, touched).map((home) => [home, what]));
}
