/**
 * The resident's books: what is in the store, under which keys, in which encoding.
 *
 *   token/<hash>                    a token and how far its payment is
 *   number/<denomination>/<number>  which token has this number
 *   coin/<denomination>/<number>    a coin
 *   withdrawal/<number>             a withdrawal that is under way
 *   bill/<period>                   when a bill is settled
 *   evidence/<number>               what the counter signed and could not prove
 *   dummies/<month>                 times of the dummies that are left of a month
 *   meta/…                          counters
 */
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Coin } from "../ecash/index.js";
import type { Transaction } from "../store/index.js";
import { parseJson } from "../json/index.js";
import type { HexAddress } from "../sipster/index.js";
import { residentErrors } from "./errors.js";

/**
 * How far a token is:
 * - `waiting`: its time has not come; nothing was sent.
 * - `sent`: its order was sent, perhaps more than once, and has no good answer.
 * - `posted`: its order stands on the board.
 * - `receipted`: a receipt came that is a point, and is not verified.
 * - `verified`: paid.
 * - `blocked`: the coin of its number was used for another token, as the wallet's own payment proves.
 */
export type Stage = "waiting" | "sent" | "posted" | "receipted" | "verified" | "blocked";

export interface TokenRecord {
  readonly token: Uint8Array;
  readonly denomination: number;
  /** Of its denomination: the coin with this number pays for it, see {@link coinNumber}. */
  readonly number: number;
  /** Of a spare coin that pays for it, because the coin of its own number is not there. */
  readonly spare?: number;
  /** YYYYMM. */
  readonly period: number;
  /** Where the bills of the meter that gave it are signed from. */
  readonly meter?: HexAddress;
  readonly stage: Stage;
  /** When it is acted on next, in Unix seconds. */
  readonly due: number;
  /** YYYYMM: in this month's settling days its bill may be settled. */
  readonly month: number;
  /** When its order was sent last: with it the same bytes can be made again. */
  readonly sentAt?: number;
  /** From `receipted` on. */
  readonly receipt?: Uint8Array;
  /** The counter's signed answer that brought the receipt, until it is verified. */
  readonly answer?: Uint8Array;
}

export interface CoinRecord {
  readonly mintKeyId: number;
  readonly id: string;
  readonly secret: Uint8Array;
  /** YYYYMM: not shown before. */
  readonly spendableFrom: number;
  /**
   * `free`: never shown. `shown`: sent with the token of its number. `refresh`: to be changed for a
   * fresh one before anything else, because its token was paid with another coin. `spare`: fresh
   * after that; its token needs no coin, and it pays for a token that has none. `spent`: bound to
   * its token.
   */
  readonly state: "free" | "shown" | "refresh" | "spare" | "spent";
  /** When it is changed for one of the present mint key; absent: not planned. */
  readonly refreshAt?: number;
}

export interface WithdrawalRecord {
  readonly state: Uint8Array;
  readonly request: Uint8Array;
  /** Number and attempt of each coin, in order. */
  readonly coins: readonly {
    readonly denomination: number;
    readonly number: number;
    readonly attempt: number;
  }[];
}

export interface BillRecord {
  /** Unix seconds, in the settling days of `month`. */
  readonly settleAt: number;
  /** YYYYMM. */
  readonly month: number;
}

/** A signed answer that is false, or that claims what it does not prove. */
export interface EvidenceRecord {
  readonly why: string;
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
  readonly at: number;
}

/** Of one denomination: the next number, and numbers of withdrawals that came to nothing. */
export interface NumberRecord {
  readonly next: number;
  readonly returned: readonly { readonly number: number; readonly attempt: number }[];
}

/** What the wallet planned when it withdrew a basket last. */
export interface BasketPlan {
  /** YYYYMM of that withdrawal. */
  readonly month: number;
  /** YYYYMM: the next withdrawal from this month on counts the stock. */
  readonly countFrom: number;
  /** Packs of each denomination that are still to be left out. */
  readonly skips: readonly (readonly [denomination: number, packs: number])[];
}

const FORGOTTEN = "meta/forgotten/";
const padded = (n: number): string => String(n).padStart(12, "0");
const tokenKey = (hash: string): string => `token/${hash}`;
const numberKey = (denomination: number, number: number): string =>
  `number/${denomination}/${padded(number)}`;
const coinKey = (denomination: number, number: number): string =>
  `coin/${denomination}/${padded(number)}`;
const withdrawalKey = (number: number): string => `withdrawal/${padded(number)}`;

/** The books within one transaction. Token hashes are in hexadecimal. */
export class Books {
  constructor(private readonly tx: Transaction) {}

  token(hash: string): Promise<TokenRecord | null> {
    return this.#get<TokenRecord>(tokenKey(hash));
  }

  putToken(hash: string, record: TokenRecord): void {
    this.tx.put(tokenKey(hash), encode(record));
    this.tx.put(numberKey(record.denomination, record.number), utf8ToBytes(hash));
  }

  deleteToken(hash: string, { denomination, number }: TokenRecord): void {
    this.tx.delete(tokenKey(hash));
    this.tx.delete(numberKey(denomination, number));
  }

  async tokens(): Promise<{ readonly hash: string; readonly record: TokenRecord }[]> {
    const entries = await this.tx.list("token/");
    return entries.map(([key, bytes]) => ({
      hash: key.slice("token/".length),
      record: decode<TokenRecord>(bytes),
    }));
  }

  /** Were the books made again, from the secret or a copy? Then spare coins may have paid before. */
  async isRestored(): Promise<boolean> {
    return (await this.tx.get("meta/restored")) !== undefined;
  }

  putRestored(): void {
    this.tx.put("meta/restored", encode({}));
  }

  /** Where the bills of the present meter are signed from; `null` before any is known. */
  async meter(): Promise<HexAddress | null> {
    return (await this.#get<{ meter: HexAddress }>("meta/meter"))?.meter ?? null;
  }

  putMeter(meter: HexAddress): void {
    this.tx.put("meta/meter", encode({ meter }));
  }

  /** The hash of the token with this number. */
  async tokenNumbered(denomination: number, number: number): Promise<string | null> {
    const bytes = await this.tx.get(numberKey(denomination, number));
    return bytes === undefined ? null : new TextDecoder().decode(bytes);
  }

  coin(denomination: number, number: number): Promise<CoinRecord | null> {
    return this.#get<CoinRecord>(coinKey(denomination, number));
  }

  putCoin(denomination: number, number: number, record: CoinRecord): void {
    this.tx.put(coinKey(denomination, number), encode(record));
  }

  deleteCoin(denomination: number, number: number): void {
    this.tx.delete(coinKey(denomination, number));
  }

  async coins(): Promise<
    { readonly denomination: number; readonly number: number; readonly record: CoinRecord }[]
  > {
    const entries = await this.tx.list("coin/");
    return entries.map(([key, bytes]) => {
      const [, denomination, number] = key.split("/");
      return {
        denomination: Number(denomination),
        number: Number(number),
        record: decode<CoinRecord>(bytes),
      };
    });
  }

  async withdrawals(): Promise<{ readonly number: number; readonly record: WithdrawalRecord }[]> {
    const entries = await this.tx.list("withdrawal/");
    return entries.map(([key, bytes]) => ({
      number: Number(key.slice("withdrawal/".length)),
      record: decode<WithdrawalRecord>(bytes),
    }));
  }

  withdrawal(number: number): Promise<WithdrawalRecord | null> {
    return this.#get<WithdrawalRecord>(withdrawalKey(number));
  }

  putWithdrawal(number: number, record: WithdrawalRecord): void {
    this.tx.put(withdrawalKey(number), encode(record));
  }

  deleteWithdrawal(number: number): void {
    this.tx.delete(withdrawalKey(number));
  }

  bill(period: number): Promise<BillRecord | null> {
    return this.#get<BillRecord>(`bill/${period}`);
  }

  putBill(period: number, record: BillRecord): void {
    this.tx.put(`bill/${period}`, encode(record));
  }

  deleteBill(period: number): void {
    this.tx.delete(`bill/${period}`);
  }

  /** Periods that were settled and forgotten: their tokens are not taken again. */
  async forgotten(): Promise<ReadonlySet<number>> {
    const marks = await this.tx.list(FORGOTTEN);
    return new Set(marks.map(([key]) => Number(key.slice(FORGOTTEN.length))));
  }

  putForgotten(period: number): void {
    this.tx.put(`${FORGOTTEN}${period}`, encode({}));
  }

  async numbers(denomination: number): Promise<NumberRecord> {
    const record = await this.#get<NumberRecord>(`meta/numbers/${denomination}`);
    return record ?? { next: 0, returned: [] };
  }

  putNumbers(denomination: number, record: NumberRecord): void {
    this.tx.put(`meta/numbers/${denomination}`, encode(record));
  }

  /** The number after the highest that a token of this denomination ever had, forgotten ones too. */
  async nextToken(denomination: number): Promise<number> {
    const record = await this.#get<{ next: number }>(`meta/next-token/${denomination}`);
    return record?.next ?? 0;
  }

  async raiseNextToken(denomination: number, next: number): Promise<void> {
    if (next <= (await this.nextToken(denomination))) return;
    this.tx.put(`meta/next-token/${denomination}`, encode({ next }));
  }

  /** `null` before the first basket. */
  basketPlan(): Promise<BasketPlan | null> {
    return this.#get<BasketPlan>("meta/basket-plan");
  }

  putBasketPlan(plan: BasketPlan): void {
    this.tx.put("meta/basket-plan", encode(plan));
  }

  /** Counts on: 0, 1, 2, … under this name. */
  async count(name: string): Promise<number> {
    const count = (await this.#get<{ count: number }>(`meta/count/${name}`))?.count ?? 0;
    this.tx.put(`meta/count/${name}`, encode({ count: count + 1 }));
    return count;
  }

  /** YYYYMM: the first month in which a withdrawn coin may be shown; `null` before any withdrawal. */
  async firstSpendable(): Promise<number | null> {
    return (await this.#get<{ month: number }>("meta/first-spendable"))?.month ?? null;
  }

  putFirstSpendable(month: number): void {
    this.tx.put("meta/first-spendable", encode({ month }));
  }

  async addEvidence(record: EvidenceRecord): Promise<void> {
    this.tx.put(`evidence/${padded(await this.count("evidence"))}`, encode(record));
  }

  async evidence(): Promise<EvidenceRecord[]> {
    return (await this.tx.list("evidence/")).map(([, bytes]) => decode<EvidenceRecord>(bytes));
  }

  /** Times of the dummies that are left of a month; `null` if none were drawn. */
  async dummies(month: number): Promise<readonly number[] | null> {
    return (await this.#get<{ times: number[] }>(`dummies/${month}`))?.times ?? null;
  }

  putDummies(month: number, times: readonly number[]): void {
    this.tx.put(`dummies/${month}`, encode({ times }));
  }

  async #get<T>(key: string): Promise<T | null> {
    const bytes = await this.tx.get(key);
    return bytes === undefined ? null : decode<T>(bytes);
  }
}

/** The number of the coin that pays for a token. */
export function coinNumber({ number, spare }: TokenRecord): number {
  return spare ?? number;
}

/** A coin that was withdrawn or refreshed, as it is kept. */
export function freeCoin({ mintKeyId, id, secret }: Coin, spendableFrom: number): CoinRecord {
  return { mintKeyId, id, secret, spendableFrom, state: "free" };
}

/** JSON; byte strings as `{"hex": "…"}`. */
function encode(record: object): Uint8Array {
  return utf8ToBytes(
    // `this[key]`: a Node.js Buffer has turned itself into something else before `value` is seen.
    JSON.stringify(record, function (this: Record<string, unknown>, key, value: unknown) {
      const bytes = this[key];
      return bytes instanceof Uint8Array ? { hex: bytesToHex(bytes) } : value;
    }),
  );
}

function decode<T>(bytes: Uint8Array): T {
  const fault = (_why: string, _field: string, cause: unknown) =>
    residentErrors.errorFrom({
      key: "bad-books",
      message: "a record of the books is not readable",
      cause,
    });
  return parseJson(bytes, fault, (_key, value) => {
    const isHex = typeof value === "object" && value !== null && "hex" in value;
    return isHex ? hexToBytes(String(value.hex)) : value;
  }) as T;
}
