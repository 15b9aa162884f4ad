/** The structures of ConsumptionLedger.sol, as its functions take them. */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Address } from "../algebra/index.js";
import type { ProvedEntry } from "./enrolment.js";
import type { PageStatements } from "./page-book.js";
import type { Claim } from "./receipts.js";
import { evidenceOf, type ProvedRow } from "./rows.js";
import type { BillingStatement, ConsumptionStatement } from "./statements.js";
import type { SumNode, SumPath } from "./sum-tree.js";

/** The accounts that anchor. */
export interface LedgerAccounts {
  readonly controlCentre: Address;
  readonly provider: Address;
}

export const hex = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;

const ZERO_ADDRESS = `0x${"00".repeat(20)}`;
const ZERO_WORD = `0x${"00".repeat(32)}`;
/** Stands for a row where there is none to show. */
export const NO_ROW = {
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

/** The contract's `Entry`. */
export function entryArgument({ index, entry, path }: ProvedEntry) {
  const { pseudonym, category, key } = entry;
  return { index, pseudonym: hex(pseudonym), category, key: hex(key), path: pathArgument(path) };
}

/** The contract's `Claim`. */
export function receiptArgument({
  interval,
  leaves,
  which,
  salt,
  pseudonym,
  category,
  signature,
}: Claim) {
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

/** The contract's `Consumption`. */
export function consumptionArgument(statement: ConsumptionStatement) {
  return { ...statement, root: hex(statement.root), enrolment: hex(statement.enrolment) };
}

/** The contract's `Billing`. */
export function billingArgument(statement: BillingStatement) {
  return { ...statement, consumption: hex(statement.consumption) };
}

/** Hash and load of each sibling, one after the other. */
export function pathArgument(path: SumPath): string[] {
  return path.flatMap(({ hash, load }) => [hex(hash), `0x${load.toString(16).padStart(64, "0")}`]);
}

/** The contract's `Node`. */
export function nodeArgument({ left, right }: SumNode) {
  return {
    leftHash: hex(left.hash),
    leftLoad: left.load,
    rightHash: hex(right.hash),
    rightLoad: right.load,
  };
}
