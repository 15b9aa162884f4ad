/**
 * What the protocol needs of an e-cash: coins of public denominations, bought blindly, each of which
 * pays for one token and can be bound to no second one. Everything that crosses this interface or
 * must survive a crash is bytes, so that callers store and send it without knowing which e-cash it is.
 *
 * An adapter implements the three parts; `test/ecash/laws.ts` states what must hold of it.
 */
import type { Address } from "../algebra/index.js";
import type { SipsterError } from "../errors/sipster-error.js";

/** What a coin is paid for. Two payments with one coin and different memos are a double spend. */
export interface Memo {
  /** 32 bytes: the hash of the token. */
  readonly tokenHash: Uint8Array;
  /** Who may redeem the payment. */
  readonly payee: Address;
  /** Key epoch of the receipt that is bought. u32. */
  readonly keyEpoch: number;
}

/**
 * Which coin of a wallet. Coins are numbered from 0 in each denomination, over all mint keys: the
 * n-th coin of a denomination pays for the n-th token of it and for nothing else.
 */
export interface CoinNumber {
  /** In units of money. */
  readonly denomination: number;
  /** A safe integer. */
  readonly number: number;
  /**
   * How often this coin was asked for before in a withdrawal that came to nothing; 0 when absent.
   * The coin stays the same, its blinding does not.
   */
  readonly attempt?: number;
}

export interface Withdrawal {
  /** Secret. To be stored before the request is sent: with it `finish` makes the coins. */
  readonly state: Uint8Array;
  /** For the issuer: says nothing about the coins but their denominations. */
  readonly request: Uint8Array;
}

/** One coin to be changed for a fresh one of the same denomination and number. */
export interface Refresh {
  /** Secret, as of a withdrawal: `finish` makes the fresh coin. */
  readonly state: Uint8Array;
  /** What the mint signs. */
  readonly message: RefreshMessage;
}

/** The fresh coin, blinded. A refresh is a payment with the old coin for the hash of this. */
export interface RefreshMessage {
  /** The mint key that signs the fresh coin. u32. */
  readonly mintKeyId: number;
  /** u32. */
  readonly denomination: number;
  readonly message: Uint8Array;
}

export interface Coin extends Omit<CoinNumber, "attempt"> {
  /** u32. */
  readonly mintKeyId: number;
  /** As `coinId` of any payment with this coin. */
  readonly id: string;
  /** The coin itself: these bytes are enough to spend it. */
  readonly secret: Uint8Array;
}

/** The resident's part. `seed` is 32 bytes: all coins derive from it and their numbers. */
export interface ECashWallet {
  /**
   * First step of a withdrawal under the mint key `mintKeyId`: one coin for each number, in order.
   * The same seed and numbers prepare the same again, so a wallet that keeps a copy of its seed can
   * lose everything else.
   * @throws ecash/no-mint-key, ecash/bad-seed
   */
  prepare(mintKeyId: number, coins: readonly CoinNumber[], seed: Uint8Array): Withdrawal;
  /**
   * First step of a refresh: the fresh coin derives from the seed and the old coin, so a restored
   * wallet asks for the same one. @throws ecash/no-mint-key, ecash/bad-coin, ecash/bad-seed
   */
  prepareRefresh(mintKeyId: number, coin: Uint8Array, seed: Uint8Array): Refresh;
  /**
   * Last step of both: checks the issuer's answer and makes the coins. The same state and answer
   * give the same coins. @throws ecash/bad-answer; the state stays good for a right answer
   */
  finish(state: Uint8Array, answer: Uint8Array): readonly Coin[];
  /**
   * Pays with a coin. `expiry` in Unix seconds: the payee takes it no later, unless coin and token
   * are bound to each other by then. The same arguments give the same bytes.
   */
  pay(coin: Uint8Array, memo: Memo, expiry: bigint): Uint8Array;
  /**
   * Is `earlier` proof that this coin was paid for something else before `payment`: a valid payment
   * with the same coin and another memo? Nobody but the coin's owner can make one.
   */
  provesDoubleSpend(earlier: Uint8Array, payment: Uint8Array): boolean;
  /**
   * Is `earlier` proof that another coin than that of `payment` was paid for the same memo: a valid
   * payment with a coin that the mint has signed?
   */
  provesPaid(earlier: Uint8Array, payment: Uint8Array): boolean;
  /** What the payment is for. @throws ecash/bad-payment */
  memo(payment: Uint8Array): Memo;
  /** When the payment expires, Unix seconds. @throws ecash/bad-payment */
  expiry(payment: Uint8Array): bigint;
  /** As {@link ECashAcceptor.coinId}. @throws ecash/bad-payment */
  coinId(payment: Uint8Array): string;
  /** What the payee checks, with the mint's public keys: see {@link ECashAcceptor.verify}. */
  verify(payments: readonly ExpectedPayment[], now: bigint): (SipsterError | null)[];
}

/**
 * The mint's part. Whether a request is paid for is not decided here: who calls `issue` has decided so,
 * durably, for the units that `price` says (see the room `mint`).
 */
export interface ECashIssuer {
  /**
   * What the coins of a request are worth, in units of money. Checks that it can be issued.
   * @throws ecash/bad-request, ecash/no-mint-key
   */
  price(request: Uint8Array): bigint;
  /**
   * Middle step of a withdrawal. Answers a request the same way each time.
   * @throws ecash/bad-request, ecash/no-mint-key
   */
  issue(request: Uint8Array): Promise<Uint8Array>;
}

/** What a payment is checked against. */
export interface ExpectedPayment {
  readonly payment: Uint8Array;
  readonly memo: Memo;
  readonly denomination: number;
}

/** The payee's part. */
export interface ECashAcceptor {
  /**
   * Checks payments, of any coins and memos, at the time `now` (Unix seconds): for each `null` if it
   * is right, else what is wrong with it. One bad payment does not spoil the others.
   */
  verify(payments: readonly ExpectedPayment[], now: bigint): (SipsterError | null)[];
  /** What the payment is for. @throws ecash/bad-payment */
  memo(payment: Uint8Array): Memo;
  /** When the payment expires, Unix seconds. @throws ecash/bad-payment */
  expiry(payment: Uint8Array): bigint;
  /** Identifies the coin: two payments have the same if and only if they are with the same coin.
   *  @throws ecash/bad-payment */
  coinId(payment: Uint8Array): string;
  /**
   * Binds the coin to the memo of this payment, in a transaction of the caller; the payment was
   * verified. @throws ecash/bad-payment
   */
  reserve(book: CoinBook, payment: Uint8Array): Promise<Reservation>;
}

export type ECash = ECashWallet & ECashIssuer & ECashAcceptor;

export type Reservation =
  /** The coin was free and is bound now. */
  | { readonly kind: "ok" }
  /** It was bound to the same memo already. */
  | { readonly kind: "same" }
  /** It is bound to another memo; `earlier` is the payment that did it. */
  | { readonly kind: "conflict"; readonly earlier: Uint8Array };

/** The part of a store's transaction that binding coins needs. */
export interface CoinBook {
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, value: Uint8Array): void;
}
