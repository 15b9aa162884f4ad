import { hexToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { ecashErrors } from "../../src/ecash/index.js";
import { findBadReceipts, sipsterErrors, type Token } from "../../src/sipster/index.js";
import { MemoryStore, type Store, type Transaction } from "../../src/store/index.js";
import {
  answerWith,
  sales,
  sellerBehind,
  utilityErrors,
  type ReceiptOrder,
  type ReceiptSeller,
} from "../../src/utility/index.js";
import {
  ask,
  exchange,
  NOW,
  payFor,
  verdict,
  type Exchange,
  type Outcome,
} from "../support/exchange.js";
import { meterPeriod } from "../support/settlement.js";

const curve = await createMclBn254();

for (const suite of ["hash-bound", "classic"] as const) {
  describe(`receipt service, ${suite} suite`, () => {
    const sizes = suite === "classic" ? [1, 1, 1] : [1, 10, 100];
    let x: Exchange;
    let tokens: readonly Token[];
    const encode = (token: Token): Uint8Array => x.world.suite.encode(token);

    beforeEach(() => {
      x = exchange(curve, { suite });
      tokens = meterPeriod(x.world, sizes).generated.map((g) => g.token);
    });

    function isReceipt(token: Token, outcome: Outcome): boolean {
      if (!("sold" in outcome)) return false;
      const receipt = curve.g1.decode(outcome.sold.receipt);
      const point = x.world.suite.point(token);
      return findBadReceipts(curve, x.world.key, [{ point, receipt }]).length === 0;
    }

    it("a coin of its denomination buys the receipt of each token", async () => {
      const coins = await x.coins(sizes);
      for (const [i, token] of tokens.entries()) {
        const response = await ask(x.service, encode(token), payFor(x, coins[i]!, token));
        expect(isReceipt(token, response)).to.equal(true);
      }
      const units = BigInt(sizes.reduce((a, b) => a + b));
      expect(await sales(x.store)).to.deep.equal({ units, receipts: 3n });
    });

    it("the same pair a hundred times at once: one sale, the same receipt every time", async () => {
      const [coin] = await x.coins([sizes[0]!]);
      const payment = payFor(x, coin!, tokens[0]!);
      const responses = await Promise.all(
        Array.from({ length: 100 }, () => ask(x.service, encode(tokens[0]!), payment)),
      );
      expect(isReceipt(tokens[0]!, responses[0]!)).to.equal(true);
      expect(responses[0]).to.have.nested.property("sold.coinTaken", true);
      for (const r of responses) expect(r).to.deep.equal(responses[0]);
      expect((await sales(x.store)).receipts).to.equal(1n);
    });

    it("double spend: the second token is refused, with the earlier payment as proof", async () => {
      const [coin] = await x.coins([1]);
      const [first, second] = meterPeriod(x.world, [1, 1], { seed: "two" }).generated.map(
        (g) => g.token,
      );
      const earlier = payFor(x, coin!, first!);
      expect(verdict(await ask(x.service, encode(first!), earlier))).to.equal("sold");
      const payment = payFor(x, coin!, second!);
      const outcome = await ask(x.service, encode(second!), payment);
      if (!("error" in outcome)) return expect.fail("it was sold");
      expect(outcome.error.code).to.equal("utility/coin-already-bound");
      const proof = hexToBytes(String(outcome.error.details.earlier));
      expect(proof).to.deep.equal(earlier);
      expect(x.ecash.provesDoubleSpend(proof, payment)).to.equal(true);
      // The second token is not paid, and the first still is.
      const unpaid = await ask(x.service, encode(second!));
      expect(verdict(unpaid)).to.equal("utility/payment-required");
      expect(verdict(await ask(x.service, encode(first!)))).to.equal("sold");
      expect((await sales(x.store)).receipts).to.equal(1n);
    });

    it("double spend at once: of two tokens with one coin exactly one is sold", async () => {
      const [coin] = await x.coins([1]);
      const two = meterPeriod(x.world, [1, 1], { seed: "two" }).generated.map((g) => g.token);
      const responses = await Promise.all(
        two.map((token) => ask(x.service, encode(token), payFor(x, coin!, token))),
      );
      expect(responses.map(verdict).sort()).to.deep.equal(["sold", "utility/coin-already-bound"]);
    });

    it("a paid token takes no second coin, and its receipt is anyone's", async () => {
      const [a, b] = await x.coins([sizes[0]!, sizes[0]!]);
      const token = tokens[0]!;
      const first = await ask(x.service, encode(token), payFor(x, a!, token));
      if (!("sold" in first)) return expect.fail(verdict(first));
      expect(first.sold.coinTaken).to.equal(true);
      const free = { sold: { receipt: first.sold.receipt, coinTaken: false } };
      expect(await ask(x.service, encode(token), payFor(x, b!, token))).to.deep.equal(free);
      expect(await ask(x.service, encode(token))).to.deep.equal(free);
      expect(await ask(x.service, encode(token), Uint8Array.of(1, 2, 3))).to.deep.equal(free);
      // The first coin again, with another expiry: it is the one that was taken.
      const renewed = payFor(x, a!, token, NOW + 5n);
      expect(await ask(x.service, encode(token), renewed)).to.deep.equal(first);
      // The second coin is still good.
      const other = meterPeriod(x.world, [sizes[0]!], { seed: "other" }).generated[0]!.token;
      const outcome = await ask(x.service, encode(other), payFor(x, b!, other));
      expect(verdict(outcome)).to.equal("sold");
    });

    it("an expired payment is refused, unless its token is paid", async () => {
      const coins = await x.coins([sizes[0]!, sizes[1]!]);
      const [paid, late] = [0, 1].map((i) => payFor(x, coins[i]!, tokens[i]!));
      const before = await ask(x.service, encode(tokens[0]!), paid!);
      x.clock.now = NOW + 4000n;
      expect(await ask(x.service, encode(tokens[0]!), paid!)).to.deep.equal(before);
      const refused = await ask(x.service, encode(tokens[1]!), late!);
      expect(verdict(refused)).to.equal("ecash/expired");
      // The same coin, paid again for the same token.
      const renewed = payFor(x, coins[1]!, tokens[1]!, NOW + 9000n);
      expect(verdict(await ask(x.service, encode(tokens[1]!), renewed))).to.equal("sold");
    });

    it("what a token must be is checked before anything is charged", async () => {
      const [coin] = await x.coins([1]);
      const token = tokens[0]!;
      const foreign = { ...token, keyEpoch: 2 };
      const cases: [string, Uint8Array, string][] = [
        ["another key epoch", encode(foreign), "utility/unknown-key-epoch"],
        ["cut off", encode(token).subarray(1), "sipster/bad-token"],
        ["empty", new Uint8Array(), "sipster/bad-token"],
      ];
      for (const [what, bytes, code] of cases) {
        const response = await ask(x.service, bytes, payFor(x, coin!, token));
        expect(verdict(response), what).to.equal(code);
      }
      const outcome = await ask(x.service, encode(token), payFor(x, coin!, token));
      expect(verdict(outcome)).to.equal("sold");
    });
  });
}

describe("receipt service", () => {
  let x: Exchange;
  const encode = (token: Token): Uint8Array => x.world.suite.encode(token);
  beforeEach(() => {
    x = exchange(curve);
  });
  const oneToken = (denomination = 10, seed = "meter"): Token =>
    meterPeriod(x.world, [denomination], { seed }).generated[0]!.token;

  it("altered denomination, and a counter that gives no point: refused, and nothing charged", async () => {
    const token = oneToken();
    if (token.suite !== "hash-bound") return expect.fail();
    const [coin, large] = await x.coins([10, 100]);
    let noPoint = token;
    for (let ctr = 0; ctr < 256; ctr++) {
      noPoint = { ...token, ctr };
      if (!isPoint(noPoint)) break;
    }
    const refused = await ask(x.service, encode(noPoint), payFor(x, coin!, noPoint));
    expect(verdict(refused)).to.equal("sipster/token-not-a-point");
    const cheap = await ask(x.service, encode(oneToken(100)), payFor(x, coin!, oneToken(100)));
    expect(verdict(cheap)).to.equal("ecash/wrong-denomination");
    const unknown = await ask(x.service, encode({ ...token, denomination: 7 }));
    expect(verdict(unknown)).to.equal("utility/unknown-denomination");
    const sold = await ask(x.service, encode(token), payFor(x, coin!, token));
    expect(verdict(sold)).to.equal("sold");
    // A token that says 100 where the meter said 10 is another token: its receipt is another point.
    let altered = { ...token, denomination: 100, ctr: 0 };
    while (!isPoint(altered)) altered = { ...altered, ctr: altered.ctr + 1 };
    const dear = await ask(x.service, encode(altered), payFor(x, large!, altered));
    if (!("sold" in dear) || !("sold" in sold)) return expect.fail(verdict(dear));
    expect(dear.sold.receipt).not.to.deep.equal(sold.sold.receipt);
  });

  function isPoint(token: Token): boolean {
    try {
      x.world.suite.point(token);
      return true;
    } catch {
      return false;
    }
  }

  it("stolen payment message: it buys its own token's receipt and no other", async () => {
    const [mine, theirs] = [oneToken(), oneToken(10, "thief")];
    const [coin] = await x.coins([10]);
    const payment = payFor(x, coin!, mine);
    const stolen = await ask(x.service, encode(theirs), payment);
    expect(verdict(stolen)).to.equal("ecash/wrong-memo");
    expect(verdict(await ask(x.service, encode(mine), payment))).to.equal("sold");
  });

  it("good and bad requests that come together do not mix", async () => {
    const many = meterPeriod(x.world, Array<number>(40).fill(1), { seed: "many" }).generated.map(
      (g) => g.token,
    );
    const coins = await x.coins(many.map(() => 1));
    const responses = await Promise.all(
      many.map((token, i) => {
        const payment = payFor(x, coins[i]!, token);
        // Every third takes the coin's signature from another.
        if (i % 3 === 0) payment.set(coins[(i + 1) % 40]!.slice(-64), 29);
        return ask(x.service, encode(token), payment);
      }),
    );
    expect(responses.map(verdict)).to.deep.equal(
      many.map((_, i) => (i % 3 ? "sold" : "ecash/forged-coin")),
    );
    many.forEach((token, i) => {
      const outcome = responses[i]!;
      if (!("sold" in outcome)) return;
      const receipt = curve.g1.decode(outcome.sold.receipt);
      expect(curve.g1.equals(receipt, x.world.issuer.issue(token))).to.equal(true);
    });
  });

  it("started again over its store, it knows what is paid", async () => {
    const [coin] = await x.coins([10]);
    const payment = payFor(x, coin!, oneToken());
    expect(await x.service.spentCoins()).to.deep.equal([]);
    const first = await ask(x.service, encode(oneToken()), payment);
    expect(await ask(x.restart(), encode(oneToken()), payment)).to.deep.equal(first);
    const other = oneToken(10, "other");
    const refused = await ask(x.restart(), encode(other), payFor(x, coin!, other));
    expect(verdict(refused)).to.equal("utility/coin-already-bound");
    expect(await x.restart().spentCoins()).to.deep.equal([x.ecash.coinId(payment)]);
  });

  it("a store that fails charges nothing, says so, and the next request is served", async () => {
    let broken = true;
    const inner = new MemoryStore();
    const failing: Store = {
      transaction: <T>(body: (tx: Transaction) => Promise<T>) =>
        broken ? Promise.reject(new Error("disk full")) : inner.transaction(body),
      close: () => inner.close(),
    };
    const service = x.restart(failing);
    const [coin] = await x.coins([10]);
    const payment = payFor(x, coin!, oneToken());
    const remote = sellerBehind(answerWith(service));
    await service.sell({ token: encode(oneToken()), payment }).then(
      () => expect.fail("it was sold"),
      (error: Error) => expect(error.message).to.equal("disk full"),
    );
    // A stranger is not told what is wrong inside.
    const outcome = await ask(remote, encode(oneToken()), payment);
    if (!("error" in outcome)) return expect.fail("it was sold");
    expect(outcome.error.code).to.equal("utility/busy");
    expect(outcome.error.message).not.to.contain("disk");
    broken = false;
    expect(verdict(await ask(remote, encode(oneToken()), payment))).to.equal("sold");
  });

  it("more orders than can wait are told to come back", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 10_200 }, () => ask(x.service, new Uint8Array())),
    );
    const busy = outcomes.filter((o) => verdict(o) === "utility/busy");
    expect(busy.length).to.be.within(1, 200);
  });
});

describe("orders and answers as bytes", () => {
  const receipt = new Uint8Array(64).fill(7);
  const throwing = (error: Error): ReceiptSeller => ({ sell: () => Promise.reject(error) });
  const through = (seller: ReceiptSeller): ReceiptSeller => sellerBehind(answerWith(seller));
  const token = Uint8Array.of(1, 2, 3);

  it("carry an order and its receipt", async () => {
    for (const coinTaken of [true, false]) {
      const seen: ReceiptOrder[] = [];
      const seller = through({
        async sell(order) {
          seen.push(order);
          return { receipt, coinTaken };
        },
      });
      const order = { token, payment: Uint8Array.of(9) };
      expect(await seller.sell(order)).to.deep.equal({ receipt, coinTaken });
      expect(await seller.sell({ ...order, payment: Uint8Array.of() })).to.include({ coinTaken });
      expect(seen).to.deep.equal([order, { token, payment: Uint8Array.of() }]);
    }
  });

  it("carry a conflict with its proof, and a refusal with its identifier", async () => {
    const bound = utilityErrors.error("coin-already-bound", "x", { earlier: "0badc0de" });
    const conflict = await ask(through(throwing(bound)), token);
    expect(conflict).to.have.nested.property("error.details.earlier", "0badc0de");
    expect(verdict(conflict)).to.equal("utility/coin-already-bound");
    const cases = [
      [ecashErrors.error("expired", "zu spät"), "ecash/expired", 410],
      [ecashErrors.error("forged-coin", "x"), "utility/refused", 402],
      [utilityErrors.error("payment-required", "x"), "utility/payment-required", 402],
      [sipsterErrors.error("bad-token", "x"), "utility/refused", 400],
      [utilityErrors.error("worker-failed", "x"), "utility/busy", 503],
    ] as const;
    for (const [error, code, status] of cases) {
      const outcome = await ask(through(throwing(error)), token);
      if (!("error" in outcome)) return expect.fail();
      expect(outcome.error.code).to.equal(code);
      expect(outcome.error.details).to.deep.equal({ status, code: error.code });
      expect(outcome.error.message).to.contain(error.message);
    }
  });

  it("are refused when they are something else", async () => {
    const good = await answerWith({ sell: async () => ({ receipt, coinTaken: true }) })(
      Uint8Array.of(0, 0),
    );
    expect(good.length).to.equal(67);
    for (const bytes of [good.subarray(0, -1), Uint8Array.of(0), Uint8Array.of(1, 0)]) {
      const outcome = await ask(
        sellerBehind(async () => bytes),
        token,
      );
      expect(verdict(outcome)).to.equal("utility/bad-message");
    }
    const answer = await answerWith(throwing(new Error("never")))(Uint8Array.of(0, 9, 1));
    const outcome = await ask(
      sellerBehind(async () => answer),
      token,
    );
    expect(outcome).to.have.nested.property("error.details.code", "utility/bad-message");
  });
});
