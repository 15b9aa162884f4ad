/**
 * A message is in the store before it leaves its sender, and a sender that starts again sends the same
 * bytes again. A process killed anywhere therefore never signs two messages for one place.
 */
import type { Store, Transaction } from "../store/index.js";

/**
 * The message under `key`: the stored one, or else the one that `make` gives, stored with all that
 * `make` writes in the same transaction. It is durable when the promise resolves.
 */
export function postOnce(
  store: Store,
  key: string,
  make: (tx: Transaction) => Promise<Uint8Array> | Uint8Array,
): Promise<Uint8Array> {
  return store.transaction(async (tx) => {
    const posted = await tx.get(key);
    if (posted !== undefined) return posted;
    const message = await make(tx);
    tx.put(key, message);
    return message;
  });
}
