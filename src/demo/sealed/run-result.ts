/** What a run of the sealed readings gives: bills, sums and times. */
import type { SipsterError } from "../../errors/sipster-error.js";

export interface SealedBill {
  readonly home: string;
  readonly intervals: number;
  /** Beginnings of the intervals with an abnormal reading. */
  readonly flagged: readonly number[];
  /** In fractions of the minor unit, or why the trustees refused. */
  readonly amount: bigint | SipsterError;
  /** The same bill from the plain readings. */
  readonly clear: bigint;
}

/** The sum of all homes in one interval. */
export interface NeighbourhoodSum {
  /** Milliseconds since 1970. */
  readonly start: number;
  /** Or why the trustees refused. */
  readonly wattHours: bigint | SipsterError;
  /** Of the plain readings; `null` if a home has none. */
  readonly clear: bigint | null;
}

/** Medians. */
export interface Timings {
  /** Encrypting one reading. */
  readonly encryptUs: number;
  /** Making one report: encryption, proofs, signature. */
  readonly proveMs: number;
  /** Checking one report alone. */
  readonly verifyMs: number;
  /** Checking one report among a batch of {@link BATCH}. */
  readonly batchVerifyMs: number;
  /** From the trustees' answers to one bill. */
  readonly decryptMs: number;
}

export interface Run {
  readonly bills: readonly SealedBill[];
  readonly sums: readonly NeighbourhoodSum[];
  readonly reportBytes: number;
  readonly timings: Timings;
  /** How many of the trustees may be corrupt. */
  readonly tolerated: number;
  /** Fewest readings of a bill at one price. */
  readonly fewestAtAPrice: number;
}

/** Reports that the control centre checks together. */
export const BATCH = 100;
