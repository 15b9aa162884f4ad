/** A CSV file with one price for each half-hour, or other step, as published for dynamic tariffs. */
import { decimalText, parseDecimal, timesTenTo } from "../decimal.js";
import { badRow } from "../errors.js";
import { csvRows } from "../formats/csv-rows.js";
import type { Input } from "../source.js";
import { parseStamp } from "../timestamp.js";
import type { Tariff } from "./tariff.js";

const timeColumn = /date.?time|timestamp|valid_from|^time$/i;
const nameColumn = /^(tariff|band|rate|name)$/i;

/** Units of price that a header may name: currency, and powers of ten from it to the major unit. */
const units: readonly {
  readonly header: RegExp;
  readonly currency: string;
  readonly power: number;
}[] = [
  { header: /pence.?per.?kwh|p\/kwh/i, currency: "GBP", power: -2 },
  { header: /gbp.?(per|\/).?kwh|£\/kwh/i, currency: "GBP", power: 0 },
  { header: /eur(o)?.?(per|\/).?kwh|€\/kwh/i, currency: "EUR", power: 0 },
  { header: /eur(o)?.?(per|\/).?mwh|€\/mwh/i, currency: "EUR", power: -3 },
  { header: /aud.?(per|\/).?kwh/i, currency: "AUD", power: 0 },
  { header: /aud.?(per|\/).?mwh/i, currency: "AUD", power: -3 },
  { header: /usd.?(per|\/).?kwh/i, currency: "USD", power: 0 },
  { header: /usd.?(per|\/).?mwh/i, currency: "USD", power: -3 },
];

interface Columns {
  readonly time: number;
  readonly price: number;
  readonly name: number;
  readonly currency: string;
  readonly power: number;
}

function columnsOf(header: readonly string[]): Columns | undefined {
  const time = header.findIndex((h) => timeColumn.test(h));
  for (const { header: pattern, currency, power } of units) {
    const price = header.findIndex((h) => pattern.test(h));
    if (time >= 0 && price >= 0) {
      return { time, price, name: header.findIndex((h) => nameColumn.test(h)), currency, power };
    }
  }
  return undefined;
}

export function isPriceFile(head: string): boolean {
  const first = head.split(/\r?\n/, 1)[0]!;
  return columnsOf(first.split(",").map((f) => f.trim())) !== undefined;
}

/**
 * Rows must follow each other in equal steps: a missing or doubled price is refused.
 *
 * @throws readings/bad-row
 */
export async function readPriceFile(input: Input): Promise<Tariff> {
  let columns: Columns | undefined;
  let first: { at: number; isInstant: boolean } | undefined;
  let previous = 0;
  let step: number | undefined;
  const runs: { steps: number; price: string; name: string }[] = [];
  for await (const { fields, line } of csvRows(input)) {
    const refuse = (reason: string): Error => badRow({ file: input.name, line }, reason);
    if (columns === undefined) {
      columns = columnsOf(fields);
      if (columns === undefined) throw refuse("the header names no time and no price per kWh");
      continue;
    }
    const stamp = parseStamp(fields[columns.time]!);
    if (stamp === undefined) throw refuse(`"${fields[columns.time]!}" is not a date and time`);
    if (first === undefined) first = stamp;
    else {
      step ??= stamp.at - previous;
      if (stamp.at !== previous + step || stamp.isInstant !== first.isInstant || step <= 0) {
        throw refuse(`"${fields[columns.time]!}" does not follow the row before by one step`);
      }
    }
    previous = stamp.at;
    const value = parseDecimal(fields[columns.price]!);
    if (value === undefined) throw refuse(`"${fields[columns.price]!}" is not a price`);
    const price = decimalText(timesTenTo(value, columns.power));
    const name = (columns.name < 0 ? "" : fields[columns.name]!) || "energy";
    const run = runs.at(-1);
    if (run?.price === price && run.name === name) run.steps += 1;
    else runs.push({ steps: 1, price, name });
  }
  if (columns === undefined || first === undefined || step === undefined) {
    throw badRow({ file: input.name }, "at least two prices are needed");
  }
  return {
    format: "sipster/tariff@1",
    name: input.name.replace(/\.[^.]*$/, ""),
    currency: columns.currency,
    minorDigits: 2,
    versions: [
      {
        components: [
          {
            kind: "dynamic",
            name: "Energy",
            direction: "import",
            taxed: true,
            clock: first.isInstant ? "utc" : "local",
            from: new Date(first.at).toISOString().slice(0, 16),
            stepSeconds: step / 1000,
            runs,
          },
        ],
        taxes: [],
        holidays: [],
      },
    ],
  };
}
