/** A CSV file with one price for each half-hour, or other step, as published for dynamic tariffs. */
import { decimalText, parseDecimal, timesTenTo } from "../readings/decimal.js";
import { badRow } from "../readings/errors.js";
import { readCsv } from "../readings/formats/csv-rows.js";
import type { Input } from "../readings/source.js";
import { stemOf } from "../readings/stem.js";
import { parseStamp, type Stamp } from "../readings/timestamp.js";
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
  const rows = new PriceRows(input.name);
  await readCsv(input, (fields, line) => {
    rows.take(fields, line);
  });
  const { first, step, currency, runs } = rows.finish();
  return {
    format: "sipster/tariff@1",
    name: stemOf(input.name),
    currency,
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

/** The rows of a price file, while they are read. */
class PriceRows {
  #columns: Columns | undefined;
  #first: Stamp | undefined;
  #previous = 0;
  #step: number | undefined;
  readonly #runs: { steps: number; price: string; name: string }[] = [];

  constructor(private readonly file: string) {}

  take(fields: readonly string[], line: number): void {
    const refuse = (reason: string): Error => badRow({ file: this.file, line }, reason);
    const columns = this.#columns;
    if (columns === undefined) {
      this.#columns = columnsOf(fields);
      if (this.#columns === undefined)
        throw refuse("the header names no time and no price per kWh");
      return;
    }
    const time = fields[columns.time]!;
    const stamp = parseStamp(time);
    if (stamp === undefined) throw refuse(`"${time.slice(0, 40)}" is not a date and time`);
    this.#follow(stamp, refuse(`"${time}" does not follow the row before by one step`));
    const value = parseDecimal(fields[columns.price]!);
    if (value === undefined)
      throw refuse(`"${fields[columns.price]!.slice(0, 40)}" is not a price`);
    const price = decimalText(timesTenTo(value, columns.power));
    const name = (columns.name < 0 ? "" : fields[columns.name]!) || "energy";
    const run = this.#runs.at(-1);
    if (run?.price === price && run.name === name) run.steps += 1;
    else this.#runs.push({ steps: 1, price, name });
  }

  #follow(stamp: Stamp, refusal: Error): void {
    if (this.#first === undefined) this.#first = stamp;
    else {
      this.#step ??= stamp.at - this.#previous;
      const follows = stamp.at === this.#previous + this.#step && this.#step > 0;
      if (!follows || stamp.isInstant !== this.#first.isInstant) throw refusal;
    }
    this.#previous = stamp.at;
  }

  finish(): {
    first: Stamp;
    step: number;
    currency: string;
    runs: { steps: number; price: string; name: string }[];
  } {
    if (this.#columns === undefined || this.#first === undefined || this.#step === undefined) {
      throw badRow({ file: this.file }, "at least two prices are needed");
    }
    const { currency } = this.#columns;
    return { first: this.#first, step: this.#step, currency, runs: this.#runs };
  }
}
