/** Which tariff a meter prices by in which period: hashes of tariffs, and their bodies beside them. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { tariffHash } from "./canonical.js";
import { compileTariff, type CompiledTariff } from "./compile.js";
import { tariffErrors } from "./errors.js";
import type { Interval } from "../readings/interval.js";
import {
  addMonths,
  chargeEnergy,
  chargeToEnd,
  covers,
  monthAt,
  monthBounds,
  withoutUse,
  type RunningCharge,
  type RunningTotals,
} from "./running-charge.js";
import type { Tariff } from "./tariff.js";

/** The tariff from a period (YYYYMM) on. */
export interface TariffEntry {
  readonly firstPeriod: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** Entries that are kept: energy that comes later is priced by the oldest of them. */
const MOST_ENTRIES = 4;

/** The hash of the tariff of a period, in hexadecimal: the last entry that begins by then, or the first. */
export function scheduledTariff(schedule: readonly TariffEntry[], period: number): string {
  const entry = schedule.findLast((e) => e.firstPeriod <= period) ?? schedule[0]!;
  return bytesToHex(entry.hash);
}

/**
 * The schedule with a successor of its last tariff. The successor has every price of its first period,
 * which has not begun. A successor that is known changes nothing.
 * @throws tariff/bad-successor, tariff/other-zone
 */
export function withSuccessor(
  schedule: readonly TariffEntry[],
  {
    tariff: follows,
    successor,
    firstPeriod,
  }: { readonly tariff: Uint8Array; readonly successor: Uint8Array; readonly firstPeriod: number },
  {
    tariff,
    timeZone,
    now,
  }: { readonly tariff: Tariff; readonly timeZone: string; readonly now: number },
): readonly TariffEntry[] {
  const refuse = (why: string) => bad(tariff, why);
  const last = schedule.at(-1)!;
  const hash = bytesToHex(successor);
  if (hash !== hashOf(tariff)) throw refuse("is not the tariff of the notice");
  if (hash === bytesToHex(last.hash) && last.firstPeriod === firstPeriod) return schedule;
  if (bytesToHex(follows) !== bytesToHex(last.hash))
    throw refuse("follows another tariff than this meter's");
  if (firstPeriod <= last.firstPeriod) throw refuse("begins before the tariff that it follows");
  const { from, to } = monthBounds(firstPeriod, timeZone);
  if (from <= now) throw refuse("comes after its first period has begun");
  checkPrices(tariff, timeZone, { from, to });
  return [...schedule, { firstPeriod, hash: successor }].slice(-MOST_ENTRIES);
}

/** A meter's first tariff has every price from now to the end of the month. @throws tariff/bad-successor */
export function checkFirstTariff(tariff: Tariff, timeZone: string, now: number): void {
  const { to } = monthBounds(monthAt(now, timeZone), timeZone);
  checkPrices(tariff, timeZone, { from: now, to });
}

/**
 * What energy of one month costs by the tariff of its own period. Late energy under another tariff
 * than that of the open period leaves the totals of the open one alone.
 * @throws tariff/tariff-not-given, no-price
 */
export function chargeBySchedule({
  tariffs: { schedule, shelf, openPeriod },
  totals,
  part,
  kind,
}: {
  readonly tariffs: ScheduledTariffs;
  readonly totals: RunningTotals;
  readonly part: Interval;
  readonly kind: "import" | "export";
}): RunningCharge {
  const hash = scheduledTariff(schedule, monthAt(part.start, shelf.timeZone));
  const tariff = shelf.compiled(hash);
  if (hash === scheduledTariff(schedule, openPeriod))
    return chargeEnergy({ tariff, totals, span: part, kind });
  return {
    totals,
    amount: chargeEnergy({ tariff, totals: withoutUse(totals), span: part, kind }).amount,
  };
}

/**
 * What is due when the open period ends, and the totals with which the next one begins.
 * @throws tariff/tariff-not-given, no-price
 */
export function chargeAtEnd(
  { schedule, shelf, openPeriod }: ScheduledTariffs,
  totals: RunningTotals,
  end: number,
): RunningCharge {
  const hash = scheduledTariff(schedule, openPeriod);
  const due = chargeToEnd(shelf.compiled(hash), totals, end);
  const next = scheduledTariff(schedule, addMonths(openPeriod, 1));
  return next === hash ? due : { ...due, totals: withoutUse(due.totals) };
}

export interface ScheduledTariffs {
  readonly schedule: readonly TariffEntry[];
  readonly shelf: TariffShelf;
  /** YYYYMM. */
  readonly openPeriod: number;
}

/** Bodies of tariffs by hash. They are public: a meter remembers hashes. */
export class TariffShelf {
  readonly #tariffs = new Map<string, Tariff>();

  constructor(
    tariffs: readonly Tariff[],
    readonly timeZone: string,
  ) {
    for (const tariff of tariffs) this.add(tariff);
  }

  add(tariff: Tariff): void {
    this.#tariffs.set(hashOf(tariff), tariff);
  }

  /** @throws tariff/not-given, tariff/other-zone */
  compiled(hash: string): CompiledTariff {
    const tariff = this.#tariffs.get(hash);
    if (tariff !== undefined) return compileTariff(tariff, this.timeZone);
    throw tariffErrors.error("not-given", `the tariff 0x${hash} was not given`, { hash });
  }
}

/** A tariff of the deployment's zone, with a price for every instant. */
function checkPrices(
  tariff: Tariff,
  timeZone: string,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  if (tariff.timeZone !== undefined && tariff.timeZone !== timeZone) {
    throw bad(tariff, `is of the time zone ${tariff.timeZone}, and the meter of ${timeZone}`);
  }
  if (!covers(compileTariff(tariff, timeZone), from, to)) throw bad(tariff, "lacks prices");
}

function bad(tariff: Tariff, why: string): Error {
  return tariffErrors.error("bad-successor", `${tariff.name} ${why}`, { tariff: tariff.name });
}

/** In hexadecimal, without 0x. */
function hashOf(tariff: Tariff): string {
  return tariffHash(tariff).slice(2);
}
