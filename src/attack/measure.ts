/**
 * One row of the table: a policy in a crowd. Simulates, lets the attacker see the files alone, and lets
 * the scorer compare its claims with the truth.
 */
import type { Denominations, EmissionRule } from "../sipster/index.js";
import { KNOWING, OUTAGE, trainAttacker } from "./attacker/attack.js";
import type { Claims } from "./attacker/claims.js";
import { see, type Labelled, type Seen } from "./attacker/seen.js";
import { Chance } from "./random.js";
import { measured, type Measured } from "./scorer/bootstrap.js";
import { scorer, type Part, type Scorer } from "./scorer/score.js";
import type { Habits } from "./simulation/habits.js";
import type { EventName } from "./simulation/mishaps.js";
import { attackErrors } from "./errors.js";
import type { Population } from "./simulation/population.js";
import type { Scenario } from "./simulation/scenario.js";
import { simulate, type Simulated } from "./simulation/simulate.js";
import type { Truth } from "./truth.js";

export interface Cell {
  readonly habits: Habits;
  readonly denominations: Denominations;
  readonly emission: EmissionRule;
  readonly homes: number;
  readonly trials: number;
  readonly event: EventName;
  /** Homes that the attacker trains on, in crowds of the size it attacks; 2,000 when absent. */
  readonly trainingHomes?: number;
  /** Changes what is sent, for tests that put a defect in. */
  readonly tamper?: NonNullable<Scenario["tamper"]>;
}

/** What one attack reached; a measure it does not try is absent. */
export interface AttackResult {
  readonly linkage?: Measured;
  readonly top?: Measured;
  /** Linkage over the pairs of homes that the event touched. */
  readonly touched?: Measured;
  readonly rank?: Measured;
  readonly naming?: Measured;
  /** Mean absolute error of a bill over the mean bill, and the share of the public error it saves. */
  readonly billError?: Measured;
  readonly billAdvantage?: Measured;
}

type Parts = Record<keyof AttackResult, Part[]>;

export interface Row {
  readonly policy: string;
  readonly event: EventName;
  readonly denominations: readonly number[];
  readonly homes: number;
  readonly trials: number;
  /** Homes that were attacked, and pairs of payments of one home that they made. */
  readonly clusters: number;
  readonly pairs: number;
  readonly attacks: Readonly<Record<string, AttackResult>>;
  readonly delayDays: number;
  readonly receipts: number;
  readonly moneyBound: number;
}

/** What the claims of one month are scored with. */
interface Scored {
  readonly judge: Scorer;
  readonly totals: Float64Array;
  readonly touched: ReadonlySet<number>;
}

const TRAINING_HOMES = 2_000;
const MOST_CROWDS = 60;
/** Crowds of fewer homes share strangers, so a crowd is one cluster; in larger ones a home is. */
const SMALL_CROWD = 100;
/** Resampling fewer says nothing of how far a mean may be off. */
const LEAST_CLUSTERS = 10;

/** @throws attack/too-few-months if its intervals would say nothing */
export function requireMonths({ homes, trials }: Pick<Cell, "homes" | "trials">): void {
  if (homes >= SMALL_CROWD || trials >= LEAST_CLUSTERS) return;
  const what = `${trials} months of ${homes} homes; crowds below ${SMALL_CROWD} need ${LEAST_CLUSTERS}`;
  throw attackErrors.error("too-few-months", what, { trials, homes });
}

export function measure({
  population,
  period,
  cell,
  seed,
}: {
  readonly population: Population;
  readonly period: number;
  readonly cell: Cell;
  readonly seed: string;
}): Row {
  const run = (label: string, n: number): Simulated => {
    const of = `${seed} ${label} ${n}`;
    const homes = population.draw(cell.homes, new Chance(of, "homes"));
    return simulate({ population, period, seed: of, ...cell, homes });
  };
  const training = cell.trainingHomes ?? TRAINING_HOMES;
  const crowds = Math.min(MOST_CROWDS, Math.max(2, Math.ceil(training / cell.homes)));
  const examples = Array.from({ length: crowds }, (_, n) => labelled(run("training", n)));
  const attacker = trainAttacker(examples, seed);
  const results = new Map<string, Parts>();
  const truths: Truth[] = [];
  let pairs = 0;
  for (let trial = 0; trial < cell.trials; trial++) {
    const { view, truth } = run("trial", trial);
    truths.push(truth);
    const seen = see(view);
    const largest = cell.denominations.at(-1)!;
    const judge = scorer({ ...seen, largest }, truth, `${seed} ${trial}`);
    const claimed = attacker(seen);
    const totals = claimed.get("totals")!.bills!;
    const scored: Scored = { judge, totals, touched: new Set(truth.touched) };
    for (const [name, claims] of claimed) {
      const parts = results.get(name) ?? noParts();
      results.set(name, parts);
      score(scored, claims, parts);
    }
    pairs += pairsOf(truth);
  }
  const mean = (of: (truth: Truth) => number): number =>
    truths.reduce((sum, truth) => sum + of(truth), 0) / truths.length;
  return {
    policy: cell.habits.name,
    event: cell.event,
    denominations: cell.denominations,
    homes: cell.homes,
    trials: cell.trials,
    clusters: cell.homes * cell.trials,
    pairs,
    attacks: Object.fromEntries(
      [...results].map(([name, parts]) => [name, intervals(parts, cell.homes, seed)]),
    ),
    delayDays: mean((t) => t.delayDays),
    receipts: mean((t) => t.receipts),
    moneyBound: mean((t) => t.moneyBound),
  };
}

/** Does this attack use outside knowledge? */
export function isKnowing(attack: string): boolean {
  return attack.endsWith(KNOWING) || attack === OUTAGE;
}

function noParts(): Parts {
  return {
    linkage: [],
    top: [],
    touched: [],
    rank: [],
    naming: [],
    billError: [],
    billAdvantage: [],
  };
}

function score(
  { judge, totals, touched }: Scored,
  { links, owners, bills }: Claims,
  parts: Parts,
): void {
  if (links !== undefined) {
    const all = judge.links(links, "all");
    parts.linkage.push(...all);
    parts.touched.push(...all.filter(({ home }) => touched.has(home)));
    parts.top.push(...judge.links(links, "largest"));
  }
  if (owners !== undefined) {
    parts.rank.push(...judge.ranks(owners));
    parts.naming.push(...judge.names(owners));
  }
  if (bills !== undefined) {
    parts.billError.push(...judge.bills(bills));
    parts.billAdvantage.push(...judge.beyondTotals(bills, totals));
  }
}

function intervals(parts: Parts, homes: number, seed: string): AttackResult {
  const crowdOf = ({ cluster }: Part): string => cluster.slice(0, cluster.lastIndexOf(" "));
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, own]) => {
      const clustered =
        homes >= SMALL_CROWD ? own : own.map((part) => ({ ...part, cluster: crowdOf(part) }));
      const result = measured(clustered, `${seed} ${name}`);
      return result === null ? [] : [[name, result]];
    }),
  );
}

function pairsOf({ senders, accounts }: Truth): number {
  const counts = new Float64Array(accounts.length);
  for (const home of senders) counts[home] = counts[home]! + 1;
  return counts.reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
}

/** A run of the attacker's own: it knows who sent what. */
function labelled({ view, truth }: Simulated): Labelled {
  const seen: Seen = see(view);
  const rows = new Map(seen.accounts.map(({ account }, row) => [account, row]));
  const rowOf = truth.accounts.map((account) => rows.get(account)!);
  const units = new Float64Array(rowOf.length);
  rowOf.forEach((row, home) => (units[row] = truth.units[home]!));
  return { seen, senders: Int32Array.from(truth.senders, (home) => rowOf[home]!), units };
}
