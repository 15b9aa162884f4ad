/** The utility at the board: every valid order is answered there once, and strangers cost it little. */
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { encodeRequest, parseAnswerContent, requestContent } from "../../src/exchange/index.js";
import { startOfDay } from "../../src/resident/index.js";
import type { Token } from "../../src/sipster/index.js";
import { BoardAnswers, type AnswerableBoard } from "../../src/utility/index.js";
import { exchange, payFor, type Exchange } from "../support/exchange.js";
import { meterPeriod } from "../support/settlement.js";
import { signedAgain } from "../support/signed-again.js";
import { setClock } from "../support/wallet.js";

const curve = await createMclBn254();
const POSTING = startOfDay(202702, 12);

/** A board in memory, a block for each post and answer, all final at once unless told otherwise. */
class Board implements AnswerableBoard {
  readonly answers: [orderHash: string, kind: string, block: number][] = [];
  #block = 0;
  #read = 0;
  #news: { orderHash: string; order: Uint8Array; at: number }[] = [];
  /** The next answers fail, so many. */
  failing = 0;
  /** Blocks that are not final. */
  behind = 0;

  post(order: Uint8Array, at: number, orderHash = Buffer.from(order).toString("hex")): void {
    this.#block++;
    this.#news.push({ orderHash, order, at });
  }

  mine(): void {
    this.#block++;
  }

  /** A reorganisation takes the last answer away. */
  forget(): void {
    this.answers.pop();
  }

  async news() {
    const block = this.#block - this.behind;
    const posts = this.#news.splice(0);
    const answered = this.answers
      .filter(([, , at]) => at > this.#read && at <= block)
      .map(([hash]) => hash);
    this.#read = Math.max(this.#read, block);
    return { block, posts, answered };
  }

  async answer(orderHash: string, answer: Uint8Array): Promise<number> {
    if (this.failing > 0) {
      this.failing--;
      throw new Error("the node is gone");
    }
    this.#block++;
    this.answers.push([orderHash, parseAnswerContent(answer).kind, this.#block]);
    return this.#block;
  }

  get kinds(): string[] {
    return this.answers.map(([, kind]) => kind);
  }
}

describe("the utility at the board", () => {
  let x: Exchange;
  let board: Board;
  /** Orders that the counter was asked about. */
  let asked: number;
  let work: BoardAnswers;

  beforeEach(() => {
    x = exchange(curve);
    board = new Board();
    asked = 0;
    work = start();
    setClock(x, POSTING + 100);
  });

  const start = (): BoardAnswers =>
    new BoardAnswers(
      {
        answerPosted: (content, at) => {
          asked++;
          return x.counter.answerPosted(content, at);
        },
      },
      board,
      (payment) => x.ecash.coinId(payment),
    );

  const tokens = (count: number, seed = "board"): Token[] =>
    meterPeriod(x.world, Array<number>(count).fill(1), { seed }).generated.map((g) => g.token);

  function orderOf(token: Token, coin: Uint8Array): Uint8Array {
    const order = {
      token: x.world.suite.encode(token),
      payment: payFor({ exchange: x, coin, token }),
    };
    return requestContent({ kind: "buy", order });
  }

  it("given an order and junk of strangers, when it passes, then the order is answered, and the junk neither answered nor asked about", async () => {
    const [coin] = await x.coins([1]);
    const [token] = tokens(1);
    const refresh = { mintKeyId: 3, denomination: 1, message: new Uint8Array(64) };
    for (let i = 0; i < 500; i++) board.post(Uint8Array.of(1, 2, i & 255, i >> 8), POSTING);
    board.post(new Uint8Array(), POSTING);
    board.post(encodeRequest({ kind: "health" }), POSTING);
    board.post(requestContent({ kind: "health" }), POSTING);
    const payment = new Uint8Array(8);
    board.post(requestContent({ kind: "refresh", message: refresh, payment }), POSTING);
    board.post(orderOf(token!, coin!), POSTING);
    expect(await work.step()).to.deep.equal({ answered: 1, refused: 504, left: 0 });
    expect(board.kinds).to.deep.equal(["sold"]);
    expect(asked).to.equal(1);
  });

  it("given more orders without a signed coin than a pass asks about, when it passes, then each pass is bounded, none is answered, and the paid one after them is", async () => {
    const [coin, other] = await x.coins([1, 1]);
    const all = tokens(301);
    for (const token of all.slice(1)) {
      const payment = payFor({ exchange: x, coin: other!, token });
      payment[60]! ^= 1;
      const order = { token: x.world.suite.encode(token), payment };
      board.post(requestContent({ kind: "buy", order }), POSTING);
    }
    board.post(orderOf(all[0]!, coin!), POSTING);
    expect(await work.step()).to.deep.equal({ answered: 0, refused: 256, left: 45 });
    expect(asked).to.equal(256);
    expect(await work.step()).to.deep.equal({ answered: 1, refused: 44, left: 0 });
  });

  it("given one coin posted with many tokens, when it passes, then one order is answered and the utility pays for one answer", async () => {
    const [coin] = await x.coins([1]);
    for (const token of tokens(20)) board.post(orderOf(token, coin!), POSTING);
    expect(await work.step()).to.deep.equal({ answered: 1, refused: 19, left: 0 });
    expect(board.kinds).to.deep.equal(["sold"]);
  });

  it("given one coin and token posted with many signatures, when it passes, then one order is answered and the utility pays for one answer", async () => {
    const [coin] = await x.coins([1]);
    const [token] = tokens(1);
    const encoded = x.world.suite.encode(token!);
    for (let i = 0; i < 20; i++) {
      const payment = signedAgain(coin!, payFor({ exchange: x, coin: coin!, token: token! }), i);
      board.post(requestContent({ kind: "buy", order: { token: encoded, payment } }), POSTING);
    }
    expect(await work.step()).to.deep.equal({ answered: 1, refused: 19, left: 0 });
    expect(board.kinds).to.deep.equal(["sold"]);
  });

  it("given an answered order that strangers post again and again, when it passes, then it is not answered again", async () => {
    const [coin] = await x.coins([1]);
    const order = orderOf(tokens(1)[0]!, coin!);
    board.post(order, POSTING);
    await work.step();
    for (let i = 0; i < 5; i++) {
      board.post(order, POSTING);
      await work.step();
    }
    expect(board.kinds).to.deep.equal(["sold"]);
  });

  it("given more orders than a pass pays for, when it passes again, then all are answered, each once", async () => {
    const coins = await x.coins(Array<number>(20).fill(1));
    tokens(20).forEach((token, i) => {
      board.post(orderOf(token, coins[i]!), POSTING);
    });
    expect(await work.step()).to.deep.equal({ answered: 16, refused: 0, left: 4 });
    expect(await work.step()).to.deep.equal({ answered: 4, refused: 0, left: 0 });
    expect(new Set(board.answers.map(([hash]) => hash)).size).to.equal(20);
    expect((await x.counter.sales()).receipts).to.equal(20n);
  });

  it("given a coin that was spent elsewhere, when its order is posted, then the answer is the proof", async () => {
    const [coin] = await x.coins([1]);
    const [first, second] = tokens(2);
    await x.counter.answerPosted(orderOf(first!, coin!), BigInt(POSTING));
    board.post(orderOf(second!, coin!), POSTING);
    await work.step();
    expect(board.kinds).to.deep.equal(["coin-spent"]);
  });

  it("given a utility that was away until payments of that month had expired, when it comes back, then an order posted in time is sold, and one posted too late is not", async () => {
    const [coin, late] = await x.coins([1, 1]);
    const [token, other] = tokens(2);
    board.post(orderOf(token!, coin!), POSTING);
    const expired = orderOf(other!, late!);
    const away = startOfDay(202703, 20);
    board.post(expired, away);
    setClock(x, away);
    expect(await work.step()).to.include({ answered: 1, refused: 1 });
    expect(board.kinds).to.deep.equal(["sold"]);
  });

  it("given an answer that could not be sent, or that a reorganisation took away, when it passes again, then the order is answered", async () => {
    const [coin] = await x.coins([1]);
    board.post(orderOf(tokens(1)[0]!, coin!), POSTING);
    board.failing = 1;
    let failure: unknown;
    await work.step().catch((error: unknown) => (failure = error));
    expect(failure).to.be.instanceOf(Error);
    board.behind = 2;
    expect(await work.step()).to.include({ answered: 1 });
    // Not final yet: not sent again.
    expect(await work.step()).to.include({ answered: 0, left: 0 });
    board.forget();
    board.mine();
    board.mine();
    expect(await work.step()).to.include({ answered: 1 });
    expect(board.kinds).to.deep.equal(["sold"]);
  });
});
