/** Binding a coin to its memo, for every e-cash whose payments are kept as evidence. */
import { equalBytes } from "../algebra/index.js";
import type { CoinBook, Memo, Reservation } from "./ecash.js";

const PREFIX = "coin/";

/**
 * Binds coin `coinId` to the memo of `payment` and keeps the payment: the evidence for a later
 * conflict. `memoOf` reads the memo of a payment kept before.
 */
export async function reserveInBook({
  book,
  coinId,
  payment,
  memoOf,
}: {
  readonly book: CoinBook;
  readonly coinId: string;
  readonly payment: Uint8Array;
  readonly memoOf: (payment: Uint8Array) => Memo;
}): Promise<Reservation> {
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
