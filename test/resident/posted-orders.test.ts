/** Orders that the counter leaves unanswered stand on a public board, and nobody settles before them. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  answerContent,
  decodeRequest,
  encodeRequest,
  parseRequestContent,
  requestContent,
  type Answer,
  type Carrier,
} from "../../src/exchange/index.js";
import { startOfDay, type OrderBoard, type PostedOrder } from "../../src/resident/index.js";
import { addressOf, parseBillFile } from "../../src/sipster/index.js";
import { expectRejection } from "../support/errors.js";
import { buy, exchange, payFor, tell, type Exchange } from "../support/exchange.js";
import { meterPeriod, world, type MeterPeriod } from "../support/settlement.js";
import { signedAgain } from "../support/signed-again.js";
import {
  after,
  numbered,
  openWallet,
  PERIOD,
  runUntil,
  setClock,
  withdrawBefore,
  type TestWallet,
} from "../support/wallet.js";

const curve = await createMclBn254();
const DAY = 86_400;
const FEBRUARY = 202702;
const POSTING = startOfDay(FEBRUARY, 12);
const sizes = [100, 10, 1];

/** The board: checks nothing, as the contract does. */
class Board implements OrderBoard {
  readonly all: { order: Uint8Array; at: number; answers: Uint8Array[] }[] = [];
  constructor(private readonly x: Exchange) {}

  async post(order: Uint8Array): Promise<void> {
    this.all.push({ order, at: Number(this.x.clock.now), answers: [] });
  }

  async posts(from: number, to: number): Promise<readonly PostedOrder[]> {
    return this.all.filter(({ at }) => at >= from && at < to);
  }

  /** The utility answers everything that stands here. */
  async answerAll(): Promise<void> {
    for (const { order, answers } of this.all) {
      const answer = await tell(this.x.counter, parseRequestContent(order).request);
      answers.push(answerContent(answer));
    }
  }
}

describe("an order that is not answered", () => {
  let x: Exchange;
  let board: Board;
  let victim: { wallet: TestWallet; period: MeterPeriod };
  let other: { wallet: TestWallet; period: MeterPeriod };

  async function home(seed: string, secret: number) {
    const wallet = openWallet(x, { secret: new Uint8Array(32).fill(secret) });
    const period = meterPeriod(x.world, sizes, { period: PERIOD, seed });
    await withdrawBefore({ exchange: x, wallet, basket: [100, 10, 10, 1, 1] });
    return { wallet, period };
  }

  /** Withholds the answer to one token, for ever. */
  function withholding(token: Uint8Array): Carrier {
    return (bytes) => {
      const { request } = decodeRequest(bytes);
      const isVictim =
        request.kind === "buy" && bytesToHex(request.order.token) === bytesToHex(token);
      return isVictim ? Promise.reject(new Error("no answer")) : x.carrier(bytes);
    };
  }

  beforeEach(async () => {
    x = exchange(curve);
    board = new Board(x);
    victim = await home("victim", 1);
    other = await home("other", 2);
    setClock(x, after(PERIOD));
    for (const { wallet, period } of [victim, other]) {
      await wallet.resident.accept(PERIOD, numbered(period.generated.map((g) => g.token)));
    }
    const carrier = withholding(x.world.suite.encode(victim.period.generated[0]!.token));
    for (const { wallet } of [victim, other]) {
      setClock(x, after(PERIOD));
      await runUntil(x, wallet, { carrier, board, until: POSTING + DAY - 1 });
      await wallet.resident.verify();
    }
  });

  async function settles({ wallet, period }: typeof victim): Promise<string> {
    setClock(x, await wallet.resident.settlingTime(PERIOD));
    await wallet.resident.checkMaySettle(PERIOD, board);
    const { bill, blinding, billKey } = period;
    const tokens = period.generated.map((g) => g.token);
    const meter = addressOf(billKey);
    return wallet.resident.combine({ bill, tokens, blinding, meter });
  }

  it("is posted on the day of posting, and holds back every home until it is answered", async () => {
    expect(board.all.length).to.equal(1);
    expect(board.all[0]!.at).to.be.within(POSTING, POSTING + DAY - 1);
    for (const home of [victim, other]) {
      const error = await expectRejection(settles(home), "resident/orders-unanswered");
      expect(error.details).to.include({ posted: 1, unanswered: 1 });
    }
    await board.answerAll();
    for (const home of [victim, other]) parseBillFile(curve, await settles(home));
    expect((await x.counter.sales()).receipts).to.equal(6n);
  });

  it("is not answered by a receipt that is bad, another order's answer, or bytes that are not an answer", async () => {
    const [post] = board.all;
    const receipt = curve.g1.encode(curve.g1.generator);
    const foreign = await x.coins([100]);
    const token = victim.period.generated[0]!.token;
    const proof = payFor({ exchange: x, coin: foreign[0]!, token });
    const lies: Answer[] = [
      { kind: "sold", receipt },
      { kind: "sold", receipt: new Uint8Array(64).fill(7) },
      { kind: "coin-spent", proof },
      { kind: "refused", code: "x/y", message: "no" },
      { kind: "healthy" },
    ];
    post!.answers.push(...lies.map(answerContent), Uint8Array.of(1, 2, 3), new Uint8Array());
    await expectRejection(settles(other), "resident/orders-unanswered");
    await board.answerAll();
    parseBillFile(curve, await settles(other));
  });

  it("that is not valid holds back nobody: junk, an unsigned coin, another epoch, a dummy", async () => {
    await board.answerAll();
    const token = victim.period.generated[1]!.token;
    const [coin] = await x.coins([10]);
    const payment = payFor({ exchange: x, coin: coin!, token });
    const encoded = x.world.suite.encode(token);
    const forged = Uint8Array.from(payment);
    forged[40]! ^= 1;
    const foreign = x.world.suite.encode({ ...token, keyEpoch: 9 });
    setClock(x, POSTING + 10);
    for (const order of [
      Uint8Array.of(1, 2, 3),
      new Uint8Array(),
      encodeRequest({ kind: "health" }),
      requestContent({ kind: "health" }),
      requestContent({ kind: "buy", order: { token: encoded, payment: forged } }),
      requestContent({ kind: "buy", order: { token: foreign, payment } }),
      requestContent({ kind: "buy", order: { token: encoded.subarray(1), payment } }),
      requestContent({
        kind: "buy",
        order: {
          token: encoded,
          payment: payFor({ exchange: x, coin: coin!, token, expiry: x.clock.now - 1n }),
        },
      }),
      // The counter takes no payment with an expiry of its own, so nobody waits for its answer.
      requestContent({
        kind: "buy",
        order: {
          token: encoded,
          payment: payFor({ exchange: x, coin: coin!, token, expiry: x.clock.now + 86_400n }),
        },
      }),
    ]) {
      await board.post(order);
    }
    parseBillFile(curve, await settles(other));
  });

  it("whose coin was spent is answered by the proof, so a spender cannot hold everybody back", async () => {
    await board.answerAll();
    const tokens = meterPeriod(x.world, [1, 1], { seed: "spender" }).generated.map((g) => g.token);
    const [coin] = await x.coins([1]);
    await buy(
      x.counter,
      x.world.suite.encode(tokens[0]!),
      payFor({ exchange: x, coin: coin!, token: tokens[0]! }),
    );
    setClock(x, POSTING + 10);
    const order = {
      token: x.world.suite.encode(tokens[1]!),
      payment: payFor({ exchange: x, coin: coin!, token: tokens[1]! }),
    };
    await board.post(requestContent({ kind: "buy", order }));
    await expectRejection(settles(other), "resident/orders-unanswered");
    const spent = await tell(x.counter, { kind: "buy", order });
    expect(spent.kind).to.equal("coin-spent");
    board.all.at(-1)!.answers.push(answerContent(spent));
    parseBillFile(curve, await settles(other));
  });

  it("given one coin posted with many tokens, when wallets read the board, then they wait for the answer to the first alone", async () => {
    await board.answerAll();
    const tokens = meterPeriod(x.world, Array<number>(9).fill(1), { seed: "many" }).generated;
    const [coin] = await x.coins([1]);
    setClock(x, POSTING + 10);
    for (const { token } of tokens) {
      const order = {
        token: x.world.suite.encode(token),
        payment: payFor({ exchange: x, coin: coin!, token }),
      };
      await board.post(requestContent({ kind: "buy", order }));
    }
    const error = await expectRejection(settles(other), "resident/orders-unanswered");
    expect(error.details).to.include({ posted: 2, unanswered: 1 });
    const [first] = board.all.slice(-tokens.length);
    const answer = await tell(x.counter, parseRequestContent(first!.order).request);
    first!.answers.push(answerContent(answer));
    parseBillFile(curve, await settles(other));
  });

  it("given one coin and token posted with many signatures, when wallets read the board, then they wait for the answer to the first alone", async () => {
    await board.answerAll();
    const [generated] = meterPeriod(x.world, [1], { seed: "signatures" }).generated;
    const token = x.world.suite.encode(generated!.token);
    const [coin] = await x.coins([1]);
    setClock(x, POSTING + 10);
    for (let i = 0; i < 9; i++) {
      const payment = signedAgain(
        coin!,
        payFor({ exchange: x, coin: coin!, token: generated!.token }),
        i,
      );
      await board.post(requestContent({ kind: "buy", order: { token, payment } }));
    }
    const error = await expectRejection(settles(other), "resident/orders-unanswered");
    expect(error.details).to.include({ posted: 2, unanswered: 1 });
    const first = board.all.at(-9)!;
    const answer = await tell(x.counter, parseRequestContent(first.order).request);
    first.answers.push(answerContent(answer));
    parseBillFile(curve, await settles(other));
  });

  it("given a paid order for a token of an epoch that has not begun, when wallets read the board, then they do not wait for it", async () => {
    await board.answerAll();
    const later = { ...world({ curve, name: "hash-bound", keyEpoch: 2 }).key, firstPeriod: 202704 };
    const keys = [{ ...x.world.key, firstPeriod: 0 }, later];
    const wallet = openWallet(x, {
      secret: new Uint8Array(32).fill(2),
      store: other.wallet.store,
      keys,
    });
    const { token } = meterPeriod(world({ curve, name: "hash-bound", keyEpoch: 2 }), [1])
      .generated[0]!;
    const [coin] = await x.coins([1]);
    setClock(x, POSTING + 10);
    const order = {
      token: x.world.suite.encode(token),
      payment: payFor({ exchange: x, coin: coin!, token }),
    };
    await board.post(requestContent({ kind: "buy", order }));
    parseBillFile(curve, await settles({ wallet, period: other.period }));
  });

  it("given an answer on the board, when the wallet takes posted receipts, then its token is paid and nothing is planned for it", async () => {
    expect(await victim.wallet.resident.takePosted(board)).to.equal(0);
    await board.answerAll();
    expect(await victim.wallet.resident.pending()).to.equal(1);
    expect(await victim.wallet.resident.takePosted(board)).to.equal(1);
    expect(await victim.wallet.resident.pending()).to.equal(0);
    expect(await victim.wallet.resident.takePosted(board)).to.equal(0);
    expect(await other.wallet.resident.takePosted(board)).to.equal(0);
  });

  it("posted after the day of posting counts for the next month", async () => {
    await board.answerAll();
    const token = meterPeriod(x.world, [1], { seed: "late" }).generated[0]!.token;
    const [coin] = await x.coins([1]);
    setClock(x, POSTING + DAY);
    const payment = payFor({ exchange: x, coin: coin!, token });
    const order = { token: x.world.suite.encode(token), payment };
    await board.post(requestContent({ kind: "buy", order }));
    parseBillFile(curve, await settles(other));
  });

  it("a bill is not settled before the time drawn for it, though all is paid", async () => {
    await board.answerAll();
    const { resident } = other.wallet;
    const at = await resident.settlingTime(PERIOD);
    expect(at).to.be.within(startOfDay(FEBRUARY, 13), startOfDay(FEBRUARY, 21) - 1);
    expect(await resident.settlingTime(PERIOD), "drawn once").to.equal(at);
    setClock(x, at - 1);
    await expectRejection(resident.checkMaySettle(PERIOD, board), "resident/not-yet");
  });
});
