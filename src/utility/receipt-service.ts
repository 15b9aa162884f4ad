/**
 * The utility's counter: takes one token and one payment, gives one receipt (`ReceiptGen` of Chow, Li,
 * Zhao, Jin, ACSAC 2021, §4, with an accountable exchange of coin for receipt around it).
 *
 * In one transaction of the store the coin is bound to the token and the token to the coin; only
 * then is the receipt computed and sent. So whatever happens afterwards, the same request gets the
 * same receipt and nothing is charged again. A coin that is bound to another token is refused with
 * the earlier payment, which only the coin's owner can have made. A token that is paid gets its
 * receipt from whoever asks, and takes no coin.
 *
 * Orders that arrive while others are being served are served together: one weighted check of all
 * their coins, one transaction.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Address } from "../algebra/index.js";
import { boundCoins, type ECashAcceptor } from "../ecash/index.js";
import { isSipsterError, type SipsterError } from "../errors/sipster-error.js";
import type {
  CheckedToken,
  Denominations,
  ReceiptIssuer,
  Suite,
  TokenHash,
} from "../sipster/index.js";
import type { Store, Transaction } from "../store/index.js";
import { bind, boundCoin } from "./binding.js";
import { utilityErrors } from "./errors.js";
import type { ReceiptOrder, ReceiptSeller, Sold } from "./receipt-seller.js";
import type { ReceiptMaker } from "./receipt-maker.js";

/** One key epoch that is served. */
export interface ServedEpoch {
  /** Checks tokens; used by this thread only. */
  readonly issuer: ReceiptIssuer;
  readonly maker: ReceiptMaker;
}

export interface ReceiptServiceSetup {
  readonly suite: Suite;
  readonly epochs: readonly ServedEpoch[];
  readonly denominations: Denominations;
  readonly ecash: ECashAcceptor;
  /** Whom payments name as payee. */
  readonly payee: Address;
  readonly store: Store;
  /** Unix seconds. */
  readonly clock: () => bigint;
}

/** Orders served together: enough for the weighted check to pay, few enough to answer soon. */
const MAX_TOGETHER = 256;
/** Orders that may wait; more are told to come back. */
const MAX_WAITING = 10_000;

interface Waiting {
  readonly order: ReceiptOrder;
  readonly resolve: (sold: Sold) => void;
  readonly reject: (error: unknown) => void;
}

/** An order whose token is good. */
interface CheckedOrder {
  readonly waiting: Waiting;
  readonly epoch: ServedEpoch;
  readonly token: CheckedToken;
  readonly hash: TokenHash;
  /** The hash in hexadecimal. */
  readonly key: string;
  readonly payment: Uint8Array;
}

export class ReceiptService implements ReceiptSeller {
  readonly #epochs: ReadonlyMap<number, ServedEpoch>;
  readonly #waiting: Waiting[] = [];
  #serving = false;
  /** The receipts of the last group, on their way while the next group's coins are checked. */
  #making: Promise<void> = Promise.resolve();

  constructor(private readonly setup: ReceiptServiceSetup) {
    this.#epochs = new Map(setup.epochs.map((epoch) => [epoch.issuer.keyEpoch, epoch]));
  }

  /**
   * Sells the receipt for one token.
   * @throws sipster/bad-token and the other refusals of tokens, ecash/* for payments,
   *   utility/unknown-key-epoch, unknown-denomination, payment-required, coin-already-bound with the
   *   earlier payment in hexadecimal as `earlier`, busy, worker-failed; store/write-failed
   */
  sell(order: ReceiptOrder): Promise<Sold> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= MAX_WAITING) {
        reject(utilityErrors.error("busy", `${MAX_WAITING} orders are waiting`));
        return;
      }
      this.#waiting.push({ order, resolve, reject });
      if (!this.#serving) void this.#serve();
    });
  }

  /** All coins that are spent, to be published: see `boundCoins`. */
  spentCoins(): Promise<readonly string[]> {
    return this.setup.store.transaction((tx) => boundCoins(tx));
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MAX_TOGETHER);
      // The store or a worker failed. What was bound is bound, so asking again is safe.
      const fail = (error: unknown): void => {
        for (const { reject } of group) reject(error);
      };
      try {
        const { orders, coins } = await this.#bindTogether(group);
        await this.#making;
        this.#making = this.#make(orders, coins).catch(fail);
      } catch (error) {
        fail(error);
      }
    }
    this.#serving = false;
  }

  /** Checks orders and binds their coins. Returns those that are paid and not answered yet. */
  async #bindTogether(group: readonly Waiting[]): Promise<PaidOrders> {
    const { store, ecash, clock, payee } = this.setup;
    const orders = group.flatMap((waiting) => this.#check(waiting) ?? []);
    const coins = await store.transaction((tx) => findCoins(tx, orders));
    const paid = orders.filter((order) => coins.has(order));
    const open = orders.filter((order) => !coins.has(order));
    const verdicts = ecash.verify(
      open.map(({ payment, hash, token: { token } }) => ({
        payment,
        memo: { tokenHash: hash, payee, keyEpoch: token.keyEpoch },
        denomination: token.denomination,
      })),
      clock(),
    );
    const good: CheckedOrder[] = [];
    open.forEach((order, i) => {
      const verdict = order.payment.length === 0 ? paymentRequired() : verdicts[i]!;
      if (verdict === null) good.push(order);
      else order.waiting.reject(verdict);
    });
    for (const { order, coin } of await this.#bind(good)) coins.set(order, coin);
    return { orders: [...paid, ...good.filter((order) => coins.has(order))], coins };
  }

  /** The checked order, or `null` if it is refused already. */
  #check(waiting: Waiting): CheckedOrder | null {
    const { suite, denominations } = this.setup;
    try {
      const token = suite.decode(waiting.order.token);
      if (!denominations.includes(token.denomination)) {
        throw utilityErrors.error(
          "unknown-denomination",
          `a token of ${token.denomination} units is not sold`,
          { denomination: token.denomination },
        );
      }
      const epoch = this.#epochs.get(token.keyEpoch);
      if (epoch === undefined) {
        throw utilityErrors.error(
          "unknown-key-epoch",
          `key epoch ${token.keyEpoch} is not served`,
          { keyEpoch: token.keyEpoch },
        );
      }
      const checked = epoch.issuer.check(token);
      const hash = suite.hash(token);
      const key = bytesToHex(hash);
      return { waiting, epoch, token: checked, hash, key, payment: waiting.order.payment };
    } catch (error) {
      waiting.reject(error);
      return null;
    }
  }

  /** Binds coins and tokens in one transaction. Orders whose coin is bound elsewhere are refused. */
  async #bind(orders: readonly CheckedOrder[]): Promise<readonly BoundOrder[]> {
    if (orders.length === 0) return [];
    const { store, ecash } = this.setup;
    const outcomes = await store.transaction(async (tx) => {
      const results = [];
      for (const { key, token, payment } of orders) {
        results.push(await bind(tx, ecash, key, token.token.denomination, payment));
      }
      return results;
    });
    return orders.flatMap((order, i) => {
      const outcome = outcomes[i]!;
      if ("coin" in outcome) return { order, coin: outcome.coin };
      order.waiting.reject(
        utilityErrors.error("coin-already-bound", "the coin was paid for another token before", {
          earlier: bytesToHex(outcome.earlier),
        }),
      );
      return [];
    });
  }

  /** Makes the receipts of paid tokens and answers their orders. `coins`: which paid for each. */
  async #make(
    orders: readonly CheckedOrder[],
    coins: ReadonlyMap<CheckedOrder, string>,
  ): Promise<void> {
    await Promise.all(
      [...this.#epochs.values()].map(async (epoch) => {
        const mine = orders.filter((order) => order.epoch === epoch);
        if (mine.length === 0) return;
        const receipts = await epoch.maker.make(mine.map((order) => order.token));
        mine.forEach((order, i) => {
          const coinTaken = this.#coinOf(order.payment) === coins.get(order);
          order.waiting.resolve({ receipt: receipts[i]!, coinTaken });
        });
      }),
    );
  }

  #coinOf(payment: Uint8Array): string | null {
    try {
      return this.setup.ecash.coinId(payment);
    } catch (error) {
      if (isSipsterError(error, "ecash/bad-payment")) return null;
      throw error;
    }
  }
}

interface PaidOrders {
  readonly orders: readonly CheckedOrder[];
  /** Which coin paid for each. */
  readonly coins: ReadonlyMap<CheckedOrder, string>;
}

interface BoundOrder {
  readonly order: CheckedOrder;
  readonly coin: string;
}

/** The coins of the orders that are paid. */
async function findCoins(
  tx: Transaction,
  orders: readonly CheckedOrder[],
): Promise<Map<CheckedOrder, string>> {
  const coins = new Map<CheckedOrder, string>();
  for (const order of orders) {
    const coin = await boundCoin(tx, order.key);
    if (coin !== undefined) coins.set(order, coin);
  }
  return coins;
}

function paymentRequired(): SipsterError {
  return utilityErrors.error(
    "payment-required",
    "the token is not paid and came without a payment",
  );
}
