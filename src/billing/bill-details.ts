/**
 * What a bill says beside energy and money, from a file `sipster/bill-details@1` of the supplier or the
 * resident: nothing of it changes an amount.
 */
import { billingErrors } from "./errors.js";

export interface BillDetails {
  readonly supplier?: string;
  readonly customer?: string;
  readonly account?: string;
  /** Serial number of the meter. */
  readonly meter?: string;
  /** What the meter showed at the beginning and at the end of the period, in kWh. */
  readonly openingRegister?: string;
  readonly closingRegister?: string;
  /** `YYYY-MM-DD` */
  readonly issued?: string;
  readonly dueDate?: string;
  /** Whom to complain to, and who decides where that does not help. */
  readonly complaints?: string;
  /** Energy of the same month a year before, in kWh. */
  readonly lastYear?: string;
}

const texts = ["supplier", "customer", "account", "meter", "complaints"] as const;
const dates = ["issued", "dueDate"] as const;
const numbers = ["openingRegister", "closingRegister", "lastYear"] as const;

/** @throws billing/bad-details */
export function parseBillDetails(text: string, file: string): BillDetails {
  const refuse = (reason: string): Error =>
    billingErrors.error("bad-details", `${file}: ${reason}`, { file, reason });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : "it is not JSON");
  }
  if (typeof document !== "object" || document === null) throw refuse("it holds no details");
  const { format, ...fields } = document as Record<string, unknown>;
  if (format !== "sipster/bill-details@1") throw refuse("its format is not sipster/bill-details@1");
  const details: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    const known = [...texts, ...dates, ...numbers] as readonly string[];
    if (!known.includes(name)) throw refuse(`"${name}" is not a detail of a bill`);
    if (typeof value !== "string" || value.length > 500) throw refuse(`${name} is not a text`);
    if ((dates as readonly string[]).includes(name) && !isDay(value)) {
      throw refuse(`${name} is "${value}" and must be a day YYYY-MM-DD`);
    }
    if ((numbers as readonly string[]).includes(name) && !/^\d{1,12}(\.\d{1,3})?$/.test(value)) {
      throw refuse(`${name} is "${value}" and must be kWh such as 23456.7`);
    }
    details[name] = value;
  }
  return details;
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
    ["Register at the start", kWh(details.openingRegister)],
    ["Register at the end", kWh(details.closingRegister)],
    ["Issued", details.issued],
    ["To be paid by", details.dueDate],
    ["Same month a year before", kWh(details.lastYear)],
    ["Complaints", details.complaints],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

function kWh(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${text} kWh`;
}
