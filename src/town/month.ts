/**
 * The month of a town: the clock goes from one moment at which something is due to the next, and waits
 * there until every process has done its work. Processes end on the way as planned, and come back.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { addPeriods } from "../sipster/index.js";
import { townErrors } from "./errors.js";
import { planKills, type Kill } from "./kills.js";
import type { TownProcess } from "./process.js";
import type { Town } from "./set-up.js";

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** Between two looks at the meters, while they measure. */
const GRID = 12 * HOUR;
/** Months after the period in which its bills may settle: later ones wait for a missed time. */
const MOST_MONTHS = 4;
/** Real milliseconds in which every process has to be where the clock is: machines may be slow. */
const PATIENCE = 600_000;

/** As a wallet prints it. */
export interface PrintedRound {
  readonly now: number;
  readonly next: number | null;
  readonly meter: { readonly clock: number; readonly open: number } | null;
  readonly bills: readonly PrintedBill[];
  readonly trouble: readonly string[];
}

export interface PrintedBill {
  readonly period: number;
  readonly units: string;
  readonly unitsPaid: string;
  readonly tokens: number;
  readonly stage: string;
  readonly tx: string | null;
}

export interface DoneKill {
  readonly role: string;
  readonly home?: number;
  /** The deployment's clock, ISO 8601. */
  readonly at: string;
}

/** Runs the clock until every bill is settled. @returns what was killed, and how many steps it took */
export async function runMonth(
  town: Town,
  onStep: (now: number) => void,
): Promise<{ readonly kills: readonly DoneKill[]; readonly steps: number }> {
  const { clock, settings, period, homes, database } = town;
  const from = await clock.now();
  const end = startOf(addPeriods(period, 1)) + 20 * DAY;
  const planned = planKills({
    seed: settings.seed,
    count: settings.kills,
    homes: homes.length,
    between: {
      from,
      to: end,
      hasDatabase: database !== null,
    },
  });
  const last = startOf(addPeriods(period, MOST_MONTHS));
  const done: DoneKill[] = [];
  let now = from;
  let steps = 0;
  while (!homes.every(({ number }) => billOf(town, number)?.stage === "settled")) {
    if (now > last) break;
    steps++;
    now = await clock.advanceTo(nextStep(town, now, planned[0]));
    const due = planned.splice(0, planned.filter((kill) => kill.at <= now).length);
    // A database that was killed is back before the clock goes on.
    await Promise.all([
      caughtUp(town, now),
      ...due.map((kill) => strike({ town, kill, now, done })),
    ]);
    onStep(now);
  }
  // What was planned for after the last bill strikes all the same: the town must come back from it.
  await Promise.all(planned.map((kill) => strike({ town, kill, now, done })));
  await caughtUp(town, now);
  return { kills: done, steps };
}

export function roundOf(town: Town, home: number): PrintedRound | null {
  const document = town.of("wallet", home).documents.get("sipster/wallet-round@1");
  return (document as unknown as PrintedRound | undefined) ?? null;
}

export function billOf(town: Town, home: number): PrintedBill | undefined {
  return roundOf(town, home)?.bills.find((bill) => bill.period === town.period);
}

/** The next hour in which something is due, and no later than the next look at the meters. */
function nextStep(town: Town, now: number, kill: Kill | undefined): number {
  const measures = now < startOf(addPeriods(town.period, 1)) + DAY;
  const rounds = town.homes.map(({ number }) => roundOf(town, number)?.next ?? Infinity);
  const due = Math.ceil(Math.min(...rounds) / HOUR) * HOUR;
  const grid = Math.floor(now / GRID + 1) * GRID;
  const times = [due, kill?.at ?? Infinity, measures ? grid : now + 5 * DAY];
  return Math.max(now + 1, Math.min(...times));
}

async function strike({
  town,
  kill,
  now,
  done,
}: {
  readonly town: Town;
  readonly kill: Kill;
  readonly now: number;
  readonly done: DoneKill[];
}): Promise<void> {
  const { role, home, delay } = kill;
  await sleep(delay);
  const at = new Date(now * 1000).toISOString();
  const whom = home === undefined ? { role } : { role, home };
  if (role === "database") {
    const what = await town.database!.strike();
    town.settings.say(`${what} at ${at}`);
  } else {
    town.of(role, home).kill();
    town.settings.say(`SIGKILL ${town.of(role, home).name} at ${at}`);
  }
  done.push({ ...whom, at });
}

/** Waits until every process is there, and every wallet has done what was due by now. */
async function caughtUp(town: Town, now: number): Promise<void> {
  const { processes } = town;
  const wait = Promise.all(processes.map((process) => process.until(() => isThere(process, now))));
  const timer = new AbortController();
  const late = sleep(PATIENCE, true, { signal: timer.signal }).catch(() => false);
  const isLate = await Promise.race([wait.then(() => false), late]);
  timer.abort();
  if (!isLate) return;
  const who = processes.filter((p) => !p.isReady || !isThere(p, now)).map((p) => p.name);
  throw townErrors.error(
    "stands-still",
    `${who.join(", ")} did not come to ${new Date(now * 1000).toISOString()}`,
  );
}

function isThere({ spec, documents }: TownProcess, now: number): boolean {
  if (spec.role !== "wallet") return true;
  const round = documents.get("sipster/wallet-round@1") as unknown as PrintedRound | undefined;
  if (round === undefined || round.meter === null) return false;
  // The chain's clock goes on by itself, too: by seconds.
  return round.now >= now && round.meter.clock >= now * 1000;
}

/** The first instant of a month in UTC, Unix seconds. */
function startOf(month: number): number {
  return Date.UTC(Math.floor(month / 100), (month % 100) - 1, 1) / 1000;
}
