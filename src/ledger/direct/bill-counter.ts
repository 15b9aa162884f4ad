/** The provider's counter in the direct variant: answers questions for rows of L_BC. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import type { Interval } from "../one-time-key.js";
import type { BillPage } from "../pages.js";
import type { BillRow } from "../rows.js";
import { directBillStruct, type StatementSigner } from "../statements.js";
import { decodeQuestion, encodeAnswer } from "./direct-bill.js";

/** Intervals whose rows are answered for: a resident that was away asks later. */
const INTERVALS_KEPT = 96;

export class BillCounter {
  readonly #pages = new Map<Interval, ReadonlyMap<string, BillRow>>();

  constructor(private readonly signer: StatementSigner) {}

  /** Answers for the rows of this page from now on. */
  open({ statement, rows }: Pick<BillPage, "statement" | "rows">): void {
    const byName = new Map(rows.map((row) => [bytesToHex(row.pseudonym), row]));
    this.#pages.set(statement.interval, byName);
    for (const interval of this.#pages.keys()) {
      if (interval <= statement.interval - INTERVALS_KEPT) this.#pages.delete(interval);
    }
  }

  /** The row, signed; what is no question gets the answer of one for a row that does not exist. */
  answer(question: Uint8Array): Uint8Array {
    try {
      const { interval, pseudonym } = decodeQuestion(question);
      const row = this.#pages.get(interval)?.get(bytesToHex(pseudonym));
      if (row === undefined) return encodeAnswer(null);
      const { wattHours, amount } = row;
      const bill = { interval, pseudonym, wattHours, amount };
      return encodeAnswer({ bill, signature: this.signer.sign(directBillStruct(bill)) });
    } catch (error) {
      if (isSipsterError(error, "ledger/bad-answer")) return encodeAnswer(null);
      throw error;
    }
  }
}
