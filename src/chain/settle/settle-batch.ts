/**
 * Settling many bills of one key epoch in one transaction. A bill that would make it fail is found
 * without gas and left out; the others go on.
 */
import type { TransactionReceipt } from "ethers";
import type { Bn254 } from "../../algebra/index.js";
import { combineBatch, findBadBills, type SettleableBill } from "../../sipster/index.js";
import type { BillSettlement } from "../bindings/index.js";
import { billWords, g1FromWords, g1Words, g2FromWords } from "../contract-values.js";
import { decodeError, decodeRevert } from "../errors/decode-error.js";
import { isContractError, toVerdict, type Verdict } from "./settle-one.js";
import {
  alreadySettled,
  nullifierOf,
  refused,
  settled,
  type Refused,
  type SettlementOutcome,
} from "./settlement-outcome.js";
import { MAX_TRANSACTION_GAS, type TransactionSender } from "../transactions/transaction-sender.js";

/**
 * Bills in one transaction, so that it stays below 128 KiB, more than which nodes do not relay. Each
 * bill is six words; that many also stay below the gas cap.
 */
export const MAX_BATCH = Math.floor((128 * 1024 - 1024) / (6 * 32));

/** How often a batch is judged again because it reverted after all, in a race with someone else. */
const MAX_RACES = 3;

export interface BatchContext {
  readonly sender: TransactionSender;
  readonly contract: BillSettlement;
  readonly curve: Bn254;
}

/**
 * Settles bills of one key epoch, no two with the same meter and period, at most {@link MAX_BATCH}.
 * @returns an outcome for each bill, in their order
 * @throws what {@link TransactionSender.send} throws, but for reasons of the contract
 */
export async function settleBatch(
  context: BatchContext,
  bills: readonly SettleableBill[],
): Promise<SettlementOutcome[]> {
  const outcomes = new Map<SettleableBill, SettlementOutcome>();
  let left = bills;
  for (let races = 0; left.length > 0;) {
    const { status, index, error } = await explainBatch(context, left);
    if (status === "already-settled") {
      left.forEach((bill) => outcomes.set(bill, alreadySettled(bill)));
      break;
    }
    if (status === "refused") {
      const culprits = await findCulprits({ context, bills: left, index, error });
      culprits.forEach(([bill, culprit]) => outcomes.set(bill, culprit));
      left = left.filter((bill) => !outcomes.has(bill));
      continue;
    }
    try {
      const sent = await sendOrSplit(context, left);
      left.forEach((bill, i) => outcomes.set(bill, sent[i]!));
      break;
    } catch (reason) {
      if (!isContractError(reason)) throw reason;
      if (++races > MAX_RACES) {
        left.forEach((bill) => outcomes.set(bill, refused(bill, reason)));
        break;
      }
    }
  }
  return bills.map((bill) => outcomes.get(bill)!);
}

/** Settles in one transaction, or in halves where one would need more gas than it may. */
async function sendOrSplit(
  context: BatchContext,
  bills: readonly SettleableBill[],
): Promise<SettlementOutcome[]> {
  const { sender, contract } = context;
  const call = { to: await contract.getAddress(), data: encode(context, bills) };
  const gas = await sender.estimate(call);
  if (gas > MAX_TRANSACTION_GAS && bills.length > 1) {
    const half = bills.length >> 1;
    const first = await settleBatch(context, bills.slice(0, half));
    return [...first, ...(await settleBatch(context, bills.slice(half)))];
  }
  return readOutcomes(context, await sender.send(call, gas), bills);
}

function readOutcomes(
  { contract }: BatchContext,
  receipt: TransactionReceipt,
  bills: readonly SettleableBill[],
): SettlementOutcome[] {
  const topic = contract.interface.getEvent("BillSettled").topicHash;
  const done = new Set(
    receipt.logs
      .filter((log) => log.address === contract.target && log.topics[0] === topic)
      .map((log) => {
        const { meter, period } = contract.interface.parseLog(log)!.args;
        return nullifierOf({ meter: meter as string, period: period as bigint });
      }),
  );
  const { hash: transaction, blockNumber: block } = receipt;
  const gasUsed = receipt.gasUsed / BigInt(bills.length);
  // A bill that someone else settled meanwhile stays in the sum and emits nothing.
  return bills.map((bill) =>
    done.has(nullifierOf({ meter: bill.meter, period: bill.bill.period }))
      ? settled(bill, { transaction, block, gasUsed })
      : alreadySettled(bill),
  );
}

function encode({ contract, curve }: BatchContext, bills: readonly SettleableBill[]): string {
  return contract.interface.encodeFunctionData("settleBatch", batchArguments(curve, bills));
}

function batchArguments(curve: Bn254, bills: readonly SettleableBill[]) {
  const [{ system, bill }] = bills as readonly [SettleableBill];
  const combined = combineBatch({
    curve,
    system,
    bills: bills.map((b) => b.bill),
    combined: bills.map((b) => b.combined),
  });
  const { x, y } = g1Words(curve, combined);
  const result: [number, ReturnType<typeof billWords>[], bigint, bigint] = [
    bill.keyEpoch,
    bills.map(billWords),
    x,
    y,
  ];
  return result;
}

interface BatchVerdict {
  readonly status: Verdict["status"];
  /** Number of the bill at fault; the number of bills when none is by itself. */
  readonly index: number;
  readonly error: unknown;
}

async function explainBatch(
  { contract, curve }: BatchContext,
  bills: readonly SettleableBill[],
): Promise<BatchVerdict> {
  const answer = await contract
    .explainBatch(...batchArguments(curve, bills))
    .catch((error: unknown) => {
      throw decodeError(error) ?? error;
    });
  const verdict = toVerdict(answer.verdict, answer.reason);
  return {
    status: verdict.status,
    index: Number(answer.index),
    error: verdict.status === "refused" ? verdict.error : null,
  };
}

type Culprit = readonly [SettleableBill, Refused];

/** The bills because of which a batch is refused, at least one; all of them if it is not theirs. */
async function findCulprits({
  context,
  bills,
  index,
  error,
}: {
  readonly context: BatchContext;
  readonly bills: readonly SettleableBill[];
  readonly index: number;
  readonly error: unknown;
}): Promise<Culprit[]> {
  const culprits =
    index < bills.length
      ? await refusedByThemselves(context, bills)
      : await unpaid(context, bills).catch(() => []);
  if (culprits.length > 0) return culprits;
  if (!isContractError(error)) throw error;
  return bills.map((bill) => [bill, refused(bill, error)]);
}

/** Bills that fail a check of their own: point, signature, registration. */
async function refusedByThemselves(
  { contract }: BatchContext,
  bills: readonly SettleableBill[],
): Promise<Culprit[]> {
  const verdicts = await Promise.all(
    bills.map(async (bill, i): Promise<Culprit | null> => {
      try {
        await contract.checkBatchBill(bill.bill.keyEpoch, i, billWords(bill));
        return null;
      } catch (thrown) {
        const error = decodeError(thrown);
        if (error === null) throw thrown;
        return [bill, refused(bill, error)];
      }
    }),
  );
  return verdicts.filter((v) => v !== null);
}

/** Bills whose combined receipt is wrong, found here by halving: no further call, and no gas. */
async function unpaid(
  { contract, curve }: BatchContext,
  bills: readonly SettleableBill[],
): Promise<Culprit[]> {
  const { keyEpoch } = bills[0]!.bill;
  const { a1, a2 } = await contract.epochKey(keyEpoch);
  const key = { keyEpoch, a1: g1FromWords(curve, a1), a2: g2FromWords(curve, a2) };
  return findBadBills(curve, key, bills).map((i) => {
    const bill = bills[i]!;
    const reason = contract.interface.encodeErrorResult("SettlementReceiptMismatch", [
      bill.meter,
      bill.bill.period,
      keyEpoch,
    ]);
    return [bill, refused(bill, decodeRevert(reason))];
  });
}
