/**
 * What the residents of a demonstration do: withdraw coins in the month before, pay each token at the
 * time that its policy draws. The demonstration's clock runs as fast as the work is done: it goes from
 * one hour in which something is due to the next.
 */
import { constantBasket } from "../ecash/index.js";
import { startOfDay, type Withdraw } from "../resident/index.js";
import { addPeriods } from "../sipster/index.js";
import type { DemoClock } from "./clock.js";
import type { DemoFolder } from "./folder.js";
import type { DemoHome, MeteredMonth } from "./home.js";
import { periodNumber, type DemoSettings } from "./options.js";
import type { Progress } from "./progress.js";
import type { DemoUtility } from "./utility.js";

const HOUR = 3_600;

/** Homes that withdraw at the same time: one computes while others wait for the chain and the mint. */
const WITHDRAWING_TOGETHER = 4;

interface Payment {
  readonly options: DemoSettings;
  readonly folder: DemoFolder;
  readonly progress: Progress;
  /** YYYY-MM. */
  readonly period: string;
  readonly clock: DemoClock;
  readonly utility: DemoUtility;
  readonly town: readonly DemoHome[];
  readonly months: readonly MeteredMonth[];
}

/** @returns units of one withdrawal, and how many further ones homes needed */
export async function pay(
  payment: Payment,
): Promise<{ basketUnits: bigint; extraBaskets: number }> {
  const { options, progress, months } = payment;
  const basket = constantBasket(options.denominations, basketFor(months));
  const basketUnits = basket.reduce((sum, d) => sum + BigInt(d), 0n);
  await progress.step(
    "withdraw",
    "withdrawing coins",
    () => withdrawAll(payment, basket, basketUnits),
    () => `every home withdrew the same ${basket.length} coins, worth ${basketUnits} units`,
  );
  const extraBaskets = await progress.step(
    "pay",
    "paying tokens",
    () => payAll(payment, basket),
    () => "every token has a receipt, and every receipt was verified",
  );
  return { basketUnits, extraBaskets };
}

/** One basket a home, in the month before: coins are spent from the month after their withdrawal. */
async function withdrawAll(
  { folder, period, clock, utility, town }: Payment,
  basket: readonly number[],
  basketUnits: bigint,
): Promise<void> {
  clock.now = startOfDay(addPeriods(periodNumber(period), -1), 15);
  await together(town, WITHDRAWING_TOGETHER, async ({ purse, place }) => {
    // One basket a month, no matter what is left of the last one.
    const mark = `${place}/resident/withdrew-${period}`;
    const withdraw: Withdraw = (request) => utility.vault.withdraw(place, request);
    const resumed = await purse.resume(withdraw);
    if (resumed === 0 && folder.read(mark) === null) await purse.withdraw(basket, withdraw);
    folder.write(mark, `${basketUnits} units\n`);
  });
}

/** Runs the clock until every token is paid. Returns how many further baskets homes withdrew. */
async function payAll(
  { period, clock, utility, town, months }: Payment,
  basket: readonly number[],
): Promise<number> {
  const number = periodNumber(period);
  clock.now = startOfDay(addPeriods(number, 1), 1);
  await together(town, town.length, ({ resident }, i) =>
    resident.accept(number, months[i]!.numbered),
  );
  let extraBaskets = 0;
  let open = [...town];
  while (open.length > 0) {
    const dues = await Promise.all(open.map(({ resident }) => resident.nextDue()));
    const next = Math.min(...dues.map((due) => due ?? Infinity));
    clock.now = Math.max(clock.now, Math.ceil(next / HOUR) * HOUR);
    const due = open.filter((_, i) => (dues[i] ?? Infinity) <= clock.now);
    await together(due, due.length, async ({ resident, purse, place }) => {
      const { noCoin } = await resident.step(utility.carrier);
      if (noCoin === 0) return;
      // A bill above the basket: visible to the mint, as a further withdrawal.
      extraBaskets++;
      await purse.withdraw(basket, (request) => utility.vault.withdraw(place, request));
    });
    const left: DemoHome[] = [];
    for (const home of open) if (!(await isPaid(home, number))) left.push(home);
    open = left;
  }
  return extraBaskets;
}

/** Are all tokens paid? Receipts are verified when none is on its way. */
async function isPaid({ resident }: DemoHome, period: number): Promise<boolean> {
  if ((await resident.pending()) > 0) return false;
  await resident.verify();
  const { waiting, sent, posted } = await resident.status(period);
  return waiting + sent + posted === 0;
}

/**
 * Units in a basket: twice the neighbourhood's mean, which is public (the total is on no home's bill),
 * rounded up to two digits, so that most homes never need a second one.
 */
function basketFor(months: readonly MeteredMonth[]): bigint {
  const total = months.reduce((sum, m) => sum + m.units, 0n);
  const twice = (2n * total) / BigInt(months.length) + 1n;
  const scale = 10n ** BigInt(Math.max(0, twice.toString().length - 2));
  return ((twice + scale - 1n) / scale) * scale;
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
