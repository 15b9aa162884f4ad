/** Settling a bill by itself. */
import { isSipsterError, type SipsterError } from "../../errors/sipster-error.js";
import type { Bn254 } from "../../algebra/index.js";
import type { SettleableBill } from "../../sipster/index.js";
import type { BillSettlement } from "../bindings/index.js";
import { billWords, g1Words } from "../contract-values.js";
import { decodeError, decodeRevert } from "../errors/decode-error.js";
import { alreadySettled, refused, settled, type SettlementOutcome } from "./settlement-outcome.js";
import type { TransactionSender } from "../transactions/transaction-sender.js";

/** What the contract's view says of a bill. */
export type Verdict =
  | { readonly status: "settles" | "already-settled" }
  | { readonly status: "refused"; readonly error: SipsterError };

/** The enum `Verdict` of the contract, in its order. */
const VERDICTS = ["settles", "already-settled", "refused"] as const;

export function toVerdict(verdict: bigint, reason: string): Verdict {
  const status = VERDICTS[Number(verdict)] ?? "refused";
  return status === "refused" ? { status, error: decodeRevert(reason) } : { status };
}

/**
 * Asks the contract what settling the bill would do, without gas.
 * @throws contract/SettlementExplainOutOfGas, chain/unreachable
 */
export async function explainBill(
  contract: BillSettlement,
  curve: Bn254,
  bill: SettleableBill,
): Promise<Verdict> {
  const { x, y } = g1Words(curve, bill.combined);
  const answer = await contract.explain(billWords(bill), x, y).catch((error: unknown) => {
    throw decodeError(error) ?? error;
  });
  return toVerdict(answer.verdict, answer.reason);
}

/** @throws what {@link TransactionSender.send} throws, but for reasons of the contract */
export async function settleOne({
  sender,
  contract,
  curve,
  bill,
}: {
  readonly sender: TransactionSender;
  readonly contract: BillSettlement;
  readonly curve: Bn254;
  readonly bill: SettleableBill;
}): Promise<SettlementOutcome> {
  const verdict = await explainBill(contract, curve, bill);
  if (verdict.status === "refused") return refused(bill, verdict.error);
  if (verdict.status === "already-settled") return alreadySettled(bill);
  const { x, y } = g1Words(curve, bill.combined);
  const data = contract.interface.encodeFunctionData("settle", [billWords(bill), x, y]);
  try {
    const receipt = await sender.send({ to: await contract.getAddress(), data });
    const { hash: transaction, blockNumber: block, gasUsed } = receipt;
    return settled(bill, { transaction, block, gasUsed });
  } catch (error) {
    // Someone came in between: for a settlement that is good news.
    if (isSipsterError(error, "contract/SettlementAlreadySettled")) return alreadySettled(bill);
    if (isContractError(error)) return refused(bill, error);
    throw error;
  }
}

export function isContractError(error: unknown): error is SipsterError {
  return isSipsterError(error) && error.code.startsWith("contract/");
}
