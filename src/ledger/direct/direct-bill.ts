/**
 * The direct variant (Oksuz, IJNSA 12(2), 2020, §6): the provider publishes no rows of L_BC, and
 * answers to whoever names a pseudonym with that row, signed. The question travels as an onion packet
 * of its own, so that the provider learns no more than L_OCD says: which parcels there are.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { ByteReader, intToBytes, SIGNATURE_BYTES } from "../../algebra/index.js";
import { ledgerErrors } from "../errors.js";
import type { Interval, Pseudonym } from "../one-time-key.js";
import type { DirectBill } from "../statements.js";

/** A row that the provider has signed for. Two that contradict each other, or the price, prove it wrong. */
export interface SignedBill {
  readonly bill: DirectBill;
  /** 65 bytes. */
  readonly signature: Uint8Array;
}

export interface BillQuestion {
  readonly interval: Interval;
  readonly pseudonym: Pseudonym;
}

const PSEUDONYM_BYTES = 32;
/** Beginning of an answer: the provider has no such row, or it follows. */
const UNKNOWN = 0;
const BILL = 1;

const misshapen = (why: string): Error =>
  ledgerErrors.error("bad-answer", `these bytes are no question or answer about a bill: ${why}`);

/** interval u32 ‖ pseudonym. */
export function encodeQuestion({ interval, pseudonym }: BillQuestion): Uint8Array {
  return concatBytes(intToBytes(interval, 4), pseudonym);
}

/** @throws ledger/bad-answer */
export function decodeQuestion(bytes: Uint8Array): BillQuestion {
  const reader = new ByteReader(bytes, misshapen);
  const interval = reader.number(4);
  const pseudonym = reader.take(PSEUDONYM_BYTES) as Pseudonym;
  reader.end();
  return { interval, pseudonym };
}

/** 0, or 1 ‖ interval u32 ‖ pseudonym ‖ Wh u64 ‖ amount u128 ‖ signature; `null` for no such row. */
export function encodeAnswer(signed: SignedBill | null): Uint8Array {
  if (signed === null) return Uint8Array.of(UNKNOWN);
  const { bill, signature } = signed;
  return concatBytes(
    Uint8Array.of(BILL),
    encodeQuestion(bill),
    intToBytes(bill.wattHours, 8),
    intToBytes(bill.amount, 16),
    signature,
  );
}

/** @throws ledger/bad-answer */
export function decodeAnswer(bytes: Uint8Array): SignedBill | null {
  const reader = new ByteReader(bytes, misshapen);
  const kind = reader.number(1);
  if (kind !== UNKNOWN && kind !== BILL) throw misshapen(`it begins with ${kind}`);
  if (kind === UNKNOWN) {
    reader.end();
    return null;
  }
  const interval = reader.number(4);
  const pseudonym = reader.take(PSEUDONYM_BYTES) as Pseudonym;
  const wattHours = reader.bigint(8);
  const amount = reader.bigint(16);
  const signature = reader.take(SIGNATURE_BYTES);
  reader.end();
  return { bill: { interval, pseudonym, wattHours, amount }, signature };
}
