/** The bill of one home for one month, as a resident gets it. Made on the resident's own device. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { qualities, type Gap, type IntervalSeries, type Quality } from "../readings/interval.js";
import {
  exact,
  exactText,
  MONEY_DENOMINATOR,
  moneyText,
  wholeUnits,
  type ExactMoney,
  type Commodity,
} from "../readings/index.js";
import { tariffHash, type Tariff } from "../tariff/index.js";
import { civilDay, instantText, Zone } from "../readings/zone.js";
import type { BillDetails } from "./bill-details.js";
import { estimatedDays, type EstimatedDay } from "./estimated-days.js";
import { kilowattHours } from "./kilowatt-hours.js";
import type { BillLine, Itemised, TaxLine } from "./itemise.js";

/** A difference to an earlier bill, whose readings have changed since. */
export interface Correction {
  readonly period: string;
  /** Energy drawn as it was billed, and as it is known now, in kWh. */
  readonly billedEnergy: string;
  readonly energy: string;
  /** What is charged on this bill, with taxes; negative where too much was billed. */
  readonly amount: string;
}

export interface ReadingCount {
  readonly intervals: number;
  /** kWh, an exact decimal. */
  readonly energy: string;
}

/** Amounts are exact decimals of the major unit of the currency. */
export interface ItemisedBill {
  readonly format: "sipster/itemised-bill@1";
  readonly home: string;
  readonly commodity: Commodity;
  readonly period: string;
  /** First instant with supply in the period, and the first after it, in local time with its offset. */
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly minorDigits: number;
  readonly tariff: {
    readonly name: string;
    readonly hash: string;
    /** Whose signature on the tariff was checked, and its number; `null` where it is not signed. */
    readonly signed: { readonly signer: string; readonly sequence: number } | null;
  };
  /** What else a bill says; see bill-details.ts. */
  readonly details: BillDetails;
  readonly readings: Readonly<Record<Quality, ReadingCount>> & {
    /** Energy fed in; its gaps are not estimated. */
    readonly exported: ReadingCount & { readonly gaps: number };
    /** Stretches without a reading and without an estimate. */
    readonly missing: readonly { readonly from: string; readonly to: string }[];
    /** Days with energy that was not read, and why. */
    readonly estimatedDays: readonly EstimatedDay[];
    /** keccak256 of the readings that were billed, estimates included. */
    readonly hash: string;
  };
  /** Energy drawn on each local day with a reading, in kWh. */
  readonly days: readonly { readonly date: string; readonly energy: string }[];
  readonly lines: readonly BillLine[];
  readonly taxes: readonly TaxLine[];
  readonly net: string;
  readonly gross: string;
  readonly corrections: readonly Correction[];
  /** From the period before: less than one minor unit, or a credit. */
  readonly carriedIn: string;
  /** The sum of it all. */
  readonly total: string;
  /** What is due, in whole minor units: the total rounded down once, and nothing where it is a credit. */
  readonly due: string;
  /** The same as money: `EUR 67.63`. */
  readonly dueMoney: string;
  /** The total less what is due. */
  readonly carriedOut: string;
  /** The command that makes this bill again; `null` where it was not made by one. */
  readonly command: string | null;
  /** How anyone who has the readings and the tariff checks this bill. */
  readonly verify: readonly string[];
}

export interface BillParts {
  readonly home: string;
  readonly commodity: Commodity;
  readonly period: string;
  readonly from: number;
  readonly to: number;
  readonly timeZone: string;
  readonly tariff: Tariff;
  /** What was billed, estimates included. */
  readonly drawn: IntervalSeries;
  readonly fedIn: IntervalSeries;
  readonly missing: readonly Gap[];
  readonly itemised: Itemised;
  readonly corrections: readonly (Omit<Correction, "amount"> & { readonly amount: ExactMoney })[];
  readonly carriedIn: ExactMoney;
  /** First instants of the intervals that the account estimated. */
  readonly filled: ReadonlySet<number>;
  readonly signed?: { readonly signer: string; readonly sequence: number };
  readonly details?: BillDetails;
  readonly command?: string;
}

/** The bill, and what is carried into the next period. Rounds once, at the very end. */
export function makeBill(parts: BillParts): { bill: ItemisedBill; carriedOut: ExactMoney } {
  const { tariff, itemised, corrections, carriedIn } = parts;
  const { minorDigits, currency } = tariff;
  const zone = Zone.of(parts.timeZone);
  const text = (amount: ExactMoney): string => exactText(amount, minorDigits);
  const total = exact(
    corrections.reduce((sum, c) => sum + c.amount.numerator, itemised.gross.numerator) +
      carriedIn.numerator,
  );
  const { units, remainder } = wholeUnits(total);
  const due = units > 0n ? units : 0n;
  const carriedOut = units > 0n ? remainder : total;
  const hash = tariffHash(tariff);
  const bill: ItemisedBill = {
    format: "sipster/itemised-bill@1",
    home: parts.home,
    commodity: parts.commodity,
    period: parts.period,
    from: instantText(parts.from, zone),
    to: instantText(parts.to, zone),
    timeZone: parts.timeZone,
    currency,
    minorDigits,
    tariff: { name: tariff.name, hash, signed: parts.signed ?? null },
    details: parts.details ?? {},
    readings: {
      ...countByQuality(parts.drawn),
      exported: fedInCount(parts.fedIn),
      missing: parts.missing.map((g) => ({
        from: instantText(g.from, zone),
        to: instantText(g.to, zone),
      })),
      estimatedDays: estimatedDays(parts.drawn, parts.filled, zone),
      hash: readingsHash(parts.drawn, parts.fedIn),
    },
    days: byDay(parts.drawn, zone),
    lines: itemised.lines,
    taxes: itemised.taxes,
    net: text(itemised.net),
    gross: text(itemised.gross),
    corrections: corrections.map((c) => ({ ...c, amount: text(c.amount) })),
    carriedIn: text(carriedIn),
    total: text(total),
    due: due.toString(),
    dueMoney: `${currency} ${moneyText(exact(due * MONEY_DENOMINATOR), minorDigits)}`,
    carriedOut: text(carriedOut),
    command: parts.command ?? null,
    verify: [
      `Compare the tariff: its hash is ${hash}.`,
      "Add the readings of your own meter: the quantities of energy must be those above.",
      "Multiply each quantity with its price, and add the taxes: all amounts are exact.",
      parts.command === undefined
        ? `Bill the same readings with the same tariff for ${parts.period} in the zone ${parts.timeZone}: it makes this bill again.`
        : `Run the command below where the same files lie: it makes this bill again.`,
      `A meter whose unit is the minor unit of ${currency} emits tokens of ${due} for this bill; that they are all paid is settled without saying how many they are.`,
    ],
  };
  return { bill, carriedOut };
}

/** keccak256 over the readings in order: what each line of a bill was computed from. */
export function readingsHash(drawn: IntervalSeries, fedIn: IntervalSeries): string {
  const hash = keccak_256.create();
  for (const [direction, series] of [
    ["import", drawn],
    ["export", fedIn],
  ] as const) {
    for (const { start, seconds, wattHours, quality } of series) {
      hash.update(utf8ToBytes(`${direction},${start},${seconds},${wattHours},${quality}\n`));
    }
  }
  return `0x${bytesToHex(hash.digest())}`;
}

/** An interval belongs to the day on which it begins. */
function byDay(series: IntervalSeries, zone: Zone): { date: string; energy: string }[] {
  const days = new Map<number, bigint>();
  for (const { start, wattHours } of series) {
    const day = civilDay(zone.civil(start));
    days.set(day, (days.get(day) ?? 0n) + BigInt(wattHours));
  }
  return [...days].map(([day, wattHours]) => ({
    date: new Date(day).toISOString().slice(0, 10),
    energy: kilowattHours(wattHours),
  }));
}

function countByQuality(series: IntervalSeries): Record<Quality, ReadingCount> {
  const all: Record<Quality, number[]> = { actual: [], estimated: [], substituted: [] };
  for (const { wattHours, quality } of series) all[quality].push(wattHours);
  const entries = qualities.map((q) => [q, count(all[q])] as const);
  return Object.fromEntries(entries) as Record<Quality, ReadingCount>;
}

function fedInCount(series: IntervalSeries): ItemisedBill["readings"]["exported"] {
  return { ...count([...series].map((i) => i.wattHours)), gaps: series.gaps().length };
}

function count(wattHours: readonly number[]): ReadingCount {
  const sum = wattHours.reduce((a, b) => a + BigInt(b), 0n);
  return { intervals: wattHours.length, energy: kilowattHours(sum) };
}
