/**
 * The resident's books: what is in the store, under which keys, in which encoding.
 *
 *   withdrawal/<number>         a withdrawal that is under way
 *   coin/<denomination>/<id>    a coin that is free
 *   token/<hash>                a token and how far its payment is
 *   meta/withdrawals            how many withdrawals were begun
 */
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Coin } from "../ecash/index.js";
import type { Transaction } from "../store/index.js";
import { residentErrors } from "./errors.js";

/** How far a token is: emitted; ordered (coin chosen, payment written); receipted; verified. */
export type TokenRecord =
  | { readonly stage: "emitted"; readonly token: Uint8Array; readonly denomination: number }
  | OrderedToken
  | ReceiptedToken
  | (Omit<ReceiptedToken, "stage"> & { readonly stage: "verified" });

export interface OrderedToken {
  readonly stage: "ordered";
  readonly token: Uint8Array;
  readonly denomination: number;
  /** The coin: it pays for this token and no other until the utility says that it is free. */
  readonly coin: Uint8Array;
  readonly coinId: string;
  readonly payment: Uint8Array;
}

/**
 * Coin and payment are kept: to ask again if the receipt is bad, and as evidence of what was paid.
 * They are empty when the receipt was asked for without a coin, after a loss of the books.
 */
export interface ReceiptedToken extends Omit<OrderedToken, "stage"> {
  readonly stage: "receipted";
  readonly receipt: Uint8Array;
}

export interface WithdrawalRecord {
  readonly state: Uint8Array;
  readonly request: Uint8Array;
}

const coinKey = (denomination: number, id: string): string => `coin/${denomination}/${id}`;
const tokenKey = (hash: string): string => `token/${hash}`;
const withdrawalKey = (number: number): string => `withdrawal/${String(number).padStart(8, "0")}`;

/** The books within one transaction. Token hashes are in hexadecimal. */
export class Books {
  constructor(private readonly tx: Transaction) {}

  async token(hash: string): Promise<TokenRecord | null> {
    const bytes = await this.tx.get(tokenKey(hash));
    return bytes === undefined ? null : decode<TokenRecord>(bytes);
  }

  putToken(hash: string, record: TokenRecord): void {
    this.tx.put(tokenKey(hash), encode(record));
  }

  deleteToken(hash: string): void {
    this.tx.delete(tokenKey(hash));
  }

  async tokens(): Promise<{ readonly hash: string; readonly record: TokenRecord }[]> {
    const entries = await this.tx.list("token/");
    return entries.map(([key, bytes]) => ({
      hash: key.slice("token/".length),
      record: decode<TokenRecord>(bytes),
    }));
  }

  /** Free coins of a denomination. */
  async coins(denomination: number): Promise<{ readonly id: string; readonly coin: Uint8Array }[]> {
    const prefix = `coin/${denomination}/`;
    const entries = await this.tx.list(prefix);
    return entries.map(([key, coin]) => ({ id: key.slice(prefix.length), coin }));
  }

  putCoin({ denomination, id, secret }: Coin): void {
    this.tx.put(coinKey(denomination, id), secret);
  }

  deleteCoin(denomination: number, id: string): void {
    this.tx.delete(coinKey(denomination, id));
  }

  async withdrawals(): Promise<{ readonly number: number; readonly record: WithdrawalRecord }[]> {
    const entries = await this.tx.list("withdrawal/");
    return entries.map(([key, bytes]) => ({
      number: Number(key.slice("withdrawal/".length)),
      record: decode<WithdrawalRecord>(bytes),
    }));
  }

  putWithdrawal(number: number, record: WithdrawalRecord): void {
    this.tx.put(withdrawalKey(number), encode(record));
  }

  deleteWithdrawal(number: number): void {
    this.tx.delete(withdrawalKey(number));
  }

  /** The number of the next withdrawal, counted on. */
  async nextWithdrawal(): Promise<number> {
    const bytes = await this.tx.get("meta/withdrawals");
    const number = bytes === undefined ? 0 : decode<{ count: number }>(bytes).count;
    this.tx.put("meta/withdrawals", encode({ count: number + 1 }));
    return number;
  }
}

/** JSON; byte strings as `{"hex": "…"}`. */
function encode(record: object): Uint8Array {
  return utf8ToBytes(
    JSON.stringify(record, (_key, value: unknown) =>
      value instanceof Uint8Array ? { hex: bytesToHex(value) } : value,
    ),
  );
}

function decode<T>(bytes: Uint8Array): T {
  try {
    return JSON.parse(new TextDecoder().decode(bytes), (_key, value: unknown) => {
      const isHex = typeof value === "object" && value !== null && "hex" in value;
      return isHex ? hexToBytes(String(value.hex)) : value;
    }) as T;
  } catch (error) {
    throw residentErrors.error("bad-books", "a record of the books is not readable", {}, error);
  }
}
