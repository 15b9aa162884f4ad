/** Files of an account, `sipster/account@1`. */
import { billingErrors } from "./errors.js";
import { Zone } from "../readings/zone.js";
import type { AccountState, ClosedPeriod } from "./account.js";

const integer = /^-?\d{1,60}$/;
const hash = /^0x[0-9a-f]{64}$/;

/** @throws billing/bad-account */
export function parseAccount(text: string, file: string): AccountState {
  const refuse = (reason: string): Error =>
    billingErrors.error("bad-account", `${file}: ${reason}`, { file, reason });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : "no JSON");
  }
  if (typeof document !== "object" || document === null) throw refuse("it holds no account");
  const { format, home, commodity, timeZone, periods, balance } = document as Record<
    string,
    unknown
  >;
  if (format !== "sipster/account@1") throw refuse("its format is not sipster/account@1");
  if (typeof home !== "string" || typeof commodity !== "string") throw refuse("it names no home");
  if (typeof timeZone !== "string" || !isZone(timeZone)) throw refuse("it names no time zone");
  if (typeof balance !== "string" || !integer.test(balance))
    throw refuse("the balance is no integer");
  if (!Array.isArray(periods) || !periods.every(isClosed)) throw refuse("a period is not complete");
  if (periods.some((p, i) => i > 0 && p.period <= periods[i - 1]!.period)) {
    throw refuse("its periods are not in order");
  }
  return { format, home, commodity, timeZone, periods, balance };
}

function isClosed(value: unknown): value is ClosedPeriod {
  if (typeof value !== "object" || value === null) return false;
  const { period, tariffHash, readingsHash, wattHours, charged, estimates } = value as Record<
    string,
    unknown
  >;
  const matches = (text: unknown, pattern: RegExp): boolean =>
    typeof text === "string" && pattern.test(text);
  return (
    matches(period, /^\d{4}-(0[1-9]|1[0-2])$/) &&
    matches(tariffHash, hash) &&
    matches(readingsHash, hash) &&
    matches(wattHours, /^\d{1,30}$/) &&
    matches(charged, integer) &&
    Array.isArray(estimates) &&
    estimates.every((e) => Array.isArray(e) && e.length === 3 && e.every(Number.isSafeInteger))
  );
}

function isZone(name: string): boolean {
  try {
    Zone.of(name);
    return true;
  } catch {
    return false;
  }
}
