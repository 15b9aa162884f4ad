/** What an audit says is wrong, and how to prove it to others. */
import type { ProvedEntry } from "../enrolment.js";
import type { IntervalNumber } from "../one-time-key.js";
import type { Category } from "../parcels.js";
import type { PageStatements } from "../page-book.js";
import type { Claim } from "../receipts.js";
import type { ProvedRow } from "../rows.js";
import type {
  BillingStatement,
  BillStatement,
  ConsumptionStatement,
  Signed,
} from "../statements.js";
import type { SumNode, SumPath } from "../sum-tree.js";

/**
 * A contradiction in what was signed, with everything that the contract needs to see it. The kinds are those of
 * `Contradiction` in IConsumptionLedger.sol; `unshown` asks for a row on-chain, and proves by silence.
 */
export type Challenge =
  | { readonly kind: "price" }
  | { readonly kind: "bill"; readonly bill: Signed<BillStatement>; readonly row?: ProvedRow }
  | { readonly kind: "billing"; readonly other: Signed<BillingStatement> }
  | { readonly kind: "statement"; readonly other: Signed<ConsumptionStatement> }
  | {
      readonly kind: "total";
      readonly index: number;
      readonly nodes: readonly SumNode[];
      readonly row?: ProvedRow;
    }
  | {
      readonly kind: "row-count";
      readonly index: number;
      readonly hash: Uint8Array;
      readonly load: bigint;
      readonly path: SumPath;
    }
  | { readonly kind: "order"; readonly rows: readonly [ProvedRow, ProvedRow] }
  | { readonly kind: "parcel"; readonly row: ProvedRow }
  | {
      readonly kind: "missing-row";
      readonly claim: Claim;
      readonly neighbours: readonly ProvedRow[];
    }
  | {
      readonly kind: "not-enrolled";
      readonly row: ProvedRow;
      readonly entries: readonly ProvedEntry[];
    }
  | { readonly kind: "unsigned"; readonly row: ProvedRow }
  | { readonly kind: "withheld"; readonly category: Category; readonly claims: readonly Claim[] }
  | { readonly kind: "terms" }
  | { readonly kind: "homes"; readonly nodes: readonly SumNode[] }
  | { readonly kind: "unshown"; readonly index: number };

/**
 * What shows in the pages but in nothing that the contract can judge, so that it can be seen by all and not be
 * proved to it.
 * - `signature`: a statement that its author has not signed.
 * - `wrong-page`: pages of different intervals, or a price for another consumption.
 * - `unknown-terms`: the page that carries the terms is not known.
 * - `enrolment`: the list that was published is not the one that was anchored, or not one of homes.
 * - `too-few`: a published category with fewer reports than that many homes send.
 * - `answer`: an answer to a resident is missing or unreadable.
 */
export type OpenFault =
  "signature" | "wrong-page" | "unknown-terms" | "enrolment" | "too-few" | "answer";

export interface LedgerFault {
  readonly kind: Challenge["kind"] | OpenFault;
  readonly interval: IntervalNumber;
  /** In words, with the values. */
  readonly message: string;
  /** Row number, if it is about one. */
  readonly index?: number;
  /** Present when the contract can judge it. */
  readonly challenge?: Challenge;
  /** The page that the challenge is to; that of the interval when absent. */
  readonly about?: PageStatements;
}

/** A fault, with its challenge if there is one. */
export function fault({
  interval,
  kind,
  message,
  more = {},
}: {
  readonly interval: IntervalNumber;
  readonly kind: LedgerFault["kind"];
  readonly message: string;
  readonly more?: {
    readonly index?: number | undefined;
    readonly challenge?: Challenge | undefined;
    readonly about?: PageStatements | undefined;
  };
}): LedgerFault {
  const present = Object.entries(more).filter(([, value]) => value !== undefined);
  return { kind, interval, message, ...Object.fromEntries(present) };
}
