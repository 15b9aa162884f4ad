/**
 * The resident's device: pays the meter's tokens, checks the receipts, combines them. It is not
 * trusted by anyone, needs no zero-knowledge proof, and may die at any point: every step is written
 * down before its effect leaves the device, and can be repeated without paying twice.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { shuffled, type Address, type G1Point } from "../algebra/index.js";
import type { ECashWallet, Memo } from "../ecash/index.js";
import { isSipsterError, type SipsterError } from "../errors/sipster-error.js";
import {
  combine,
  findBadReceipts,
  recoverMeter,
  verifyCombined,
  writeBillFile,
  type HexAddress,
  type SettlementSystem,
  type SignedBill,
  type Suite,
  type Token,
  type UtilityPublicKey,
} from "../sipster/index.js";
import type { Store } from "../store/index.js";
import { Books, type OrderedToken, type TokenRecord } from "./books.js";
import { residentErrors } from "./errors.js";
import { immediately, type Schedule } from "./schedule.js";
import type { ReceiptSeller, Sale } from "./seller.js";

export interface ResidentSettings {
  readonly system: SettlementSystem;
  readonly suite: Suite;
  readonly wallet: ECashWallet;
  /** The utility's key of each epoch: pinned, as registered on-chain. */
  readonly keys: ReadonlyMap<number, UtilityPublicKey>;
  /** Who redeems the coins. */
  readonly payee: Address;
  readonly store: Store;
  /** Unix seconds. */
  readonly now: () => bigint;
  /** How long a payment may be on its way, in seconds; a day when absent. */
  readonly validFor?: bigint;
}

export interface PaymentResult {
  /** Tokens whose receipts came and were verified, in this run. */
  readonly paid: number;
  /** Tokens still without a verified receipt. */
  readonly unpaid: number;
}

const NOTHING = new Uint8Array();

export class Resident {
  constructor(private readonly settings: ResidentSettings) {}

  /** Takes tokens from the meter; those known already are passed over. */
  async accept(tokens: Iterable<Token>): Promise<void> {
    const { suite, store } = this.settings;
    await store.transaction(async (tx) => {
      const books = new Books(tx);
      for (const token of tokens) {
        const hash = this.#hash(token);
        if ((await books.token(hash)) !== null) continue;
        const { denomination } = token;
        books.putToken(hash, { stage: "emitted", token: suite.encode(token), denomination });
      }
    });
  }

  /**
   * Pays every token that has no verified receipt, in random order, each in a connection of its own:
   * chooses a coin, writes token and payment down, sends, writes the receipt down; then verifies all
   * receipts together. Call it again after a crash or an error: nothing is paid twice.
   * @throws resident/no-coin, bad-receipts, unproven-refusal, and what the seller throws
   */
  async pay(seller: ReceiptSeller, schedule: Schedule = immediately): Promise<PaymentResult> {
    let missing: number;
    let dropped: number;
    let refusal: unknown = null;
    do {
      dropped = 0;
      missing = await this.#order();
      for (const { hash, record } of shuffled(await this.#at("ordered"))) {
        await schedule.wait();
        try {
          if ((await this.#buy(hash, record as OrderedToken, seller)) === "coin-dropped") dropped++;
        } catch (error) {
          // One refusal must not keep the others from being paid.
          refusal ??= error;
        }
      }
      // A token whose coin was dropped gets another one.
    } while (dropped > 0);
    const paid = await this.verify();
    if (refusal !== null) throw refusal;
    if (missing > 0) {
      throw residentErrors.error(
        "no-coin",
        `${missing} tokens have no coin of their denomination`,
        {
          missing,
        },
      );
    }
    const unpaid = await this.#count((r) => r.stage !== "verified");
    return { paid, unpaid };
  }

  /**
   * After a loss of the books: asks for the receipts of accepted tokens that were paid before. No
   * coin is shown, because a second coin with a paid token would tie the two to one home. Tokens that
   * are not paid wait for `pay`. Returns how many receipts came and are verified.
   * @throws resident/bad-receipts, and what the seller throws
   */
  async recover(seller: ReceiptSeller, schedule: Schedule = immediately): Promise<number> {
    for (const { hash, record } of shuffled(await this.#at("emitted"))) {
      await schedule.wait();
      const { token, denomination } = record;
      try {
        const { receipt } = await seller.sell({ token, payment: NOTHING });
        const paid = { token, denomination, coin: NOTHING, coinId: "", payment: NOTHING };
        await this.#put(hash, { ...paid, stage: "receipted", receipt });
      } catch (error) {
        if (!isSipsterError(error, "utility/payment-required")) throw error;
      }
    }
    return this.verify();
  }

  /**
   * Verifies the receipts that came and were not verified yet, as one weighted batch. Bad ones go
   * back to being ordered. Returns how many are verified now that were not before.
   * @throws resident/bad-receipts, with the hashes of their tokens
   */
  async verify(): Promise<number> {
    const { suite, store, keys } = this.settings;
    const { curve } = suite;
    const open = await this.#at("receipted");
    const items = open.flatMap(({ hash, record }) => {
      if (record.stage !== "receipted") return [];
      const token = suite.decode(record.token);
      return [{ hash, record, token, point: suite.point(token) }];
    });
    const bad = new Set<string>();
    for (const [keyEpoch, key] of keys) {
      const group = items
        .filter((i) => i.token.keyEpoch === keyEpoch)
        .map((i) => ({ ...i, receipt: curve.g1.decode(i.record.receipt) }));
      for (const index of findBadReceipts(curve, key, group)) bad.add(group[index]!.hash);
    }
    for (const i of items) if (!keys.has(i.token.keyEpoch)) bad.add(i.hash);
    await store.transaction(async (tx) => {
      const books = new Books(tx);
      for (const { hash, record } of items) {
        const { receipt, ...order } = record;
        const { token, denomination } = order;
        if (!bad.has(hash)) books.putToken(hash, { ...order, receipt, stage: "verified" });
        // A receipt asked for without a coin has no order to go back to.
        else if (order.coinId === "")
          books.putToken(hash, { stage: "emitted", token, denomination });
        else books.putToken(hash, { ...order, stage: "ordered" });
      }
    });
    if (bad.size > 0) {
      throw residentErrors.error(
        "bad-receipts",
        `${bad.size} of ${items.length} receipts are not under the utility's key`,
        { tokens: [...bad].join(" ") },
      );
    }
    return items.length;
  }

  /**
   * `Combine`: the bill file of a period, from the verified receipts of all its tokens. `blinding` is
   * used and not kept. Checks the result as the contract will.
   * @param meter the address of the resident's own meter
   * @throws resident/unpaid-tokens, wrong-meter, bill-mismatch
   */
  async combine(
    bill: SignedBill,
    tokens: Iterable<Token>,
    blinding: bigint,
    meter: HexAddress,
  ): Promise<string> {
    const { suite, system, keys } = this.settings;
    const { curve } = suite;
    const signer = recoverMeter(system, bill);
    if (signer !== meter) {
      throw residentErrors.error("wrong-meter", `the bill is signed by ${signer}, not ${meter}`);
    }
    const key = keys.get(bill.keyEpoch);
    const receipts = await this.#receipts(tokens);
    if (key !== undefined) {
      const combined = combine(curve, receipts, blinding, key);
      if (verifyCombined(curve, key, curve.g1.decode(bill.r), combined)) {
        return writeBillFile(curve, { system, meter, bill, combined });
      }
    }
    throw residentErrors.error(
      "bill-mismatch",
      `${receipts.length} receipts do not add up to the bill of period ${bill.period}`,
      { period: bill.period, keyEpoch: bill.keyEpoch },
    );
  }

  /** After settlement: drops the records of these tokens. Whoever finds the device learns less. */
  async forget(tokens: Iterable<Token>): Promise<void> {
    const hashes = [...tokens].map((t) => this.#hash(t));
    await this.settings.store.transaction(async (tx) => {
      const books = new Books(tx);
      for (const hash of hashes) books.deleteToken(hash);
    });
  }

  async #receipts(tokens: Iterable<Token>): Promise<G1Point[]> {
    const { suite, store } = this.settings;
    const receipts: G1Point[] = [];
    let unpaid = 0;
    await store.transaction(async (tx) => {
      const books = new Books(tx);
      for (const token of tokens) {
        const record = await books.token(this.#hash(token));
        if (record?.stage === "verified") receipts.push(suite.curve.g1.decode(record.receipt));
        else unpaid++;
      }
    });
    if (unpaid > 0) {
      throw residentErrors.error(
        "unpaid-tokens",
        `${unpaid} of ${unpaid + receipts.length} tokens have no verified receipt`,
        { unpaid },
      );
    }
    return receipts;
  }

  /** Chooses a coin for every emitted token and writes the payments down. Returns how many lack one. */
  async #order(): Promise<number> {
    return this.settings.store.transaction(async (tx) => {
      const books = new Books(tx);
      const emitted = (await books.tokens()).filter(({ record }) => record.stage === "emitted");
      const free = new Map<number, { id: string; coin: Uint8Array }[]>();
      let missing = 0;
      for (const { hash, record } of emitted) {
        const { token, denomination } = record;
        if (!free.has(denomination)) {
          free.set(denomination, shuffled(await books.coins(denomination)));
        }
        const next = free.get(denomination)!.pop();
        if (next === undefined) {
          missing++;
          continue;
        }
        books.deleteCoin(denomination, next.id);
        books.putToken(hash, this.#ordered(token, denomination, next.id, next.coin));
      }
      return missing;
    });
  }

  #ordered(
    token: Uint8Array,
    denomination: number,
    coinId: string,
    coin: Uint8Array,
  ): OrderedToken {
    const { suite, wallet, payee, now, validFor = 86_400n } = this.settings;
    const decoded = suite.decode(token);
    const memo: Memo = { tokenHash: suite.hash(decoded), payee, keyEpoch: decoded.keyEpoch };
    const payment = wallet.pay(coin, memo, now() + validFor);
    return { stage: "ordered", token, denomination, coin, coinId, payment };
  }

  async #buy(
    hash: string,
    order: OrderedToken,
    seller: ReceiptSeller,
    mayRenew = true,
  ): Promise<"receipted" | "coin-dropped"> {
    let sale: Sale;
    try {
      sale = await seller.sell({ token: order.token, payment: order.payment });
    } catch (error) {
      if (isSipsterError(error, "ecash/expired") && mayRenew) {
        // Too long on its way: the same coin pays for the same token again.
        const renewed = this.#ordered(order.token, order.denomination, order.coinId, order.coin);
        await this.#put(hash, renewed);
        return this.#buy(hash, renewed, seller, false);
      }
      if (isSipsterError(error) && typeof error.details.earlier === "string") {
        await this.#dropCoin(hash, order, error);
        return "coin-dropped";
      }
      throw error;
    }
    const { denomination, coin, coinId } = order;
    await this.settings.store.transaction(async (tx) => {
      const books = new Books(tx);
      books.putToken(hash, { ...order, stage: "receipted", receipt: sale.receipt });
      if (!sale.coinTaken) books.putCoin({ denomination, id: coinId, secret: coin });
    });
    return "receipted";
  }

  /**
   * The utility says that the coin was spent on something else. With proof (a payment only this
   * wallet can have made, as after restoring old books) the coin is dropped and the token waits for
   * another one; without, the utility is lying.
   */
  async #dropCoin(hash: string, order: OrderedToken, refusal: SipsterError): Promise<void> {
    const earlier = hexToBytes(String(refusal.details.earlier));
    if (!this.settings.wallet.provesDoubleSpend(earlier, order.payment)) {
      throw residentErrors.error(
        "unproven-refusal",
        `coin ${order.coinId} is said to be spent, and what was shown does not prove it`,
        { coin: order.coinId },
        refusal,
      );
    }
    const { token, denomination } = order;
    await this.#put(hash, { stage: "emitted", token, denomination });
  }

  async #put(hash: string, record: TokenRecord): Promise<void> {
    await this.settings.store.transaction(async (tx) => new Books(tx).putToken(hash, record));
  }

  #at(stage: TokenRecord["stage"]): Promise<{ hash: string; record: TokenRecord }[]> {
    return this.settings.store.transaction(async (tx) =>
      (await new Books(tx).tokens()).filter(({ record }) => record.stage === stage),
    );
  }

  async #count(wanted: (record: TokenRecord) => boolean): Promise<number> {
    const all = await this.settings.store.transaction((tx) => new Books(tx).tokens());
    return all.filter(({ record }) => wanted(record)).length;
  }

  #hash(token: Token): string {
    return bytesToHex(this.settings.suite.hash(token));
  }
}
