/**
 * What a bill says beside energy and money, from a file `sipster/bill-details@1` of the supplier or the
 * resident: nothing of it changes an amount.
 */
import * as v from "valibot";
import { matching, readJson, withoutFormat } from "../json/index.js";
import { billingErrors } from "./errors.js";

const text = v.exactOptional(v.pipe(v.string(), v.maxLength(500, "is longer than 500 characters")));
const day = v.exactOptional(v.pipe(v.string(), v.check(isDay, "is not a day YYYY-MM-DD")));
const kWh = v.exactOptional(matching(/^\d{1,12}(\.\d{1,3})?$/, "is not kWh such as 23456.7"));

const detailsField = v.strictObject({
  format: v.literal("sipster/bill-details@1"),
  supplier: text,
  customer: text,
  account: text,
  /** Serial number of the meter. */
  meter: text,
  /** What the meter showed at the beginning and at the end of the period, in kWh. */
  openingRegister: kWh,
  closingRegister: kWh,
  /** `YYYY-MM-DD` */
  issued: day,
  dueDate: day,
  /** Whom to complain to, and who decides where that does not help. */
  complaints: text,
  /** Energy of the same month a year before, in kWh. */
  lastYear: kWh,
});

export type BillDetails = Readonly<Omit<v.InferOutput<typeof detailsField>, "format">>;

/** @throws billing/bad-details */
export function parseBillDetails(text: string, file: string): BillDetails {
  return withoutFormat(
    readJson(detailsField, text, (reason, _field, cause) =>
      billingErrors.errorFrom({
        key: "bad-details",
        message: `${file}: ${reason}`,
        details: { file, reason },
        cause,
      }),
    ),
  );
}

function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(at).toISOString().startsWith(text);
}

/** The details that are known, with words for people, in the order of a bill. */
export function detailRows(details: BillDetails): readonly (readonly [string, string])[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Supplier", details.supplier],
    ["Customer", details.customer],
    ["Account", details.account],
    ["Meter", details.meter],
    ["Register at the start", inKwh(details.openingRegister)],
    ["Register at the end", inKwh(details.closingRegister)],
    ["Issued", details.issued],
    ["To be paid by", details.dueDate],
    ["Same month a year before", inKwh(details.lastYear)],
    ["Complaints", details.complaints],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

function inKwh(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${text} kWh`;
}
