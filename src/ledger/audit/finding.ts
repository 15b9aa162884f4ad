/** What an audit says is wrong, and how to prove it to others. */
import type { SignedBill } from "../direct/direct-bill.js";
import type { Interval } from "../one-time-key.js";
import type { BillRow, ConsumptionRow } from "../rows.js";
import type { Receipt } from "../statements.js";

/** A row and its path to the root that was signed and anchored. */
export interface Proved<R> {
  readonly row: R;
  readonly proof: readonly Uint8Array[];
}

/** A receipt, and which of its reports it is about. */
export interface Claim {
  readonly receipt: Receipt;
  /** The control centre's signature of the receipt. */
  readonly signature: Uint8Array;
  readonly which: number;
}

/**
 * A contradiction in what was signed, with everything that the contract needs to see it.
 * - `price`: not what the price function gives for the load.
 * - `row-count`: L_BC has more or fewer rows than L_OCD.
 * - `parcel`: a row whose size is none of the published categories, or that is beyond the count.
 * - `order`: two neighbours that are not in strictly rising order.
 * - `consumption-total`, `bill-total`: a running total, or the stated one, that is not the sum. One
 *   row proves the first or last total, two neighbours a step, none that an empty page has a total.
 * - `bill-amount`: not price × parcel.
 * - `bill-parcel`: a bill row about another parcel than the row of L_OCD with its number.
 * - `missing-row`: a receipt, and the neighbours between which its row should be.
 * - `altered-row`: a receipt, and the row that shows another amount.
 */
export type Challenge =
  | { readonly kind: "price" }
  | { readonly kind: "row-count" }
  | { readonly kind: "parcel"; readonly row: Proved<ConsumptionRow> }
  | { readonly kind: "order"; readonly rows: readonly Proved<ConsumptionRow>[] }
  | { readonly kind: "consumption-total"; readonly rows: readonly Proved<ConsumptionRow>[] }
  | { readonly kind: "bill-total"; readonly rows: readonly Proved<BillRow>[] }
  | { readonly kind: "bill-amount"; readonly row: Proved<BillRow> }
  | {
      readonly kind: "bill-parcel";
      readonly bill: Proved<BillRow>;
      readonly consumption: Proved<ConsumptionRow>;
    }
  | {
      readonly kind: "missing-row";
      readonly claim: Claim;
      readonly neighbours: readonly Proved<ConsumptionRow>[];
    }
  | {
      readonly kind: "altered-row";
      readonly claim: Claim;
      readonly row: Proved<ConsumptionRow>;
    };

/**
 * What shows in the pages but in no pair of signed values, so that it can be seen by all and not be
 * proved to the contract.
 * - `signature`: a statement that its author has not signed.
 * - `root`, `chain`: rows that do not hash to the stated root, or do not follow the root before.
 * - `terms`: the average, the homes or the enrolment list are not what they must be.
 * - `not-enrolled`, `report-signature`: a row that no enrolled meter has signed.
 * - `too-few`: a published category with fewer than k rows.
 * - `wrong-page`: pages of different intervals, or a price for another consumption.
 * - `direct-answer`: the provider's answer to a resident is not what L_OCD and the price make.
 */
export type OpenFault =
  | "signature"
  | "root"
  | "chain"
  | "terms"
  | "not-enrolled"
  | "report-signature"
  | "too-few"
  | "wrong-page"
  | "direct-answer";

export interface Finding {
  readonly kind: Challenge["kind"] | OpenFault;
  readonly interval: Interval;
  /** In words, with the values. */
  readonly message: string;
  /** Row number, if it is about one. */
  readonly index?: number;
  /** Present when the contract can judge it. */
  readonly challenge?: Challenge;
  /** Present when the provider has signed what is wrong. */
  readonly evidence?: SignedBill;
}

/** A finding, with its challenge if there is one. */
export function finding(
  interval: Interval,
  kind: Finding["kind"],
  message: string,
  more: {
    readonly index?: number | undefined;
    readonly challenge?: Challenge | undefined;
    readonly evidence?: SignedBill | undefined;
  } = {},
): Finding {
  const { index, challenge, evidence } = more;
  return {
    kind,
    interval,
    message,
    ...(index === undefined ? {} : { index }),
    ...(challenge === undefined ? {} : { challenge }),
    ...(evidence === undefined ? {} : { evidence }),
  };
}
