/**
 * The counter's book: which coin paid for which token, and for what each coin was used. Two tables,
 * each with one row for a key that is never changed or deleted:
 *
 *     coin  (id, payment)        one use of a coin, by the counter or by the mint that refreshes it
 *     token (hash, coin, units)  one payment of a token
 *
 * Both rows of a sale are written in one transaction. So after any failure the same pair
 * is bound, and the payment that bound it is the proof against any other.
 */
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { ByteReader, bytesToInt, intToBytes } from "../algebra/index.js";
import { sameMemo, type ECashAcceptor } from "../ecash/index.js";
import type { Store, Transaction } from "../store/index.js";
import { utilityErrors } from "./errors.js";

/** One use of a coin. The payment has been verified. */
export interface CoinUse {
  /** As `coinId` gives it. */
  readonly coin: string;
  readonly payment: Uint8Array;
  /** The token that is paid, its hash in hexadecimal; `null` for a refresh. */
  readonly token: string | null;
  /** What the token costs; 0 for a refresh. */
  readonly units: number;
}

export type UseOutcome =
  /** The coin is bound to this use, now or from before. */
  | { readonly kind: "bound" }
  /** Another coin paid for the token, with this payment. */
  | { readonly kind: "token-paid"; readonly earlier: Uint8Array }
  /** The coin was used for something else, with this payment. */
  | { readonly kind: "coin-spent"; readonly earlier: Uint8Array };

/** What was sold so far. */
export interface Sales {
  readonly units: bigint;
  readonly receipts: bigint;
}

export interface CounterBook {
  /** Which of these uses are bound already, in order. Uses are not verified yet. */
  bound(uses: readonly CoinUse[]): Promise<readonly boolean[]>;
  /**
   * Binds all of them in one transaction, each as if alone and in order.
   * @throws what the store throws; then nothing is bound
   */
  bind(uses: readonly CoinUse[]): Promise<readonly UseOutcome[]>;
  sales(): Promise<Sales>;
}

const SOLD_UNITS = "sold/units";
const SOLD_RECEIPTS = "sold/receipts";

/** The book in a store of keys and values. `ecash` reads the memos of payments. */
export class StoredCounterBook implements CounterBook {
  constructor(
    private readonly store: Store,
    private readonly ecash: Pick<ECashAcceptor, "memo">,
  ) {}

  bound(uses: readonly CoinUse[]): Promise<readonly boolean[]> {
    return this.store.transaction(async (tx) => {
      const found: boolean[] = [];
      for (const use of uses) found.push((await this.#outcome(tx, use))?.kind === "bound");
      return found;
    });
  }

  bind(uses: readonly CoinUse[]): Promise<readonly UseOutcome[]> {
    return this.store.transaction(async (tx) => {
      const outcomes: UseOutcome[] = [];
      let [units, receipts] = [0n, 0n];
      for (const use of uses) {
        const known = await this.#outcome(tx, use);
        outcomes.push(known ?? { kind: "bound" });
        if (known !== null) continue;
        tx.put(coinKey(use.coin), use.payment);
        if (use.token === null) continue;
        tx.put(tokenKey(use.token), encodeTokenRow(use.coin, use.units));
        units += BigInt(use.units);
        receipts++;
      }
      if (receipts > 0n) {
        await add(tx, SOLD_UNITS, units);
        await add(tx, SOLD_RECEIPTS, receipts);
      }
      return outcomes;
    });
  }

  sales(): Promise<Sales> {
    return this.store.transaction(async (tx) => ({
      units: await count(tx, SOLD_UNITS),
      receipts: await count(tx, SOLD_RECEIPTS),
    }));
  }

  /** What the rows say of this use; `null` if neither coin nor token has one. */
  async #outcome(tx: Transaction, { coin, token, payment }: CoinUse): Promise<UseOutcome | null> {
    if (token !== null) {
      const row = await tx.get(tokenKey(token));
      if (row !== undefined) {
        const payer = payerOf(row);
        if (payer === coin) return { kind: "bound" };
        return { kind: "token-paid", earlier: await paymentOf(tx, payer) };
      }
    }
    const earlier = await tx.get(coinKey(coin));
    if (earlier === undefined) return null;
    return sameMemo(this.ecash.memo(earlier), this.ecash.memo(payment))
      ? { kind: "bound" }
      : { kind: "coin-spent", earlier };
  }
}

const coinKey = (id: string): string => `coin/${id}`;
const tokenKey = (hash: string): string => `token/${hash}`;

/** units u32 ‖ coin id in UTF-8. */
function encodeTokenRow(coin: string, units: number): Uint8Array {
  return concatBytes(intToBytes(units, 4), utf8ToBytes(coin));
}

function payerOf(row: Uint8Array): string {
  const reader = new ByteReader(row, (why) => badBook(`a row of a token is cut off: ${why}`));
  reader.take(4);
  return new TextDecoder().decode(reader.take(reader.left));
}

async function paymentOf(tx: Transaction, coin: string): Promise<Uint8Array> {
  const payment = await tx.get(coinKey(coin));
  if (payment === undefined) throw badBook(`coin ${coin} paid for a token and has no row`);
  return payment;
}

function badBook(why: string) {
  return utilityErrors.error("bad-book", why);
}

async function add(tx: Transaction, key: string, amount: bigint): Promise<void> {
  tx.put(key, intToBytes((await count(tx, key)) + amount, 16));
}

async function count(tx: Transaction, key: string): Promise<bigint> {
  const bytes = await tx.get(key);
  return bytes === undefined ? 0n : bytesToInt(bytes);
}
