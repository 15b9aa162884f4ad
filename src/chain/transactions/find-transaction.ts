/** Finding a transaction of which only sender and nonce are known. */
import type { Provider } from "ethers";
import { chainErrors } from "../errors/errors.js";

export type FoundTransaction =
  /** The nonce was never used, as far as the node knows. */
  | { readonly state: "unsent" }
  /** The node holds a transaction with this nonce that is in no block. */
  | { readonly state: "pending" }
  | { readonly state: "mined"; readonly hash: string };

/**
 * The transaction with this nonce, by bisecting the sender's transaction count over the blocks:
 * about log₂(blocks) questions about past states, which a node without an archive answers for
 * recent blocks only.
 * @throws chain/unreachable, chain/transaction-not-found
 */
export async function findTransactionByNonce(
  provider: Provider,
  sender: string,
  nonce: number,
): Promise<FoundTransaction> {
  const latest = await provider.getBlockNumber();
  if ((await provider.getTransactionCount(sender, latest)) <= nonce) {
    const pending = await provider.getTransactionCount(sender, "pending");
    return { state: pending > nonce ? "pending" : "unsent" };
  }
  // The first block after which the nonce is used lies in (low, high].
  let [low, high] = [-1, latest];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((await provider.getTransactionCount(sender, middle)) > nonce) high = middle;
    else low = middle;
  }
  const block = await provider.getBlock(high, true);
  const found = block?.prefetchedTransactions.find((t) => t.from === sender && t.nonce === nonce);
  if (found !== undefined) return { state: "mined", hash: found.hash };
  throw chainErrors.error(
    "transaction-not-found",
    `the node does not show transaction number ${nonce} of ${sender}, which is in block ${high}`,
    { sender, nonce, block: high },
  );
}
