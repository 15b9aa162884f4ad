/**
 * What the parties hold, as files. An attacker reads these and nothing else:
 *
 *     public.json              period, denominations, policy and windows, size classes, totals
 *     utility/requests.log     every request with its time (see request-log.ts)
 *     utility/accounts.json    accounts with their size class, and their withdrawals
 *     relay/clients.json       how many requests each client sent; their times, if the relay tells them
 *     chain/settlements.json   every settlement: meter, time, who sent it
 *     grid/feeder.json         the load of all homes together, by interval
 *     outside/curves.f32       outside knowledge: when each home uses, as shares of its bill
 *     outside/outage.json      after a known outage: who was without power, and when
 */
import { parseJson } from "../../json/index.js";
import type { PaymentPolicy, Timetable } from "../../resident/index.js";

/** Path → bytes. */
export type Files = ReadonlyMap<string, Uint8Array>;

export const PATHS = {
  public: "public.json",
  requests: "utility/requests.log",
  accounts: "utility/accounts.json",
  clients: "relay/clients.json",
  settlements: "chain/settlements.json",
  feeder: "grid/feeder.json",
  curves: "outside/curves.f32",
  outage: "outside/outage.json",
} as const;

export interface PublicFile {
  readonly format: "sipster/attack-view@1";
  /** YYYYMM. */
  readonly period: number;
  readonly denominations: readonly number[];
  readonly emission: "as-it-accrues" | "at-period-end";
  readonly policy: PaymentPolicy;
  readonly timetable: Timetable;
  /** Upper bounds of the classes' mean bills, in units; the last class has none. */
  readonly classes: readonly { readonly name: string; readonly meanUnits: number }[];
  /** The period's intervals: first instant in Unix seconds, seconds, how many. */
  readonly intervals: { readonly from: number; readonly seconds: number; readonly count: number };
}

export interface AccountFile {
  readonly account: string;
  readonly sizeClass: string;
  readonly withdrawals: readonly {
    readonly at: number;
    /** Coins by denomination. */
    readonly coins: Readonly<Record<string, number>>;
  }[];
}

export interface ClientFile {
  /** The relay knows its clients by their address, and so by their account. */
  readonly account: string;
  readonly requests: number;
  /** A relay that colludes with the gateway tells when each was sent. */
  readonly times?: readonly number[];
}

export interface SettlementFile {
  readonly meter: string;
  readonly at: number;
  readonly period: number;
  /** Who paid the gas. */
  readonly sender: string;
}

export interface FeederFile {
  readonly wattHours: readonly number[];
}

export interface OutageFile {
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  readonly accounts: readonly string[];
}

const encoder = new TextEncoder();

export function jsonFile(value: unknown): Uint8Array {
  return encoder.encode(`${JSON.stringify(value)}\n`);
}

/** @throws Error if the folder lacks the file: a defect of who made it */
export function readFile<T>(files: Files, path: string): T {
  const bytes = files.get(path);
  if (bytes === undefined) throw new Error(`the view has no ${path}`);
  return parseJson(bytes, (why) => new Error(`${path} of the view ${why}`)) as T;
}
