/**
 * What the offered policies promise of themselves, in upper ends of 95 % intervals. The bounds are those
 * of a crowd of a thousand; in small crowds, homes are told apart by being few.
 */
import { MOST_LINKAGE } from "../resident/index.js";
import { isKnowing, type AttackResult, type Row } from "./measure.js";

/** Of 2·AUC − 1, and of the rank's advantage: what `sipster wallet status` says of the default. */
export { MOST_LINKAGE };
/** Share of the claims "this payment is this home's" that are right. */
const MOST_NAMING = 0.05;
/** Share of the error of the public guess of a bill that an attack may take away. */
const MOST_BILL_ADVANTAGE = 0.05;

/** Measures of which 0 is a guess. */
const TWO_SIDED: ReadonlySet<keyof AttackResult> = new Set(["linkage", "top", "rank"]);

export interface Missed {
  readonly policy: string;
  readonly attack: string;
  readonly measure: keyof AttackResult;
  /** The end of the interval that is farther from a guess. */
  readonly upper: number;
  readonly bound: number;
}

/** The ranks of `common-deadline` with load curves known are reported as they are: accrual shows. */
function boundOf(policy: string, attack: string, measure: keyof AttackResult): number | null {
  switch (measure) {
    case "linkage":
    case "top":
      return MOST_LINKAGE;
    case "touched":
    case "billError":
      return null;
    case "rank":
      return isKnowing(attack) && policy !== "next-month" ? null : MOST_LINKAGE;
    case "naming":
      return MOST_NAMING;
    case "billAdvantage":
      return MOST_BILL_ADVANTAGE;
  }
}

/** The bounds that a row misses. Every row is held to what the default promises. */
export function missedBounds(row: Row): Missed[] {
  return Object.entries(row.attacks).flatMap(([attack, result]) =>
    (Object.entries(result) as [keyof AttackResult, { interval: readonly [number, number] }][])
      .map(
        ([
          measure,
          {
            interval: [low, high],
          },
        ]) => ({
          // A claim that is wrong too often is right the other way round.
          ...{
            policy: row.policy,
            attack,
            measure,
            upper: TWO_SIDED.has(measure) ? Math.max(-low, high) : high,
          },
          bound: boundOf(row.policy, attack, measure),
        }),
      )
      .filter((m): m is Missed => m.bound !== null && m.upper > m.bound),
  );
}
