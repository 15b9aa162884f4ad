/** Binding a coin to its memo, for every e-cash whose payments are kept as evidence. */
import { equalBytes } from "../algebra/index.js";
import type { CoinBook, Memo, Reservation } from "./ecash.js";

const PREFIX = "coin/";

/**
 * Binds coin `coinId` to the memo of `payment` and keeps the payment: the evidence for a later
 * conflict. `memoOf` reads the memo of a payment kept before.
 */
export async function reserveInBook(
  book: CoinBook,
  coinId: string,
  payment: Uint8Array,
  memoOf: (payment: Uint8Array) => Memo,
): Promise<Reservation> {
  const key = PREFIX + coinId;
  const earlier = await book.get(key);
  if (earlier === undefined) {
    book.put(key, payment);
    return { kind: "ok" };
  }
  return sameMemo(memoOf(earlier), memoOf(payment))
    ? { kind: "same" }
    : { kind: "conflict", earlier };
}

export function sameMemo(a: Memo, b: Memo): boolean {
  return (
    equalBytes(a.tokenHash, b.tokenHash) &&
    equalBytes(a.payee, b.payee) &&
    a.keyEpoch === b.keyEpoch
  );
}

/** A book that can be listed by prefix, as a store's transaction can. */
export interface ListableBook {
  list(prefix: string): Promise<readonly (readonly [string, Uint8Array])[]>;
}

/**
 * The identifiers of all coins that are bound. The payee may publish them: a wallet that has lost
 * its books learns from the list, without showing a coin, which of its coins are spent.
 */
export async function boundCoins(book: ListableBook): Promise<readonly string[]> {
  return (await book.list(PREFIX)).map(([key]) => key.slice(PREFIX.length));
}
