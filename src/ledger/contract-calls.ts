/** The pages, statements and challenges as ConsumptionLedger.sol takes them. */
import type { Address } from "../algebra/index.js";
import type { Challenge } from "./audit/fault.js";
import {
  billingArgument,
  consumptionArgument,
  entryArgument,
  hex,
  nodeArgument,
  NO_ROW,
  pageArgument,
  pathArgument,
  receiptArgument,
  rowArgument,
  type LedgerAccounts,
} from "./contract-arguments.js";
import type { PageStatements } from "./page-book.js";
import type { TimetablePrice } from "./price.js";
import type { ProvedRow } from "./rows.js";
import type { BillingStatement, ConsumptionStatement } from "./statements.js";

/** A function of the contract and its arguments: bytes are 0x-hexadecimal, integers bigint or number. */
export interface ContractCall {
  readonly method: string;
  readonly args: readonly unknown[];
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

/** The page judged, the one that carries its terms, and the one they are computed from. */
interface JudgedArguments {
  readonly page: PageArgument;
  readonly origin: PageArgument;
  readonly source: PageArgument;
}

type PageArgument = ReturnType<typeof pageArgument>;
type Kind = Challenge["kind"];

/** The call that makes each kind of challenge. */
const CHALLENGE_CALLS: {
  readonly [K in Kind]: (
    challenge: Extract<Challenge, { kind: K }>,
    judged: JudgedArguments,
  ) => ContractCall;
} = {
  price: (_challenge, { page }) => ({ method: "challengePrice", args: [page] }),
  bill: ({ row, bill: { statement, signature } }, { page }) => ({
    method: "challengeBill",
    args: [page, row === undefined ? NO_ROW : rowArgument(row), statement, hex(signature)],
  }),
  billing: ({ other: { statement, signature } }, { page }) => ({
    method: "challengeBilling",
    args: [page, billingArgument(statement), hex(signature)],
  }),
  statement: ({ other: { statement, signature } }, { page }) => ({
    method: "challengeStatement",
    args: [page, consumptionArgument(statement), hex(signature)],
  }),
  total: ({ index, nodes, row }, { page }) => ({
    method: "challengeTotal",
    args: [page, index, nodes.map(nodeArgument), row === undefined ? [] : [rowArgument(row)]],
  }),
  "row-count": ({ index, hash, load, path }, { page }) => ({
    method: "challengeRowCount",
    args: [page, index, hex(hash), load, pathArgument(path)],
  }),
  order: ({ rows }, { page }) => ({
    method: "challengeOrder",
    args: [page, ...rows.map(rowArgument)],
  }),
  parcel: ({ row }, { page, origin }) => ({
    method: "challengeParcel",
    args: [page, origin, rowArgument(row)],
  }),
  "missing-row": ({ claim, neighbours }, { page }) => ({
    method: "challengeMissingRow",
    args: [page, receiptArgument(claim), neighbours.map(rowArgument)],
  }),
  "not-enrolled": ({ row, entries }, { page, origin }) => {
    const { key, signature } = row.row;
    const shown = [rowArgument(row), entries.map(entryArgument), hex(key), hex(signature)];
    return { method: "challengeNotEnrolled", args: [page, origin, ...shown] };
  },
  unsigned: ({ row }, { page }) => {
    const { key, signature } = row.row;
    return {
      method: "challengeUnsigned",
      args: [page, rowArgument(row), hex(key), hex(signature)],
    };
  },
  withheld: ({ category, claims }, { page }) => ({
    method: "challengeWithheld",
    args: [page, category, claims.map(receiptArgument)],
  }),
  terms: (_challenge, { page, source }) => ({ method: "challengeTerms", args: [page, source] }),
  homes: ({ nodes }, { page }) => ({
    method: "challengeHomes",
    args: [page, 0, nodes.map(nodeArgument)],
  }),
  unshown: ({ index }, { page }) => ({ method: "demandRow", args: [page, index] }),
};

/** Proves a fault on-chain, or asks for a row of a page that is not shown; to be sent by anyone. */
export function challengeCall(
  pages: JudgedPages,
  accounts: LedgerAccounts,
  challenge: Challenge,
): ContractCall {
  // A page that the challenge names and nobody knows cannot be judged: the page itself fails the contract's check.
  const judged: JudgedArguments = {
    page: pageArgument(pages.page, accounts),
    origin: pageArgument(pages.origin ?? pages.page, accounts),
    source: pageArgument(pages.source ?? pages.page, accounts),
  };
  // The table has, for each kind, what takes a challenge of that kind.
  return CHALLENGE_CALLS[challenge.kind](challenge as never, judged);
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
  const { key, signature } = row.row;
  const shown = [rowArgument(row), hex(key), hex(signature)];
  return { method: "showRow", args: [pageArgument(page, accounts), ...shown] };
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
