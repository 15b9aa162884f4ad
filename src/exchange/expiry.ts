/**
 * When payments expire: one value for all homes, by the calendar in UTC. An expiry of its own would
 * join a home's payments, so the counter takes no other, and no wallet waits for an order with another.
 */
import { addPeriods, periodOfTime } from "../sipster/index.js";

/** Seconds before a month's end in which payments expire with the next month. */
const LAST_DAYS = 2 * 86_400;
/** How far the clocks of sender and receiver may differ, in seconds. */
const CLOCKS_DIFFER = 3_600;

/**
 * When a payment sent at `time` (Unix seconds) expires: with the last second of its month, and in the
 * last two days of a month, of the next.
 */
export function expiryOf(time: number): bigint {
  const next = startOfMonth(addPeriods(periodOfTime(time), 1));
  const after = startOfMonth(addPeriods(periodOfTime(time), 2));
  return BigInt((time < next - LAST_DAYS ? next : after) - 1);
}

/** Is this the expiry of payments that are sent now, or were within the hour before? */
export function isPublicExpiry(expiry: bigint, now: number): boolean {
  return expiry === expiryOf(now) || expiry === expiryOf(now - CLOCKS_DIFFER);
}

function startOfMonth(month: number): number {
  return Date.UTC(Math.floor(month / 100), (month % 100) - 1, 1) / 1000;
}
