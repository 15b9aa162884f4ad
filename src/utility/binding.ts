/** The utility's books: which coin paid for which token, and how much was sold. */
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { bytesToInt, intToBytes } from "../algebra/index.js";
import type { ECashAcceptor } from "../ecash/index.js";
import type { Store, Transaction } from "../store/index.js";

const SOLD_UNITS = "sold/units";
const SOLD_RECEIPTS = "sold/receipts";

/** What was sold so far. */
export interface Sales {
  readonly units: bigint;
  readonly receipts: bigint;
}

/** The coin that paid for the token with this hash (hexadecimal); `undefined` if none has. */
export async function boundCoin(tx: Transaction, tokenHash: string): Promise<string | undefined> {
  const coin = await tx.get(`token/${tokenHash}`);
  return coin === undefined ? undefined : new TextDecoder().decode(coin);
}

/** The coin that paid, or the earlier payment for another token. */
export type BindOutcome = { readonly coin: string } | { readonly earlier: Uint8Array };

/**
 * Binds coin and token to each other and counts the sale. If another coin has paid for the token, no
 * coin is taken.
 */
export async function bind(
  tx: Transaction,
  ecash: ECashAcceptor,
  tokenHash: string,
  units: number,
  payment: Uint8Array,
): Promise<BindOutcome> {
  const payer = await boundCoin(tx, tokenHash);
  if (payer !== undefined) return { coin: payer };
  const reservation = await ecash.reserve(tx, payment);
  if (reservation.kind === "conflict") return { earlier: reservation.earlier };
  const coin = ecash.coinId(payment);
  tx.put(`token/${tokenHash}`, utf8ToBytes(coin));
  await add(tx, SOLD_UNITS, BigInt(units));
  await add(tx, SOLD_RECEIPTS, 1n);
  return { coin };
}

export function sales(store: Store): Promise<Sales> {
  return store.transaction(async (tx) => ({
    units: await count(tx, SOLD_UNITS),
    receipts: await count(tx, SOLD_RECEIPTS),
  }));
}

async function add(tx: Transaction, key: string, amount: bigint): Promise<void> {
  tx.put(key, intToBytes((await count(tx, key)) + amount, 16));
}

async function count(tx: Transaction, key: string): Promise<bigint> {
  const bytes = await tx.get(key);
  return bytes === undefined ? 0n : bytesToInt(bytes);
}
