/**
 * The utility at the board: every valid order that stands there is answered there, because no wallet
 * settles before. Anybody posts anything, so a pass asks the counter about a bounded number of orders and
 * pays for a bounded number of answers. What is not an order costs a look, what is not paid for costs a
 * check, and neither is answered. Of the orders that one coin was posted with on one day the first alone
 * is answered: wallets wait for no other.
 */
import { isSipsterError } from "../errors/sipster-error.js";
import { answerContent, parseRequestContent, type Answer, type Order } from "../exchange/index.js";
import type { Counter } from "./counter.js";

/** The board as the utility sees it. */
export interface AnswerableBoard {
  /** What came since the last time, as of a final block. */
  news(): Promise<{
    readonly block: number;
    readonly posts: readonly {
      readonly orderHash: string;
      readonly order: Uint8Array;
      /** Unix seconds. */
      readonly at: number;
    }[];
    /** Hashes of the orders that this utility has answered, its own answers alone. */
    readonly answered: readonly string[];
  }>;
  /** Posts an answer. @returns the block that it is in */
  answer(orderHash: string, answer: Uint8Array): Promise<number>;
}

/** What one pass did. Counts of orders. */
export interface BoardPass {
  answered: number;
  /** Not orders, not paid for, or of a coin that was posted before: not answered. */
  refused: number;
  /** Left for the next pass. */
  left: number;
}

/** Orders that the counter is asked about in a pass. */
const ASKED_TOGETHER = 256;
/** Answers that are paid for in a pass. */
const ANSWERED_TOGETHER = 16;
const DAY = 86_400;

interface OpenOrder {
  readonly content: Uint8Array;
  readonly order: Order;
  /** Unix seconds. */
  readonly at: number;
  /** The block of the answer, which may not be final yet; `null` before. */
  answeredIn: number | null;
}

export class BoardAnswers {
  readonly #open = new Map<string, OpenOrder>();
  /** Posted again by anybody, they are not answered again. */
  readonly #answered = new Set<string>();
  /** Per coin and day of posting, the hash of the order that counts. */
  readonly #firstWith = new Map<string, string>();

  constructor(
    private readonly counter: Pick<Counter, "answerPosted">,
    private readonly board: AnswerableBoard,
    /** Names the coin of a payment. */
    private readonly coinId: (payment: Uint8Array) => string,
  ) {}

  /** One pass over what stands open. @throws what the board throws; then the next pass goes on */
  async step(): Promise<BoardPass> {
    const pass: BoardPass = { answered: 0, refused: 0, left: 0 };
    await this.#read(pass);
    const due = [...this.#open].filter(([, { answeredIn }]) => answeredIn === null);
    const asked = due.slice(0, ASKED_TOGETHER);
    const answers = await Promise.all(asked.map(([, open]) => this.#ask(open)));
    const good: [orderHash: string, open: OpenOrder, answer: Answer][] = [];
    for (const [i, [hash, open]] of asked.entries()) {
      const answer = answers[i]!;
      // In the order of the board: what comes after waits too, so that the first of a coin stays it.
      if (answer === "later" || good.length === ANSWERED_TOGETHER) break;
      if (answer !== null && this.#counts(hash, open)) {
        good.push([hash, open, answer]);
      } else {
        pass.refused++;
        this.#open.delete(hash);
      }
    }
    const sent = good.map(async ([hash, open, answer]) => {
      open.answeredIn = await this.board.answer(hash, answerContent(answer));
      pass.answered++;
    });
    const failed = (await Promise.allSettled(sent)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
    pass.left = [...this.#open.values()].filter(({ answeredIn }) => answeredIn === null).length;
    return pass;
  }

  async #read(pass: BoardPass): Promise<void> {
    const { block, posts, answered } = await this.board.news();
    for (const hash of answered) this.#answered.add(hash);
    for (const { orderHash, order: content, at } of posts) {
      if (this.#open.has(orderHash) || this.#answered.has(orderHash)) continue;
      const order = orderOf(content);
      if (order === null) pass.refused++;
      else this.#open.set(orderHash, { content, order, at, answeredIn: null });
    }
    for (const hash of answered) this.#open.delete(hash);
    for (const open of this.#open.values()) {
      // Final by now, and not among the answers: a reorganisation took it away.
      if (open.answeredIn !== null && open.answeredIn <= block) open.answeredIn = null;
    }
  }

  /** `null`: it gets no answer; "later": the counter could not say. */
  async #ask({ content, at }: OpenOrder): Promise<Answer | null | "later"> {
    const answer = await this.counter.answerPosted(content, BigInt(at));
    if (answer?.kind !== "refused") return answer;
    return answer.code === "utility/busy" ? "later" : null;
  }

  /** Is it the first valid one of its coin on its day? Signed again, it is another order. */
  #counts(hash: string, { order: { payment }, at }: OpenOrder): boolean {
    const key = `${this.coinId(payment)}/${Math.floor(at / DAY)}`;
    const known = this.#firstWith.get(key) ?? hash;
    this.#firstWith.set(key, known);
    return known === hash;
  }
}

/** `null`: the content is not an order. */
function orderOf(content: Uint8Array): Order | null {
  try {
    const { request } = parseRequestContent(content);
    return request.kind === "buy" ? request.order : null;
  } catch (error) {
    if (isSipsterError(error)) return null;
    throw error;
  }
}
