/** The pages, statements and challenges as ConsumptionLedger.sol takes them. */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Address } from "../algebra/index.js";
import type { Challenge, Claim, Proved } from "./audit/finding.js";
import type { IntervalPages } from "./audit/indexed-pages.js";
import type { BillPage, ConsumptionPage, PricePage } from "./pages.js";
import type { TimetablePrice } from "./price.js";
import { evidenceOf, type BillRow, type ConsumptionRow } from "./rows.js";

/** A function of the contract and its arguments: bytes are 0x-hexadecimal, integers bigint or number. */
export interface ContractCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Who anchored an interval. */
export interface Anchorers {
  readonly controlCentre: Address;
  readonly provider: Address;
}

const hex = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;

/** Anchors L_OCD of an interval; to be sent by the control centre. */
export function anchorConsumptionCall(page: ConsumptionPage): ContractCall {
  return { method: "anchorConsumption", args: [consumptionArgument(page)] };
}

/** Anchors L_DAP and L_BC of an interval; to be sent by the provider. */
export function anchorBillingCall(
  controlCentre: Address,
  price: PricePage,
  bills: BillPage,
): ContractCall {
  return {
    method: "anchorBilling",
    args: [hex(controlCentre), priceArgument(price), billsArgument(bills)],
  };
}

/** Proves a finding on-chain; to be sent by anyone. */
export function challengeCall(
  pages: IntervalPages,
  anchorers: Anchorers,
  challenge: Challenge,
): ContractCall {
  const page = pageArgument(pages, anchorers);
  switch (challenge.kind) {
    case "price":
      return { method: "challengePrice", args: [page] };
    case "row-count":
      return { method: "challengeRowCount", args: [page] };
    case "parcel":
      return { method: "challengeParcel", args: [page, consumptionRowArgument(challenge.row)] };
    case "order":
      return {
        method: "challengeOrder",
        args: [page, ...challenge.rows.map(consumptionRowArgument)],
      };
    case "consumption-total":
      return {
        method: "challengeConsumptionTotal",
        args: [page, challenge.rows.map(consumptionRowArgument)],
      };
    case "bill-total":
      return { method: "challengeBillTotal", args: [page, challenge.rows.map(billRowArgument)] };
    case "bill-amount":
      return { method: "challengeBillAmount", args: [page, billRowArgument(challenge.row)] };
    case "bill-parcel":
      return {
        method: "challengeBillParcel",
        args: [
          page,
          billRowArgument(challenge.bill),
          consumptionRowArgument(challenge.consumption),
        ],
      };
    case "missing-row": {
      const { claim, neighbours } = challenge;
      return {
        method: "challengeMissingRow",
        args: [page, receiptArgument(claim), claim.which, neighbours.map(consumptionRowArgument)],
      };
    }
    case "altered-row": {
      const { claim, row } = challenge;
      return {
        method: "challengeAlteredRow",
        args: [page, receiptArgument(claim), claim.which, consumptionRowArgument(row)],
      };
    }
  }
}

/** The contract's `Page`. */
export function pageArgument(
  { consumption, price, bills }: IntervalPages,
  { controlCentre, provider }: Anchorers,
) {
  return {
    consumption: consumptionArgument(consumption),
    controlCentre: hex(controlCentre),
    price: priceArgument(price),
    bills: billsArgument(bills),
    provider: hex(provider),
  };
}

/** The contract's `ConsumptionRow`. */
export function consumptionRowArgument({ row, proof }: Proved<ConsumptionRow>) {
  const { index, pseudonym, wattHours, cumulative } = row;
  const evidence = hex(evidenceOf(row));
  return {
    index,
    pseudonym: hex(pseudonym),
    wattHours,
    cumulative,
    evidence,
    proof: proof.map(hex),
  };
}

/** The contract's `BillRow`. */
export function billRowArgument({ row, proof }: Proved<BillRow>) {
  return { ...row, pseudonym: hex(row.pseudonym), proof: proof.map(hex) };
}

function consumptionArgument({ statement }: ConsumptionPage) {
  return { ...statement, root: hex(statement.root), enrolment: hex(statement.enrolment) };
}

function priceArgument({ statement }: PricePage) {
  return { ...statement, consumption: hex(statement.consumption) };
}

function billsArgument({ statement }: BillPage) {
  return { ...statement, root: hex(statement.root) };
}

function receiptArgument({ receipt, signature }: Claim) {
  const { interval, pseudonyms, categories } = receipt;
  return { interval, pseudonyms: pseudonyms.map(hex), categories, signature: hex(signature) };
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
