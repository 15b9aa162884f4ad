/** Watching transactions until they are mined. */
import type { Provider, TransactionReceipt } from "ethers";
import { chainErrors } from "../errors/errors.js";
import { systemClock } from "../../time/system-clock.js";
import type { TransactionJournal } from "./transaction-journal.js";

/**
 * The receipt of the one of these transactions that was mined (they share a nonce, so at most one is),
 * once it is `confirmations` blocks deep, the block with it included; `null` before.
 */
export async function minedReceipt(
  provider: Provider,
  hashes: readonly string[],
  confirmations: number,
): Promise<TransactionReceipt | null> {
  for (const hash of hashes.toReversed()) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt === null) continue;
    if (confirmations <= 1) return receipt;
    const depth = (await provider.getBlockNumber()) - receipt.blockNumber + 1;
    return depth >= confirmations ? receipt : null;
  }
  return null;
}

/** Waits as long as the provider waits between two looks at the chain. */
export function pause(provider: Provider): Promise<void> {
  const { pollingInterval = 500 } = provider as { pollingInterval?: number };
  return new Promise((resolve) => setTimeout(resolve, pollingInterval));
}

export function stillPending(hash: string, nonce: number): Error {
  return chainErrors.error("transaction-pending", `transaction ${hash} is sent and not mined`, {
    transaction: hash,
    nonce,
  });
}

/**
 * Waits for transactions that an earlier run sent and did not see mined. Those that the node does
 * not know any more are forgotten: what they were for is tried again under the same nonce, so that
 * at most one of the two is ever mined.
 * @returns how many were mined
 * @throws chain/transaction-pending
 */
export async function finishEarlier({
  provider,
  journal,
  patience,
  onProgress,
}: {
  readonly provider: Provider;
  readonly journal: TransactionJournal;
  /** milliseconds to wait for each */
  readonly patience: number;
  readonly onProgress: (message: string) => void;
}): Promise<number> {
  let mined = 0;
  for (const { hash, nonce } of await journal.list()) {
    onProgress(`waiting for transaction ${hash} of an earlier run`);
    const deadline = systemClock() + patience;
    while ((await provider.getTransaction(hash)) !== null) {
      if ((await minedReceipt(provider, [hash], 1)) !== null) {
        mined++;
        break;
      }
      if (systemClock() > deadline) throw stillPending(hash, nonce);
      await pause(provider);
    }
    await journal.remove(hash);
  }
  return mined;
}
