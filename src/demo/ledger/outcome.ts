/** What a run of the consumption ledger is asked for, and what it comes to. */
import type { NodeCounts } from "../../channel/onion/index.js";
import type { LedgerFault, PiecewiseLinearPrice, TimetablePrice } from "../../ledger/index.js";
import type { Cheat } from "./cheats/cheats.js";

export interface RunOptions {
  readonly relays: number;
  readonly hops: number;
  /** Rounds an interval. */
  readonly rounds: number;
  /** Fewest homes behind a published parcel size. */
  readonly leastHomes: number;
  readonly price: PiecewiseLinearPrice | TimetablePrice;
  /** The provider answers residents' questions for their bill rows. */
  readonly direct: boolean;
  /** What is done wrong in the last interval. */
  readonly cheat: Cheat | undefined;
  /** A chain to deploy to; one inside this process when absent. */
  readonly rpc: string | undefined;
  /** Beside this one: as many for the onion, and as many for lists and signatures. With none, this one does all. */
  readonly threads: number;
  readonly progress: (text: string) => void;
}

export interface IntervalOutcome {
  readonly start: number;
  readonly rows: number;
  /** Watt-hours. */
  readonly load: bigint;
  /** Millionths of the minor unit per watt-hour. */
  readonly price: bigint;
  /** Root of L_OCD. */
  readonly root: Uint8Array;
  readonly withheld: number;
  /** Enrolled homes that sent nothing. */
  readonly silentHomes: number;
  /** Of anchoring all of the interval. */
  readonly gas: bigint;
}

export interface HomeBill {
  readonly home: string;
  /** Millionths of the minor unit. */
  readonly amount: bigint;
  readonly rows: number;
  /** Watt-hours that are in no row that is owed: due by the register. */
  readonly byRegister: bigint;
}

export interface CheatOutcome {
  readonly cheat: Cheat;
  readonly start: number;
  /** Homes whose residents noticed. */
  readonly residents: readonly string[];
  readonly auditor: boolean;
  /** The honest provider noticed before billing; it then goes along. */
  readonly provider: boolean;
  /** Transaction in which the contract saw the proof; `null` if it has seen none. */
  readonly transaction: string | null;
  /** The proof made the page void: nobody owes its rows. */
  readonly isVoid: boolean;
  readonly faults: readonly LedgerFault[];
}

export interface Outcome {
  /** Residents asked the provider for their bill rows. */
  readonly direct: boolean;
  readonly intervals: readonly IntervalOutcome[];
  readonly bills: readonly HomeBill[];
  readonly cheats: readonly CheatOutcome[];
  /** What was found although nobody was told to cheat: always nothing. */
  readonly unexpected: readonly LedgerFault[];
  readonly contract: string;
  /** Of the relays, and last of the control centre's node. */
  readonly nodes: readonly NodeCounts[];
}
