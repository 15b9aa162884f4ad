/** The transactions that settle bills from the owner's own wallet, tried before they are sent. */
import { toQuantity, type Provider } from "ethers";
import { nobleBn254 } from "../../../src/algebra/bn254/bn254-noble.js";
import type { BillSettlement } from "../../../src/chain/bindings/index.js";
import { billWords, g1Words } from "../../../src/chain/contract-values.js";
import { chainErrors } from "../../../src/chain/errors/errors.js";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";
import { suggestedFees } from "../../../src/chain/transactions/fees.js";
import { combineBatch } from "../../../src/sipster/batch.js";
import type { SettleableBill } from "../../../src/sipster/bill-file.js";
import { ether } from "../ui/format.js";
import type { Connection } from "../wallet/connection.js";
import { ask } from "../wallet/eip1193.js";

/** Bills in one transaction: some way below what a block takes, and quick to weigh in a browser. */
const MAX_BILLS = 200;

export interface PlannedTransaction {
  readonly bills: readonly SettleableBill[];
  readonly data: string;
  /** With a tenth more than it needs now. */
  readonly gasLimit: bigint;
}

export interface Plan {
  readonly transactions: readonly PlannedTransaction[];
  /** Wei that all of it costs at most. */
  readonly cost: bigint;
  readonly balance: bigint;
}

/**
 * Plans one transaction for each key epoch (and for each 200 bills), and tries every one with a
 * call that changes nothing.
 * @throws contract/… with the reason one would revert, chain/insufficient-funds, chain/unreachable
 */
export async function planTransactions({
  contract,
  account,
  bills,
  currency,
}: {
  readonly contract: BillSettlement;
  readonly account: string;
  readonly bills: readonly SettleableBill[];
  readonly currency: string;
}): Promise<Plan> {
  const provider = contract.runner!.provider!;
  try {
    const transactions: PlannedTransaction[] = [];
    for (const part of partition(bills)) {
      transactions.push(await tryTransaction(contract, account, part));
    }
    const gas = transactions.reduce((sum, { gasLimit }) => sum + gasLimit, 0n);
    const cost = gas * (await suggestedFees(provider)).perGas;
    const balance = await provider.getBalance(account);
    if (balance < cost) {
      throw chainErrors.error(
        "insufficient-funds",
        `the account has ${ether(balance, currency)}, and settling may cost up to ${ether(cost, currency)}`,
        { account, balance, needed: cost },
      );
    }
    return { transactions, cost, balance };
  } catch (error) {
    throw explainFailure(error);
  }
}

function partition(bills: readonly SettleableBill[]): SettleableBill[][] {
  const parts: SettleableBill[][] = [];
  for (const epoch of new Set(bills.map(({ bill }) => bill.keyEpoch))) {
    const ofEpoch = bills.filter(({ bill }) => bill.keyEpoch === epoch);
    for (let i = 0; i < ofEpoch.length; i += MAX_BILLS) parts.push(ofEpoch.slice(i, i + MAX_BILLS));
  }
  return parts;
}

async function tryTransaction(
  contract: BillSettlement,
  account: string,
  bills: readonly SettleableBill[],
): Promise<PlannedTransaction> {
  const [first] = bills as readonly [SettleableBill];
  const from = { from: account };
  if (bills.length === 1) {
    const { x, y } = g1Words(nobleBn254, first.combined);
    const args = [billWords(first), x, y] as const;
    await contract.settle.staticCall(...args, from);
    const gas = await contract.settle.estimateGas(...args, from);
    const data = contract.interface.encodeFunctionData("settle", [...args]);
    return { bills, data, gasLimit: withMargin(gas) };
  }
  const combined = combineBatch({
    curve: nobleBn254,
    system: first.system,
    bills: bills.map((b) => b.bill),
    combined: bills.map((b) => b.combined),
  });
  const { x, y } = g1Words(nobleBn254, combined);
  const args = [first.bill.keyEpoch, bills.map(billWords), x, y] as const;
  await contract.settleBatch.staticCall(...args, from);
  const gas = await contract.settleBatch.estimateGas(...args, from);
  const data = contract.interface.encodeFunctionData("settleBatch", [...args]);
  return { bills, data, gasLimit: withMargin(gas) };
}

function withMargin(gas: bigint): bigint {
  return gas + gas / 10n;
}

/** Asks the wallet to send; returns the hash. @throws wallet/refused, … */
export async function sendByWallet(
  { wallet, account }: Connection,
  to: string,
  { data, gasLimit }: PlannedTransaction,
): Promise<string> {
  const transaction = { from: account, to, data, gas: toQuantity(gasLimit) };
  const hash = await ask(wallet.provider, "eth_sendTransaction", [transaction]);
  return String(hash);
}

/** `unknown`: the node knows nothing of it, neither mined nor waiting. */
export type TransactionState = "waiting" | "mined" | "reverted" | "unknown";

export async function lookAt(provider: Provider, hash: string): Promise<TransactionState> {
  const receipt = await provider.getTransactionReceipt(hash);
  if (receipt !== null) return receipt.status === 0 ? "reverted" : "mined";
  return (await provider.getTransaction(hash)) === null ? "unknown" : "waiting";
}
