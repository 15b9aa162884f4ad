/** The published parameters of a deployment: what an auditor must know beside the pages. */
import type { Address } from "../../algebra/index.js";
import type { CurveWork } from "../curve-work.js";
import type { IntervalNumber } from "../one-time-key.js";
import type { PriceFunction } from "../price.js";
import type { StatementVerifier, TypedStruct } from "../statements.js";

/** A key that signs receipts of these intervals, both included, as it is registered with the contract. */
export interface ReceiptKey {
  readonly address: Address;
  readonly first: IntervalNumber;
  readonly last: IntervalNumber;
}

export interface LedgerRules {
  /** Checks statements made for this deployment. */
  readonly verifier: StatementVerifier;
  /** Names the deployment: `ledgerId` of its domain. */
  readonly ledger: Uint8Array;
  readonly controlCentre: Address;
  readonly provider: Address;
  readonly receiptKeys: readonly ReceiptKey[];
  /** A category is published only with the reports of at least this many homes. */
  readonly leastHomes: number;
  /** The first interval of the deployment; reports begin two later. */
  readonly firstInterval: IntervalNumber;
  /** Regional average while no page says anything, in watt-hours. */
  readonly initialAverage: bigint;
  readonly price: PriceFunction;
  /** Who checks the signatures of many reports; this thread when absent. */
  readonly curve?: CurveWork;
}

/** Is it signed by a receipt key that is registered for the interval? */
export function isReceiptSigned({
  rules: { verifier, receiptKeys },
  interval,
  struct,
  signature,
}: {
  readonly rules: LedgerRules;
  readonly interval: IntervalNumber;
  readonly struct: TypedStruct;
  readonly signature: Uint8Array;
}): boolean {
  return receiptKeys.some(
    ({ address, first, last }) =>
      first <= interval && interval <= last && verifier.verify(struct, signature, address),
  );
}
