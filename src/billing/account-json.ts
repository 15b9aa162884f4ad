/** Files of an account, `sipster/account@1`. */
import * as v from "valibot";
import { matching, readJson } from "../json/index.js";
import { Zone } from "../readings/index.js";
import type { AccountState } from "./account-state.js";
import { billingErrors } from "./errors.js";

const integerText = matching(/^-?\d{1,60}$/, "is not an integer in decimal");
const hash = matching(/^0x[0-9a-f]{64}$/, "is not 32 bytes in lower-case hexadecimal");
const safeInteger = v.pipe(v.number(), v.safeInteger("is not an integer"));

const month = matching(/^\d{4}-(0[1-9]|1[0-2])$/, "is not a month YYYY-MM");

const closedPeriod = v.object({
  period: month,
  tariffHash: hash,
  readingsHash: hash,
  wattHours: matching(/^\d{1,30}$/, "is not watt-hours in decimal"),
  charged: integerText,
  estimates: v.array(v.strictTuple([safeInteger, safeInteger, safeInteger])),
});

const billRecord = v.object({
  period: month,
  carriedIn: integerText,
  before: v.array(closedPeriod),
});

const accountField = v.pipe(
  v.object({
    format: v.literal("sipster/account@1"),
    home: v.string(),
    commodity: v.string(),
    timeZone: v.pipe(v.string(), v.check(isZone, "is not the name of a time zone")),
    periods: v.pipe(
      v.array(closedPeriod),
      v.check(
        (periods) => periods.every((p, i) => i === 0 || p.period > periods[i - 1]!.period),
        "are not in order",
      ),
    ),
    bills: v.array(billRecord),
    balance: integerText,
  }),
  v.check(
    ({ periods, bills }) =>
      bills.length === periods.length && bills.every((b, i) => b.period === periods[i]!.period),
    "has bills that are not those of its periods",
  ),
);

/** @throws billing/bad-account */
export function parseAccount(text: string, file: string): AccountState {
  return readJson(accountField, text, (reason, _field, cause) =>
    billingErrors.errorFrom({
      key: "bad-account",
      message: `${file}: ${reason}`,
      details: { file, reason },
      cause,
    }),
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
