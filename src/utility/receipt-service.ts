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
 * Requests that arrive while others are being served are served together: one weighted check of all
 * their coins, one transaction.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Address } from "../algebra/index.js";
import type { ECashAcceptor } from "../ecash/index.js";
import { ExitCode, isSipsterError, type SipsterError } from "../errors/sipster-error.js";
import {
  decodeReceiptRequest,
  encodeReceiptResponse,
  type CheckedToken,
  type Denominations,
  type ReceiptIssuer,
  type ReceiptRequest,
  type ReceiptResponse,
  type Suite,
  type TokenHash,
} from "../sipster/index.js";
import type { Store, Transaction } from "../store/index.js";
import { bind, boundCoin } from "./binding.js";
import { utilityErrors } from "./errors.js";
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

/** Requests served together: enough for the weighted check to pay, few enough to answer soon. */
const MAX_TOGETHER = 64;
/** Requests that may wait; more are told to come back. */
const MAX_WAITING = 10_000;

interface Waiting {
  readonly request: Uint8Array;
  readonly answer: (response: ReceiptResponse) => void;
}

/** A request on its way: everything but its answer. */
interface Order {
  readonly waiting: Waiting;
  readonly epoch: ServedEpoch;
  readonly token: CheckedToken;
  readonly hash: TokenHash;
  /** The hash in hexadecimal. */
  readonly key: string;
  readonly payment: Uint8Array;
}

export class ReceiptService {
  readonly #epochs: ReadonlyMap<number, ServedEpoch>;
  readonly #waiting: Waiting[] = [];
  #serving = false;

  constructor(private readonly setup: ReceiptServiceSetup) {
    this.#epochs = new Map(setup.epochs.map((epoch) => [epoch.issuer.keyEpoch, epoch]));
  }

  /** Answers one encoded request. Never throws: what is wrong is in the answer. */
  async answer(request: Uint8Array): Promise<Uint8Array> {
    return encodeReceiptResponse(
      await new Promise<ReceiptResponse>((answer) => {
        if (this.#waiting.length >= MAX_WAITING) {
          answer(refusal(utilityErrors.error("busy", `${MAX_WAITING} requests are waiting`)));
          return;
        }
        this.#waiting.push({ request, answer });
        if (!this.#serving) void this.#serve();
      }),
    );
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MAX_TOGETHER);
      try {
        await this.#serveTogether(group);
      } catch (error) {
        // The store or a worker failed. What was bound is bound, so asking again is safe.
        for (const { answer } of group) answer(refusal(error));
      }
    }
    this.#serving = false;
  }

  async #serveTogether(group: readonly Waiting[]): Promise<void> {
    const { store, ecash, clock, payee } = this.setup;
    const orders = group.flatMap((waiting) => this.#check(waiting) ?? []);
    const paid = await store.transaction((tx) => findPaid(tx, orders));
    const open = orders.filter((order) => !paid.has(order));
    const verdicts = ecash.verify(
      open.map(({ payment, hash, token: { token } }) => ({
        payment,
        memo: { tokenHash: hash, payee, keyEpoch: token.keyEpoch },
        denomination: token.denomination,
      })),
      clock(),
    );
    const good: Order[] = [];
    open.forEach((order, i) => {
      const verdict = order.payment.length === 0 ? paymentRequired() : verdicts[i]!;
      if (verdict === null) good.push(order);
      else order.waiting.answer(refusal(verdict));
    });
    const bound = await this.#bind(good);
    await this.#make([...paid, ...bound]);
  }

  /** A checked order, or `null` if the request is answered already. */
  #check(waiting: Waiting): Order | null {
    const { suite, denominations } = this.setup;
    try {
      const request: ReceiptRequest = decodeReceiptRequest(waiting.request);
      const token = suite.decode(request.token);
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
      return { waiting, epoch, token: checked, hash, key, payment: request.payment };
    } catch (error) {
      waiting.answer(refusal(error));
      return null;
    }
  }

  /** Binds coins and tokens in one transaction; answers conflicts. Returns the orders that are paid. */
  async #bind(orders: readonly Order[]): Promise<readonly Order[]> {
    if (orders.length === 0) return [];
    const { store, ecash } = this.setup;
    const outcomes = await store.transaction(async (tx) => {
      const results = [];
      for (const order of orders) {
        results.push(
          await bind(tx, ecash, order.key, order.token.token.denomination, order.payment),
        );
      }
      return results;
    });
    return orders.filter((order, i) => {
      const outcome = outcomes[i]!;
      if (outcome.kind !== "conflict") return true;
      order.waiting.answer({ status: 409, earlier: outcome.earlier });
      return false;
    });
  }

  async #make(orders: readonly Order[]): Promise<void> {
    await Promise.all(
      [...this.#epochs.values()].map(async (epoch) => {
        const mine = orders.filter((order) => order.epoch === epoch);
        if (mine.length === 0) return;
        const receipts = await epoch.maker.make(mine.map((order) => order.token));
        mine.forEach(({ waiting }, i) => {
          waiting.answer({ status: 200, receipt: receipts[i]! });
        });
      }),
    );
  }
}

async function findPaid(tx: Transaction, orders: readonly Order[]): Promise<Set<Order>> {
  const paid = new Set<Order>();
  for (const order of orders) {
    if ((await boundCoin(tx, order.key)) !== undefined) paid.add(order);
  }
  return paid;
}

function paymentRequired(): SipsterError {
  return utilityErrors.error(
    "payment-required",
    "the token is not paid and came without a payment",
  );
}

function refusal(error: unknown): ReceiptResponse {
  if (!isSipsterError(error)) {
    // A defect: nothing of it is told to a stranger.
    return { status: 503, code: "utility/busy", message: "the request could not be served" };
  }
  return { status: statusOf(error), code: error.code, message: error.message };
}

function statusOf(error: SipsterError): 400 | 402 | 410 | 503 {
  if (error.code === "ecash/expired") return 410;
  if (error.code === "utility/payment-required") return 402;
  if (error.exitCode === ExitCode.TryAgain || error.exitCode === ExitCode.Unavailable) return 503;
  return error.code.startsWith("ecash/") ? 402 : 400;
}
