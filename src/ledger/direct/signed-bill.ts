/**
 * Bills sent directly (Oksuz, IJNSA 12(2), 2020, §6): the provider answers with a row of L_BC, signed, no matter who names
 * its pseudonym. Questions travel as onion packets, one for each pseudonym a home may have, so that their number
 * says nothing. What the provider signs and is not price × parcel, the contract judges.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { ByteReader, intToBytes, SIGNATURE_BYTES } from "../../algebra/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { fault, type LedgerFault } from "../audit/fault.js";
import type { IndexedPages } from "../audit/indexed-pages.js";
import { nameOf } from "../enrolment.js";
import { ledgerErrors } from "../errors.js";
import { PSEUDONYM_BYTES, type IntervalNumber, type Pseudonym } from "../one-time-key.js";
import type { IntervalPages } from "../pages.js";
import {
  billStruct,
  type BillStatement,
  type Signed,
  type StatementSigner,
} from "../statements.js";

export interface BillQuestion {
  readonly interval: IntervalNumber;
  readonly pseudonym: Pseudonym;
}

/** Beginning of an answer: the provider has no such row, or it follows. */
const UNKNOWN = 0;
const BILL = 1;

const misshapen = (why: string): Error =>
  ledgerErrors.error("bad-answer", `these bytes are not a question or answer about a bill: ${why}`);

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

/** 0, or 1 ‖ interval u32 ‖ revision u8 ‖ index u32 ‖ Wh u64 ‖ amount u128 ‖ signature; `null` for no such row. */
export function encodeBill(signed: Signed<BillStatement> | null): Uint8Array {
  if (signed === null) return Uint8Array.of(UNKNOWN);
  const { interval, revision, index, wattHours, amount } = signed.statement;
  return concatBytes(
    Uint8Array.of(BILL),
    intToBytes(interval, 4),
    Uint8Array.of(revision),
    intToBytes(index, 4),
    intToBytes(wattHours, 8),
    intToBytes(amount, 16),
    signed.signature,
  );
}

/** @throws ledger/bad-answer */
export function decodeBill(bytes: Uint8Array): Signed<BillStatement> | null {
  const reader = new ByteReader(bytes, misshapen);
  const kind = reader.number(1);
  if (kind !== UNKNOWN && kind !== BILL) throw misshapen(`it begins with ${kind}`);
  if (kind === UNKNOWN) {
    reader.end();
    return null;
  }
  const statement = {
    interval: reader.number(4),
    revision: reader.number(1),
    index: reader.number(4),
    wattHours: reader.bigint(8),
    amount: reader.bigint(16),
  };
  const signature = reader.take(SIGNATURE_BYTES);
  reader.end();
  return { statement, signature };
}

/** Intervals whose rows are answered for: a resident that was away asks later. */
const INTERVALS_KEPT = 96;

interface BilledRows {
  readonly places: ReadonlyMap<string, number>;
  readonly pages: IntervalPages;
}

/** The provider's counter: answers questions for rows of L_BC. */
export class BillCounter {
  readonly #pages = new Map<IntervalNumber, BilledRows>();

  constructor(private readonly signer: StatementSigner) {}

  /** Answers for the rows of this page from now on. */
  open(pages: IntervalPages): void {
    const { interval } = pages.consumption.statement;
    const places = new Map(pages.consumption.rows.map((row, i) => [nameOf(row.pseudonym), i]));
    this.#pages.set(interval, { places, pages });
    for (const known of this.#pages.keys()) {
      if (known <= interval - INTERVALS_KEPT) this.#pages.delete(known);
    }
  }

  /** The row, signed; what is not a question gets the answer of one for a row that does not exist. */
  answer(question: Uint8Array): Uint8Array {
    let asked: BillQuestion;
    try {
      asked = decodeQuestion(question);
    } catch (error) {
      if (isSipsterError(error, "ledger/bad-answer")) return encodeBill(null);
      throw error;
    }
    const billed = this.#pages.get(asked.interval);
    const index = billed?.places.get(nameOf(asked.pseudonym));
    if (billed === undefined || index === undefined) return encodeBill(null);
    return encodeBill(this.sign(billOf(billed.pages, index)));
  }

  /** Signs a bill: the provider stands for it. */
  sign(statement: BillStatement): Signed<BillStatement> {
    return { statement, signature: this.signer.sign(billStruct(statement)) };
  }
}

/** The row of L_BC at a position: price × parcel. */
export function billOf({ consumption, billing }: IntervalPages, index: number): BillStatement {
  const { interval, revision } = consumption.statement;
  const { wattHours } = consumption.rows[index]!;
  return { interval, revision, index, wattHours, amount: billing.statement.price * wattHours };
}

/** What is wrong with an answer about the row at a position; undefined stands for an answer that did not come. */
export function auditBill(
  pages: IndexedPages,
  index: number,
  answer: Uint8Array | undefined,
): LedgerFault[] {
  const { interval } = pages.consumption.statement;
  const { billing, rules } = pages;
  const open = (message: string): LedgerFault[] => [
    fault({ interval, kind: "answer", message, more: { index } }),
  ];
  if (answer === undefined || billing === undefined) {
    return open(`the provider did not answer for row ${index}`);
  }
  let signed: Signed<BillStatement> | null;
  try {
    signed = decodeBill(answer);
  } catch (error) {
    if (!isSipsterError(error, "ledger/bad-answer")) throw error;
    return open(`the provider's answer for row ${index} is unreadable: ${error.message}`);
  }
  if (signed === null) return open(`the provider denies row ${index}`);
  const { statement, signature } = signed;
  if (!rules.verifier.verify(billStruct(statement), signature, rules.provider)) {
    return open(`the answer for row ${index} is not signed by the provider`);
  }
  const { revision } = pages.consumption.statement;
  const isAbout = statement.interval === interval && statement.revision === revision;
  if (!isAbout || statement.index !== index) {
    return open(`the answer for row ${index} is about another row`);
  }
  const right = billOf({ consumption: pages.consumption, billing }, index);
  if (statement.amount === right.amount && statement.wattHours === right.wattHours) return [];
  const row = pages.prove(index);
  const challenge = { kind: "bill", bill: signed, ...(row === undefined ? {} : { row }) } as const;
  const message = `the provider signed ${statement.amount} for ${statement.wattHours} Wh; it is ${right.amount} for ${right.wattHours} Wh`;
  return [fault({ interval, kind: "bill", message, more: { index, challenge } })];
}
