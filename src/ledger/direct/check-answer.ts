/** What a resident makes of the provider's answer about one of its rows. */
import { equalBytes } from "../../algebra/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import { finding, type Finding } from "../audit/finding.js";
import type { IndexedPages } from "../audit/indexed-pages.js";
import { directBillStruct } from "../statements.js";
import { decodeAnswer, type SignedBill } from "./direct-bill.js";

/**
 * Compares an answer with the row that L_OCD and the price make, which is row `place` of the pages.
 * What the provider has signed for and is wrong comes with the finding: it convinces everybody.
 */
export function checkAnswer(
  { bills, rules }: IndexedPages,
  place: number,
  answer: Uint8Array | undefined,
): Finding[] {
  const row = bills.rows[place]!;
  const { interval } = bills.statement;
  const fault = (message: string, evidence?: SignedBill): Finding[] => [
    finding(interval, "direct-answer", message, { index: place, evidence }),
  ];
  if (answer === undefined) return fault(`the provider did not answer for row ${place}`);
  let signed: SignedBill | null;
  try {
    signed = decodeAnswer(answer);
  } catch (error) {
    if (!isSipsterError(error, "ledger/bad-answer")) throw error;
    return fault(`the provider's answer for row ${place} is none: ${error.message}`);
  }
  if (signed === null) return fault(`the provider denies row ${place}`);
  const { bill, signature } = signed;
  if (!rules.verifier.verify(directBillStruct(bill), signature, rules.provider)) {
    return fault(`the answer for row ${place} is not signed by the provider`);
  }
  if (bill.interval !== interval || !equalBytes(bill.pseudonym, row.pseudonym)) {
    return fault(`the answer for row ${place} is about another row`);
  }
  if (bill.amount !== row.amount || bill.wattHours !== row.wattHours) {
    const said = `${bill.amount} for ${bill.wattHours} Wh`;
    return fault(
      `the provider signed ${said}; it is ${row.amount} for ${row.wattHours} Wh`,
      signed,
    );
  }
  return [];
}
