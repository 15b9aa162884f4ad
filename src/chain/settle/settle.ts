/**
 * Submitting bills: each is tried without gas first; what is settled already, by whomever, is a
 * success; a run that was interrupted can be repeated.
 */
import type { Bn254 } from "../../algebra/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import type { SettleableBill } from "../../sipster/index.js";
import type { BillSettlement } from "../bindings/index.js";
import { settlementContract, systemOf, type Deployment } from "../deploy/deployment.js";
import { chainErrors } from "../errors/errors.js";
import { allEvents } from "../event-log.js";
import { mapLimit } from "../map-limit.js";
import { MAX_BATCH, settleBatch } from "./settle-batch.js";
import { settleOne } from "./settle-one.js";
import {
  alreadySettled,
  nullifierOf,
  type AlreadySettled,
  type SettlementOutcome,
} from "./settlement-outcome.js";
import type { TransactionSender } from "../transactions/transaction-sender.js";

export interface SettleOptions {
  readonly curve: Bn254;
  /** One transaction for up to some 670 bills, instead of one for each. */
  readonly batch?: boolean;
  /** Bills in one transaction of a batch, at most; {@link MAX_BATCH} when absent. */
  readonly maxBatch?: number;
  /** Transactions under way at once, when not in batches; 8 when absent. */
  readonly inFlight?: number;
  /** Told each outcome as soon as it is known; the transaction of an earlier settlement is not. */
  readonly onOutcome?: (outcome: SettlementOutcome) => void;
}

/**
 * Submits bills.
 * @returns an outcome for each bill, in their order: refused bills are outcomes, not errors
 * @throws chain/bill-of-another-system before anything is sent; chain/unreachable,
 *   insufficient-funds, transaction-pending, transaction-replaced: repeat the call to go on
 */
export async function settleBills({
  sender,
  deployment,
  bills,
  ...options
}: {
  readonly sender: TransactionSender;
  readonly deployment: Deployment;
  readonly bills: readonly SettleableBill[];
} & SettleOptions): Promise<SettlementOutcome[]> {
  bills.forEach((bill) => checkSystem(deployment, bill));
  await sender.finishEarlier();
  const contract = settlementContract(deployment, sender);
  const outcomes = new Map<SettleableBill, SettlementOutcome>();
  const note = (bill: SettleableBill, outcome: SettlementOutcome): void => {
    outcomes.set(bill, outcome);
    options.onOutcome?.(outcome);
  };
  const { first, repeated } = splitRepeated(bills);
  if (options.batch === true) await inBatches({ sender, contract, bills: first, options, note });
  else await oneByOne({ sender, contract, bills: first, options, note });
  // A second bill for the same meter and period may still count, if the first was refused.
  await oneByOne({ sender, contract, bills: repeated, options: { ...options, inFlight: 1 }, note });
  return nameTransactions({
    sender,
    deployment,
    contract,
    outcomes: bills.map((bill) => outcomes.get(bill)!),
  });
}

/** Is the bill for this deployment? @throws chain/bill-of-another-system */
export function checkSystem(deployment: Deployment, { system, meter, bill }: SettleableBill): void {
  const { chainId, settlement } = systemOf(deployment);
  if (system.chainId === chainId && system.settlement === settlement) return;
  throw chainErrors.error(
    "bill-of-another-system",
    `the bill of meter ${meter} for period ${bill.period} is for contract ${system.settlement} on chain ${system.chainId}, not ${settlement} on chain ${chainId}`,
    { meter, period: bill.period, chainId: system.chainId, settlement: system.settlement },
  );
}

/** Bills to submit, by whom, and where each outcome is noted. */
interface Submission {
  readonly sender: TransactionSender;
  readonly contract: BillSettlement;
  readonly bills: readonly SettleableBill[];
  readonly options: SettleOptions;
  readonly note: (bill: SettleableBill, outcome: SettlementOutcome) => void;
}

async function oneByOne({
  sender,
  contract,
  bills,
  options: { curve, inFlight = 8 },
  note,
}: Submission): Promise<void> {
  await mapLimit(bills, inFlight, async (bill) => {
    note(bill, await settleOne({ sender, contract, curve, bill }));
  });
}

async function inBatches({
  sender,
  contract,
  bills,
  options: { curve, maxBatch = MAX_BATCH },
  note,
}: Submission): Promise<void> {
  const before = await mapLimit(bills, 64, (bill) =>
    contract.settled(bill.meter, bill.bill.period),
  );
  bills.forEach((bill, i) => {
    if (before[i] === true) note(bill, alreadySettled(bill));
  });
  const open = bills.filter((_, i) => before[i] !== true);
  for (const epoch of new Set(open.map(({ bill }) => bill.keyEpoch))) {
    const ofEpoch = open.filter(({ bill }) => bill.keyEpoch === epoch);
    for (let i = 0; i < ofEpoch.length; i += maxBatch) {
      const chunk = ofEpoch.slice(i, i + maxBatch);
      const outcomes = await settleBatch({ sender, contract, curve }, chunk);
      chunk.forEach((bill, k) => note(bill, outcomes[k]!));
    }
  }
}

/** The first bill of each meter and period, and the others. */
function splitRepeated(bills: readonly SettleableBill[]): {
  first: SettleableBill[];
  repeated: SettleableBill[];
} {
  const seen = new Set<string>();
  const [first, repeated]: [SettleableBill[], SettleableBill[]] = [[], []];
  for (const bill of bills) {
    const nullifier = nullifierOf({ meter: bill.meter, period: bill.bill.period });
    (seen.has(nullifier) ? repeated : first).push(bill);
    seen.add(nullifier);
  }
  return { first, repeated };
}

/** Looks up the transactions that settled bills before, all in one pass over the events. */
async function nameTransactions({
  sender: { provider },
  deployment,
  contract,
  outcomes,
}: {
  readonly sender: TransactionSender;
  readonly deployment: Deployment;
  readonly contract: BillSettlement;
  readonly outcomes: readonly SettlementOutcome[];
}): Promise<SettlementOutcome[]> {
  const open = outcomes.filter((o): o is AlreadySettled => o.status === "already-settled");
  if (open.length === 0) return [...outcomes];
  const { interface: abi, target } = contract;
  const topics = abi.encodeFilterTopics("BillSettled", [
    choice(open.map((o) => o.meter)),
    choice(open.map((o) => o.period)),
  ]);
  const query = { address: target as string, topics, fromBlock: deployment.block };
  const found = new Map<string, { transaction: string; block: number }>();
  try {
    const toBlock = await provider.getBlockNumber();
    for (const log of await allEvents(provider, { ...query, toBlock })) {
      const { meter, period } = abi.parseLog(log)!.args;
      const nullifier = nullifierOf({ meter: meter as string, period: period as bigint });
      found.set(nullifier, { transaction: log.transactionHash, block: log.blockNumber });
    }
  } catch (error) {
    // The bills are settled, whether or not the node keeps the events that say so.
    if (!isSipsterError(error, "chain/events-refused")) throw error;
  }
  return outcomes.map((outcome) =>
    outcome.status === "already-settled"
      ? { ...outcome, ...found.get(nullifierOf(outcome)) }
      : outcome,
  );
}

/** A choice of topics, or any value where there are too many for one question. */
function choice<T>(values: readonly T[]): T[] | null {
  const distinct = [...new Set(values)];
  return distinct.length > 40 ? null : distinct;
}
