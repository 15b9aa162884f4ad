/**
 * A month of a demonstration's homes: they withdraw coins in the month before, meters measure, and
 * devices take the tokens that their meters have emitted and pay each at the time that the policy draws.
 * The clock runs as fast as the work is done: by the day while meters measure, and then from one hour in
 * which something is due to the next.
 */
import { constantBasket } from "../ecash/index.js";
import { startOfDay, takeTokens, type Withdraw } from "../resident/index.js";
import { addPeriods } from "../sipster/index.js";
import type { DemoClock } from "./clock.js";
import { meanUnits } from "./denominations.js";
import type { DemoFolder } from "./folder.js";
import type { DemoHome, DemoTown } from "./home.js";
import type { Household, Households } from "./households.js";
import { monthEnd } from "./meter-run.js";
import { periodNumber, type DemoSettings } from "./options.js";

const HOUR = 3_600;
const DAY = 86_400;

/** Homes that withdraw at the same time: one computes while others wait for the chain and the mint. */
const WITHDRAWING_TOGETHER = 4;

/** What every home withdraws. */
export interface DemoBasket {
  readonly coins: readonly number[];
  readonly units: bigint;
  /** Further ones that homes needed, whose bills were above it. */
  extra: number;
}

export interface LivedMonth {
  readonly folder: DemoFolder;
  readonly homes: Households;
  readonly clock: DemoClock;
  readonly town: readonly DemoHome[];
  readonly shared: DemoTown;
  readonly basket: DemoBasket;
}

/**
 * Twice the neighbourhood's mean, which is public (the total is on no home's bill), rounded up to two
 * digits, so that most homes never need a second one.
 */
export function basketFor(
  { denominations, minorUnits }: DemoSettings,
  households: readonly Household[],
): DemoBasket {
  const twice = 2n * meanUnits(households, minorUnits) + 1n;
  const scale = 10n ** BigInt(Math.max(0, twice.toString().length - 2));
  const most = ((twice + scale - 1n) / scale) * scale;
  const coins = constantBasket(denominations, most);
  return { coins, units: coins.reduce((sum, d) => sum + BigInt(d), 0n), extra: 0 };
}

/** One basket a home, in the month before: coins are spent from the month after their withdrawal. */
export async function withdrawAll(month: LivedMonth): Promise<void> {
  const { folder, homes, clock, town, shared, basket } = month;
  const { period } = homes;
  clock.now = startOfDay(addPeriods(periodNumber(period), -1), 15);
  await together(town, WITHDRAWING_TOGETHER, async ({ purse, place }) => {
    // One basket a month, no matter what is left of the last one.
    const mark = `${place}/resident/withdrew-${period}`;
    const withdraw: Withdraw = (request) => shared.utility.vault.withdraw(place, request);
    const resumed = await purse.resume(withdraw);
    if (resumed === 0 && folder.read(mark) === null) await purse.withdraw(basket.coins, withdraw);
    folder.write(mark, `${basket.units} units\n`);
  });
}

/** Meters measure to the month's end; each day devices take what was emitted and pay what is due. */
export async function liveMonth(month: LivedMonth): Promise<void> {
  const { homes, clock, town } = month;
  const end = Math.ceil(monthEnd(homes) / 1000);
  clock.now = Math.max(clock.now, startOfDay(periodNumber(homes.period), 1));
  while (clock.now < end) {
    clock.now = Math.min(clock.now + DAY, end);
    await together(town, town.length, (home) => measure(home, month));
    await payUntil(month, clock.now);
  }
}

/** A day of one meter; its device takes the tokens. */
async function measure(
  { meter, run, link, resident }: DemoHome,
  { homes, clock, shared }: LivedMonth,
): Promise<void> {
  const before = meter.status.units;
  run.to(clock.now * 1000);
  if (!run.isOver && meter.status.units === before) return;
  await takeTokens(resident, link, { keys: shared.keys, period: periodNumber(homes.period) });
}

/** Runs the clock on until every token is paid. */
export async function payAll(month: LivedMonth): Promise<void> {
  const { homes, clock, town, shared } = month;
  const period = periodNumber(homes.period);
  clock.now = Math.max(clock.now, Math.ceil(monthEnd(homes) / 1000));
  // An earlier run may have been interrupted between measuring and taking.
  await together(town, town.length, async ({ link, resident }) => {
    await takeTokens(resident, link, { keys: shared.keys, period });
  });
  let open = [...town];
  while (open.length > 0) {
    await step(
      month,
      open,
      (await dues(open)).reduce((a, b) => Math.min(a, b), Infinity),
    );
    const left: DemoHome[] = [];
    for (const home of open) if (!(await isPaid(home, period))) left.push(home);
    open = left;
  }
}

/** Pays what is due up to this time. */
async function payUntil(month: LivedMonth, until: number): Promise<void> {
  for (;;) {
    const next = (await dues(month.town)).reduce((a, b) => Math.min(a, b), Infinity);
    if (next > until) return;
    await step(month, month.town, next);
  }
}

function dues(town: readonly DemoHome[]): Promise<number[]> {
  return Promise.all(town.map(async ({ resident }) => (await resident.nextDue()) ?? Infinity));
}

/** The hour in which the next is due: all that are due in it are served together. */
async function step(
  { clock, shared, basket }: LivedMonth,
  town: readonly DemoHome[],
  next: number,
): Promise<void> {
  clock.now = Math.max(clock.now, Math.ceil(next / HOUR) * HOUR);
  const all = await dues(town);
  const due = town.filter((_, i) => all[i]! <= clock.now);
  await together(due, due.length, async ({ resident, purse, place }) => {
    const { noCoin } = await resident.step(shared.utility.carrier);
    if (noCoin === 0) return;
    // A bill above the basket: visible to the mint, as a further withdrawal.
    basket.extra++;
    await purse.withdraw(basket.coins, (request) => shared.utility.vault.withdraw(place, request));
  });
}

/** Are all tokens paid? Receipts are verified when none is on its way. */
async function isPaid({ resident }: DemoHome, period: number): Promise<boolean> {
  if ((await resident.pending()) > 0) return false;
  await resident.verify();
  const { waiting, sent, posted } = await resident.status(period);
  return waiting + sent + posted === 0;
}

/** Runs `work` for every item, at most `limit` at a time. */
async function together<T>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: limit }, async () => {
      for (const [i, item] of queue) await work(item, i);
    }),
  );
}
