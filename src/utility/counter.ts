/**
 * The utility's counter: takes one token and one coin, gives one receipt (`ReceiptGen` of Chow, Li,
 * Zhao, Jin, ACSAC 2021, §4, with an accountable exchange of coin for receipt around it), and changes
 * coins for fresh ones.
 *
 * In one transaction of the book the coin is bound to the token and the token to the coin; only then
 * is the receipt computed and sent. So the same request gets the same receipt after any
 * failure, and nothing is charged again. A coin that was used for something else, or a token that
 * was paid with another coin, is answered with the earlier payment: without it the answer would be
 * worth nothing.
 *
 * Requests that arrive while others are being served are served together: one weighted check of all
 * their coins, one transaction.
 */
import {
  decodeRequest,
  encodeAnswer,
  parseRequestContent,
  type Answer,
  type AnswerSigner,
} from "../exchange/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import type { CoinUse, CounterBook, Sales, UseOutcome } from "./counter-book.js";
import { utilityErrors } from "./errors.js";
import { OrderCheck, type CheckedRequest, type CounterRules } from "./order-check.js";
import { refusal } from "./refusal.js";
import { verifyAt } from "./verify-at.js";

export interface CounterSetup extends CounterRules {
  readonly book: CounterBook;
  /** Signs the answers. */
  readonly answers: AnswerSigner;
  /** Unix seconds. */
  readonly clock: () => bigint;
}

/** Requests served together: enough for the weighted check to pay, few enough to answer soon. */
const MAX_TOGETHER = 256;
/** Requests that may wait; more are told to come back. */
const MAX_WAITING = 10_000;

interface Waiting {
  readonly checked: CheckedRequest;
  /** When the order was posted, Unix seconds; `null`: it came just now. */
  readonly postedAt: bigint | null;
  readonly resolve: (answer: Answer) => void;
}

interface Bound {
  readonly waiting: Waiting;
  readonly outcome: UseOutcome;
}

export class Counter {
  readonly #check: OrderCheck;
  readonly #waiting: Waiting[] = [];
  #serving = false;
  /** The receipts of the last group, on their way while the next group's coins are checked. */
  #making: Promise<void> = Promise.resolve();

  constructor(private readonly setup: CounterSetup) {
    this.#check = new OrderCheck(setup);
  }

  /**
   * Answers one request: `REQUEST_BYTES` in, `ANSWER_BYTES` out. What is wrong with a request is in
   * its signed answer.
   * @throws exchange/bad-request if the bytes are not a request
   */
  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    const { request, hash } = decodeRequest(bytes);
    let answer: Answer;
    try {
      answer = request.kind === "health" ? { kind: "healthy" } : await this.#queue(request);
    } catch (error) {
      answer = refusal(error);
    }
    return encodeAnswer(this.setup.answers, hash, answer);
  }

  /**
   * Answers an order that stands on the board. It was in time if it was so when it was posted.
   * @param content of a request, as posted by anybody
   * @param postedAt Unix seconds, of the post's final block
   * @returns `null` if the content is not an order
   */
  async answerPosted(content: Uint8Array, postedAt: bigint): Promise<Answer | null> {
    try {
      const { request } = parseRequestContent(content);
      return request.kind === "buy" ? await this.#queue(request, postedAt) : null;
    } catch (error) {
      return isSipsterError(error, "exchange/bad-request") ? null : refusal(error);
    }
  }

  /** What was sold so far. */
  sales(): Promise<Sales> {
    return this.setup.book.sales();
  }

  #queue(
    request: Parameters<OrderCheck["check"]>[0],
    postedAt: bigint | null = null,
  ): Promise<Answer> {
    if (this.#waiting.length >= MAX_WAITING) {
      throw utilityErrors.error("busy", `${MAX_WAITING} requests are waiting`);
    }
    const checked = this.#check.check(request);
    return new Promise((resolve) => {
      this.#waiting.push({ checked, postedAt, resolve });
      if (!this.#serving) void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MAX_TOGETHER);
      // The store or a worker failed. What was bound is bound, so asking again is safe.
      const fail = (error: unknown): void => {
        for (const { resolve } of group) resolve(refusal(error));
      };
      try {
        const bound = await this.#bindTogether(group);
        await this.#making;
        this.#making = this.#make(bound).catch(fail);
      } catch (error) {
        fail(error);
      }
    }
    this.#serving = false;
  }

  /** Verifies payments and binds their coins. Those that are refused are answered. */
  async #bindTogether(group: readonly Waiting[]): Promise<readonly Bound[]> {
    const { book, clock } = this.setup;
    const known = await book.bound(group.map(({ checked }) => checked.use));
    // The same pair again: bound for ever, though the payment may have expired since.
    const again = group.filter((_, i) => known[i]);
    const fresh = group.filter((_, i) => !known[i]);
    const verdicts = verifyAt(this.#check, fresh, clock());
    fresh.forEach(({ resolve }, i) => {
      if (verdicts[i] !== null) resolve(refusal(verdicts[i]));
    });
    const good = fresh.filter((_, i) => verdicts[i] === null);
    const uses: CoinUse[] = good.map(({ checked }) => checked.use);
    const outcomes = good.length === 0 ? [] : await book.bind(uses);
    return [
      ...again.map((waiting) => ({ waiting, outcome: { kind: "bound" } as const })),
      ...good.map((waiting, i) => ({ waiting, outcome: outcomes[i]! })),
    ];
  }

  /** Makes the receipts and blind signatures that are due, and answers. */
  async #make(bound: readonly Bound[]): Promise<void> {
    const due = bound.filter(({ outcome }) => outcome.kind !== "coin-spent");
    const made = await this.#check.make(due.map(({ waiting }) => waiting.checked));
    const results = new Map(due.map(({ waiting }, i) => [waiting, made[i]!]));
    for (const { waiting, outcome } of bound) {
      waiting.resolve(answerOf(waiting.checked, outcome, results.get(waiting)));
    }
  }
}

function answerOf(
  { use }: CheckedRequest,
  outcome: UseOutcome,
  made: Uint8Array | undefined,
): Answer {
  switch (outcome.kind) {
    case "coin-spent":
      return { kind: "coin-spent", proof: outcome.earlier };
    case "token-paid":
      return { kind: "already-paid", receipt: made!, proof: outcome.earlier };
    case "bound":
      return use.token === null
        ? { kind: "refreshed", signature: made! }
        : { kind: "sold", receipt: made! };
  }
}
