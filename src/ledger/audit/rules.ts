/** The published parameters of a deployment: what an auditor must know beside the pages. */
import type { Address } from "../../algebra/index.js";
import type { PriceFunction } from "../price.js";
import type { StatementVerifier } from "../statements.js";

export interface LedgerRules {
  /** Checks statements made for this deployment. */
  readonly verifier: StatementVerifier;
  /** Names the deployment: `ledgerId` of its domain. */
  readonly ledger: Uint8Array;
  readonly controlCentre: Address;
  readonly provider: Address;
  /** A category with fewer rows than this is withheld. */
  readonly k: number;
  /** Regional average of the first interval in watt-hours. */
  readonly initialAverage: bigint;
  readonly price: PriceFunction;
}
