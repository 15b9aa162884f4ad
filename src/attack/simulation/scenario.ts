/** What is simulated, and a month of it when it is over. */
import type { Denominations, EmissionRule } from "../../sipster/index.js";
import type { Chance } from "../random.js";
import type { Habits } from "./habits.js";
import type { EventName } from "./mishaps.js";
import type { Population, SimulatedHome } from "./population.js";
import type { SizeClass } from "./purchases.js";
import type { Mishap, WalletMonth } from "./wallet-month.js";

export interface Scenario {
  readonly population: Population;
  /** YYYYMM. */
  readonly period: number;
  readonly homes: readonly SimulatedHome[];
  readonly habits: Habits;
  readonly denominations: Denominations;
  readonly emission: EmissionRule;
  readonly event: EventName;
  readonly seed: string;
  /** Changes what is sent, for tests that put a defect in. */
  readonly tamper?: (sent: Sent[], chance: Chance) => void;
}

/** A request as it arrives, and who sent it. */
export interface Sent {
  at: number;
  readonly home: number;
  /** It pays for the month after the one that is attacked. */
  readonly isFollowing: boolean;
  content: Uint8Array;
}

/** A month that is over, from which views are made. */
export interface Town {
  readonly scenario: Scenario;
  readonly accounts: readonly string[];
  readonly months: readonly WalletMonth[];
  readonly sent: readonly Sent[];
  readonly classes: readonly SizeClass[];
  /** What happened to homes, by their numbers. */
  readonly mishaps: ReadonlyMap<number, Mishap>;
}
