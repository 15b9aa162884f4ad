/** What a demonstration is asked to do. */
import type { ReadOptions } from "../readings/index.js";
import type { Denominations, EmissionRule, SuiteName } from "../sipster/index.js";

export interface DemoOptions {
  readonly readings: readonly string[];
  /** How the readings are read. */
  readonly reading: ReadOptions;
  readonly tariff: string | null;
  /** `YYYY-MM`; `null`: the latest month of the file in which every home has readings, if there is one. */
  readonly period: string | null;
  /** How many homes to generate, or to take of the file; `null` for the default, or all. */
  readonly homes: number | null;
  readonly suite: SuiteName;
  /** When meters emit tokens. */
  readonly emission: EmissionRule;
  readonly batch: boolean;
  /** Minor units of the currency that one unit is. */
  readonly minorUnits: number;
  /** `null`: fitting ones, see `withDenominations`. */
  readonly denominations: Denominations | null;
  readonly seed: string;
  readonly rpc: string | null;
  /** File with the record of a deployment on that chain; `null`: deploy. */
  readonly deployment: string | null;
  readonly out: string | null;
  /** File with the passphrase of the secrets in `out`; `null`: the environment has it. */
  readonly passphraseFile: string | null;
  readonly settle: boolean;
  /** Keep the chain up and serve the pages when the rest is done. */
  readonly web: boolean;
  readonly json: boolean;
}

/** The options, with what they leave open decided. */
export type DemoSettings = DemoOptions & { readonly denominations: Denominations };

/** The u32 of a month `YYYY-MM` on bills: YYYYMM. */
export function periodNumber(period: string): number {
  return Number(period.replace("-", ""));
}
