/** The pages, statements and challenges as ConsumptionLedger.sol takes them. */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Address } from "../algebra/index.js";
import type { Challenge } from "./audit/fault.js";
import type { ProvedEntry } from "./enrolment.js";
import type { PageStatements } from "./page-book.js";
import type { TimetablePrice } from "./price.js";
import type { Claim } from "./receipts.js";
import { evidenceOf, type ProvedRow } from "./rows.js";
import type { BillingStatement, ConsumptionStatement } from "./statements.js";
import type { SumNode, SumPath } from "./sum-tree.js";

/** A function of the contract and its arguments: bytes are 0x-hexadecimal, integers bigint or number. */
export interface ContractCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** The accounts that anchor. */
export interface LedgerAccounts {
  readonly controlCentre: Address;
  readonly provider: Address;
}

/** What a challenge is judged by beside what it shows. */
export interface JudgedPages {
  /** The page, as it is anchored. */
  readonly page: PageStatements;
  /** The page two before it, which carries its terms. */
  readonly origin: PageStatements | undefined;
  /** The page that its own terms are computed from. */
  readonly source: PageStatements | undefined;
}

const hex = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;

/** Anchors L_OCD of an interval; to be sent by the control centre. */
export function anchorConsumptionCall(statement: ConsumptionStatement): ContractCall {
  return { method: "anchorConsumption", args: [consumptionArgument(statement)] };
}

/** Anchors L_DAP of an interval and the total of L_BC; to be sent by the provider. */
export function anchorBillingCall(
  controlCentre: Address,
  load: bigint,
  billing: BillingStatement,
): ContractCall {
  return { method: "anchorBilling", args: [hex(controlCentre), load, billingArgument(billing)] };
}

/** Proves a fault on-chain, or asks for a row of a page that is not shown; to be sent by anyone. */
export function challengeCall(
  pages: JudgedPages,
  accounts: LedgerAccounts,
  challenge: Challenge,
): ContractCall {
  const page = pageArgument(pages.page, accounts);
  // A page that the challenge names and nobody knows cannot be judged: the page itself fails the contract's check.
  const origin = pageArgument(pages.origin ?? pages.page, accounts);
  const source = pageArgument(pages.source ?? pages.page, accounts);
  switch (challenge.kind) {
    case "price":
      return { method: "challengePrice", args: [page] };
    case "bill": {
      const row = challenge.row === undefined ? NO_ROW : rowArgument(challenge.row);
      const { statement, signature } = challenge.bill;
      return { method: "challengeBill", args: [page, row, statement, hex(signature)] };
    }
    case "billing": {
      const { statement, signature } = challenge.other;
      return {
        method: "challengeBilling",
        args: [page, billingArgument(statement), hex(signature)],
      };
    }
    case "statement": {
      const { statement, signature } = challenge.other;
      const other = consumptionArgument(statement);
      return { method: "challengeStatement", args: [page, other, hex(signature)] };
    }
    case "total": {
      const { index, nodes, row } = challenge;
      const rows = row === undefined ? [] : [rowArgument(row)];
      return { method: "challengeTotal", args: [page, index, nodes.map(nodeArgument), rows] };
    }
    case "row-count": {
      const { index, hash, load, path } = challenge;
      return {
        method: "challengeRowCount",
        args: [page, index, hex(hash), load, pathArgument(path)],
      };
    }
    case "order":
      return { method: "challengeOrder", args: [page, ...challenge.rows.map(rowArgument)] };
    case "parcel":
      return { method: "challengeParcel", args: [page, origin, rowArgument(challenge.row)] };
    case "missing-row": {
      const neighbours = challenge.neighbours.map(rowArgument);
      return {
        method: "challengeMissingRow",
        args: [page, receiptArgument(challenge.claim), neighbours],
      };
    }
    case "not-enrolled": {
      const { row, entries } = challenge;
      const { key, signature } = row.row;
      return {
        method: "challengeNotEnrolled",
        args: [
          page,
          origin,
          rowArgument(row),
          entries.map(entryArgument),
          hex(key),
          hex(signature),
        ],
      };
    }
    case "unsigned": {
      const { key, signature } = challenge.row.row;
      return {
        method: "challengeUnsigned",
        args: [page, rowArgument(challenge.row), hex(key), hex(signature)],
      };
    }
    case "withheld":
      return {
        method: "challengeWithheld",
        args: [page, challenge.category, challenge.claims.map(receiptArgument)],
      };
    case "terms":
      return { method: "challengeTerms", args: [page, source] };
    case "homes":
      return { method: "challengeHomes", args: [page, 0, challenge.nodes.map(nodeArgument)] };
    case "unshown":
      return { method: "demandRow", args: [page, challenge.index] };
  }
}

/** Voids a page whose row was asked for and not shown in its window; to be sent by anyone. */
export function voidUnshownCall(
  page: PageStatements,
  accounts: LedgerAccounts,
  index: number,
): ContractCall {
  return { method: "voidUnshown", args: [pageArgument(page, accounts), index] };
}

/** Shows a row that was asked for; to be sent by anyone who has the page. */
export function showRowCall(
  page: PageStatements,
  accounts: LedgerAccounts,
  row: ProvedRow,
): ContractCall {
  return { method: "showRow", args: [pageArgument(page, accounts), rowArgument(row)] };
}

const ZERO_ADDRESS = `0x${"00".repeat(20)}`;
const ZERO_WORD = `0x${"00".repeat(32)}`;
/** Stands for a row where there is none to show. */
const NO_ROW = {
  index: 0,
  pseudonym: ZERO_WORD,
  category: 0,
  wattHours: 0,
  evidence: ZERO_WORD,
  path: [],
};

/** The contract's `Page`. */
export function pageArgument(
  { consumption, billing }: PageStatements,
  { controlCentre, provider }: LedgerAccounts,
) {
  return {
    consumption: consumptionArgument(consumption.statement),
    controlCentre: hex(controlCentre),
    price: billing?.statement.price ?? 0n,
    total: billing?.statement.total ?? 0n,
    provider: billing === undefined ? ZERO_ADDRESS : hex(provider),
  };
}

/** The contract's `Row`. */
export function rowArgument({ index, row, path }: ProvedRow) {
  const { pseudonym, category, wattHours } = row;
  return {
    index,
    pseudonym: hex(pseudonym),
    category,
    wattHours,
    evidence: hex(evidenceOf(row)),
    path: pathArgument(path),
  };
}

function entryArgument({ index, entry, path }: ProvedEntry) {
  const { pseudonym, category, key } = entry;
  return { index, pseudonym: hex(pseudonym), category, key: hex(key), path: pathArgument(path) };
}

function receiptArgument({ interval, leaves, which, salt, pseudonym, category, signature }: Claim) {
  return {
    interval,
    leaves: leaves.map(hex),
    which,
    salt: hex(salt),
    pseudonym: hex(pseudonym),
    category,
    signature: hex(signature),
  };
}

function consumptionArgument(statement: ConsumptionStatement) {
  return { ...statement, root: hex(statement.root), enrolment: hex(statement.enrolment) };
}

function billingArgument(statement: BillingStatement) {
  return { ...statement, consumption: hex(statement.consumption) };
}

function pathArgument(path: SumPath): string[] {
  return path.flatMap(({ hash, load }) => [hex(hash), `0x${load.toString(16).padStart(64, "0")}`]);
}

function nodeArgument({ left, right }: SumNode) {
  return {
    leftHash: hex(left.hash),
    leftLoad: left.load,
    rightHash: hex(right.hash),
    rightLoad: right.load,
  };
}

/** The arguments of the constructor of TimetablePrice.sol: two entries a byte, the earlier one above. */
export function timetableArguments({
  first,
  levels,
  schedule,
}: TimetablePrice): [number, number, bigint[], string] {
  const packed = new Uint8Array(Math.ceil(schedule.length / 2));
  schedule.forEach((level, i) => (packed[i >> 1]! |= i % 2 === 0 ? level << 4 : level));
  return [first, schedule.length, [...levels], hex(packed)];
}
