/** The counter lies to the wallet, with its own signature under each lie. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { createMclBn254, intToBytes } from "../../src/algebra/index.js";
import {
  decodeAnswer,
  decodeRequest,
  encodeRequest,
  type Answer,
  type Carrier,
  type Request,
} from "../../src/exchange/index.js";
import { addressOf, parseBillFile, type Token } from "../../src/sipster/index.js";
import { ANSWER_KEY, exchange, lying, payFor, type Exchange } from "../support/exchange.js";
import { meterPeriod, system, type MeterPeriod } from "../support/settlement.js";
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
import { Watched } from "../support/watched.js";

const curve = await createMclBn254();
const { g1 } = curve;
const DAY = 86_400;
const sizes = [100, 10, 10, 1, 1, 1];
const basket = [100, 100, 10, 10, 10, 1, 1, 1, 1];

describe("a counter that lies", () => {
  let x: Exchange;
  let period: MeterPeriod;
  let w: TestWallet;
  let seen: Watched;
  const tokens = (): Token[] => period.generated.map((g) => g.token);

  beforeEach(async () => {
    x = exchange(curve);
    period = meterPeriod(x.world, sizes, { period: PERIOD });
    w = openWallet(x);
    seen = new Watched(x);
    await withdrawBefore({ exchange: x, wallet: w, basket });
    setClock(x, after(PERIOD));
    await w.resident.accept(PERIOD, numbered(tokens()));
  });

  /** Runs until the day of posting; the counter lies until the end of the paying days. */
  const runWith = (lie: (answer: Answer, request: Request) => Answer) => {
    const liar = lying(x.carrier, (answer, request) =>
      Number(x.clock.now) < after(PERIOD) + 10 * DAY ? lie(answer, request) : answer,
    );
    return runUntil(x, w, { carrier: seen.watch(liar) });
  };

  async function combines(): Promise<void> {
    // What was answered badly up to the end is asked for again in the month after.
    await runUntil(x, w, { carrier: seen.watch(), until: after(202702) + 11 * DAY });
    expect((await w.resident.verify()).bad).to.deep.equal([]);
    const { bill, blinding, billKey } = period;
    const meter = addressOf(billKey);
    const file = await w.resident.combine({ bill, tokens: tokens(), blinding, meter });
    parseBillFile(curve, file);
    expect(seen.most, "tokens that a coin was shown with").to.equal(1);
    expect((await x.counter.sales()).receipts).to.equal(BigInt(sizes.length));
  }

  it("a false “not taken”: paid already, and the proof is the wallet's own payment", async () => {
    const report = await runWith((answer, request) =>
      answer.kind === "sold" && request.kind === "buy"
        ? { ...answer, kind: "already-paid", proof: request.order.payment }
        : answer,
    );
    expect(report.lies).to.be.at.least(sizes.length);
    await combines();
    const evidence = await w.resident.evidence();
    expect(evidence.length).to.equal(report.lies);
    // Anybody can check it: the counter signed this answer to this request.
    const { request, hash } = decodeRequest(evidence[0]!.request);
    const verifier = { systemId: system.systemId, answerKey: addressOf(ANSWER_KEY) };
    const answer = decodeAnswer(verifier, hash, evidence[0]!.answer);
    if (answer.kind !== "already-paid" || request.kind !== "buy") return expect.fail();
    expect(x.ecash.provesPaid(answer.proof, request.order.payment)).to.equal(false);
  });

  it("a false “not taken”, with a payment for another token as its proof", async () => {
    const stranger = meterPeriod(x.world, [1], { seed: "stranger" }).generated[0]!.token;
    const [coin] = await x.coins([1]);
    const proof = payFor({ exchange: x, coin: coin!, token: stranger });
    const report = await runWith((answer) =>
      answer.kind === "sold" ? { ...answer, kind: "already-paid", proof } : answer,
    );
    expect(report.lies).to.be.at.least(sizes.length);
    await combines();
  });

  it("“coin spent” without a proof that holds: the order is sent again as it is", async () => {
    const [coin] = await x.coins([1]);
    const foreign = payFor({ exchange: x, coin: coin!, token: tokens()[0]! });
    let calls = 0;
    const report = await runWith((_, request) => {
      const own = request.kind === "buy" ? request.order.payment : foreign;
      const proof = [own, foreign, Uint8Array.of(1, 2, 3)][calls++ % 3]!;
      return { kind: "coin-spent", proof };
    });
    expect(report.blocked).to.equal(0);
    expect(report.lies).to.be.at.least(sizes.length);
    await combines();
  });

  it("a receipt that is not a point is named, asked for again, and blocks nothing else", async () => {
    let first = true;
    const report = await runWith((answer) => {
      if (answer.kind !== "sold" || !first) return answer;
      first = false;
      return { ...answer, receipt: intToBytes(7, 64) };
    });
    expect(report).to.include({ lies: 1, receipts: sizes.length });
    const [evidence] = await w.resident.evidence();
    expect(evidence!.why).to.contain("not a point");
    await combines();
  });

  it("the identity as a receipt is a bad receipt like any other", async () => {
    let first = true;
    const report = await runWith((answer) => {
      if (answer.kind !== "sold" || !first) return answer;
      first = false;
      return { ...answer, receipt: new Uint8Array(64) };
    });
    expect(report).to.include({ lies: 1, receipts: sizes.length });
    await combines();
  });

  it("receipts +Δ and −Δ, whose sum is right, are named, kept as evidence, and asked for again", async () => {
    const delta = g1.mul(g1.generator, 77n);
    let marked = 0;
    const marking = lying(x.carrier, (answer) => {
      if (answer.kind !== "sold" || marked === 2) return answer;
      const receipt = g1.decode(answer.receipt);
      const wrong = marked++ === 0 ? g1.add(receipt, delta) : g1.sub(receipt, delta);
      return { ...answer, receipt: g1.encode(wrong) };
    });
    await runUntil(x, w, { carrier: seen.watch(marking), until: after(PERIOD) + 10 * DAY });
    const { bad } = await w.resident.verify();
    expect(bad.length).to.equal(2);
    const hashes = tokens().map((token) => bytesToHex(x.world.suite.hash(token)));
    for (const hash of bad) expect(hashes).to.include(hash);
    expect((await w.resident.evidence()).length).to.equal(2);
    await combines();
  });

  it("an answer to another request counts as none", async () => {
    let previous: Uint8Array | null = null;
    const replaying: Carrier = async (bytes) => {
      const answer = await x.carrier(bytes);
      const old = previous;
      previous = answer;
      return old ?? answer;
    };
    const until = after(PERIOD) + 10 * DAY;
    const report = await runUntil(x, w, { carrier: seen.watch(replaying), until });
    expect(report.unanswered).to.be.greaterThan(0);
    expect(await w.resident.evidence()).to.deep.equal([]);
    await combines();
  });

  /** Another party pays the home's first token with a coin of their own. */
  async function payForFirst(): Promise<void> {
    const token = tokens()[0]!;
    const [coin] = await x.coins([100]);
    const payment = payFor({ exchange: x, coin: coin!, token });
    const order = { token: x.world.suite.encode(token), payment };
    await x.carrier(encodeRequest({ kind: "buy", order }));
  }

  it("a true “paid already”: the token counts as paid, and the coin is changed before anything else", async () => {
    await payForFirst();
    const report = await runUntil(x, w, { carrier: seen.watch() });
    expect(report).to.include({ receipts: sizes.length, lies: 0 });
    expect(seen.kinds.filter((kind) => kind === "refresh").length).to.equal(1);
    const at = seen.kinds.indexOf("refresh");
    expect(at, "right after the answer").to.be.lessThan(seen.kinds.length);
    await combines();
  });

  it("a refresh signed with another key is evidence, and asked for again", async () => {
    await payForFirst();
    await runWith((answer) =>
      answer.kind === "refreshed" ? { ...answer, signature: g1.encode(g1.generator) } : answer,
    );
    const evidence = await w.resident.evidence();
    expect(evidence.length).to.be.greaterThan(0);
    expect(evidence[0]!.why).to.contain("mint's key");
    await combines();
    const refreshed = await x.store.transaction((tx) => tx.list("coin/"));
    // Paid by others, paid by this home, and one that was changed.
    expect(refreshed.length).to.equal(sizes.length + 1);
  });
});
