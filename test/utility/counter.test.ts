import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { encodeRequest, expiryOf, type Answer } from "../../src/exchange/index.js";
import { findBadReceipts, type Token } from "../../src/sipster/index.js";
import { MemoryStore, type Store, type Transaction } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import {
  buy,
  exchange,
  MINT_KEY_ID,
  NOW,
  payFor,
  PAYEE,
  tell,
  verdict,
  type Exchange,
} from "../support/exchange.js";
import { meterPeriod, system } from "../support/settlement.js";
import { refreshMemo } from "../../src/ecash/index.js";

const curve = await createMclBn254();

for (const suite of ["hash-bound", "classic"] as const) {
  describe(`counter, ${suite} suite`, () => {
    const sizes = suite === "classic" ? [1, 1, 1] : [1, 10, 100];
    let x: Exchange;
    let tokens: readonly Token[];
    const encode = (token: Token): Uint8Array => x.world.suite.encode(token);

    beforeEach(() => {
      x = exchange(curve, { suite });
      tokens = meterPeriod(x.world, sizes).generated.map((g) => g.token);
    });

    function isReceipt(token: Token, answer: Answer): boolean {
      if (answer.kind !== "sold") return false;
      const receipt = curve.g1.decode(answer.receipt);
      const point = x.world.suite.point(token);
      return findBadReceipts(curve, x.world.key, [{ point, receipt }]).length === 0;
    }

    it("a coin of its denomination buys the receipt of each token", async () => {
      const coins = await x.coins(sizes);
      for (const [i, token] of tokens.entries()) {
        const answer = await buy(
          x.counter,
          encode(token),
          payFor({ exchange: x, coin: coins[i]!, token }),
        );
        expect(isReceipt(token, answer)).to.equal(true);
      }
      const units = BigInt(sizes.reduce((a, b) => a + b));
      expect(await x.counter.sales()).to.deep.equal({ units, receipts: 3n });
    });

    it("the same pair a hundred times at once: one sale, the same answer every time", async () => {
      const [coin] = await x.coins([sizes[0]!]);
      const payment = payFor({ exchange: x, coin: coin!, token: tokens[0]! });
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => buy(x.counter, encode(tokens[0]!), payment)),
      );
      expect(isReceipt(tokens[0]!, answers[0]!)).to.equal(true);
      for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
      expect((await x.counter.sales()).receipts).to.equal(1n);
    });

    it("double spend: the second token is refused, with the earlier payment as proof", async () => {
      const [coin] = await x.coins([1]);
      const [first, second] = meterPeriod(x.world, [1, 1], { seed: "two" }).generated.map(
        (g) => g.token,
      );
      const earlier = payFor({ exchange: x, coin: coin!, token: first! });
      expect(verdict(await buy(x.counter, encode(first!), earlier))).to.equal("sold");
      const payment = payFor({ exchange: x, coin: coin!, token: second! });
      const answer = await buy(x.counter, encode(second!), payment);
      expect(answer).to.deep.equal({ kind: "coin-spent", proof: earlier });
      expect(x.ecash.provesDoubleSpend(earlier, payment)).to.equal(true);
      expect((await x.counter.sales()).receipts).to.equal(1n);
      expect(verdict(await buy(x.counter, encode(first!), earlier))).to.equal("sold");
    });

    it("double spend at once: of two tokens with one coin exactly one is sold", async () => {
      const [coin] = await x.coins([1]);
      const two = meterPeriod(x.world, [1, 1], { seed: "two" }).generated.map((g) => g.token);
      const answers = await Promise.all(
        two.map((token) =>
          buy(x.counter, encode(token), payFor({ exchange: x, coin: coin!, token })),
        ),
      );
      expect(answers.map(verdict).sort()).to.deep.equal(["coin-spent", "sold"]);
    });

    it("a paid token takes no second coin: receipt and proof, and the coin stays good", async () => {
      const [a, b] = await x.coins([sizes[0]!, sizes[0]!]);
      const token = tokens[0]!;
      const earlier = payFor({ exchange: x, coin: a!, token });
      const first = await buy(x.counter, encode(token), earlier);
      if (first.kind !== "sold") return expect.fail(verdict(first));
      const second = payFor({ exchange: x, coin: b!, token });
      const { receipt } = first;
      const expected = { kind: "already-paid", receipt, proof: earlier };
      expect(await buy(x.counter, encode(token), second)).to.deep.equal(expected);
      expect(x.ecash.provesPaid(earlier, second)).to.equal(true);
      // The first coin again, with another expiry: it is the one that was taken.
      const renewed = payFor({ exchange: x, coin: a!, token, expiry: NOW + 5n });
      expect(await buy(x.counter, encode(token), renewed)).to.deep.equal(first);
      // The second coin is still good.
      const other = meterPeriod(x.world, [sizes[0]!], { seed: "other" }).generated[0]!.token;
      const answer = await buy(
        x.counter,
        encode(other),
        payFor({ exchange: x, coin: b!, token: other }),
      );
      expect(verdict(answer)).to.equal("sold");
    });

    it("a paid token's receipt is not for those who do not pay", async () => {
      const [coin] = await x.coins([sizes[0]!]);
      const token = tokens[0]!;
      await buy(x.counter, encode(token), payFor({ exchange: x, coin: coin!, token }));
      const junk = await buy(x.counter, encode(token), Uint8Array.of(1, 2, 3));
      expect(verdict(junk)).to.equal("ecash/bad-payment");
      const forged = payFor({ exchange: x, coin: coin!, token });
      forged[10]! ^= 1;
      expect(verdict(await buy(x.counter, encode(token), forged))).to.match(/^ecash\//);
      const none = { kind: "buy", order: { token: encode(token), payment: new Uint8Array() } };
      await expectRejection(
        x.counter.answer(encodeRequest(none as Parameters<typeof encodeRequest>[0])),
        "exchange/bad-request",
      );
    });

    it("an expired payment is refused, unless coin and token are bound to each other", async () => {
      const coins = await x.coins([sizes[0]!, sizes[1]!]);
      const [paid, late] = [0, 1].map((i) =>
        payFor({ exchange: x, coin: coins[i]!, token: tokens[i]! }),
      );
      const before = await buy(x.counter, encode(tokens[0]!), paid!);
      x.clock.now = BigInt(Date.UTC(2027, 1, 3) / 1000);
      expect(await buy(x.counter, encode(tokens[0]!), paid!)).to.deep.equal(before);
      const refused = await buy(x.counter, encode(tokens[1]!), late!);
      expect(verdict(refused)).to.equal("ecash/expired");
      // The same coin, paid again for the same token.
      const renewed = payFor({ exchange: x, coin: coins[1]!, token: tokens[1]! });
      expect(verdict(await buy(x.counter, encode(tokens[1]!), renewed))).to.equal("sold");
    });

    it("an expiry of the home's own is refused: only that of all payments of the day is taken", async () => {
      const [coin] = await x.coins([sizes[0]!]);
      const end = (month: number): bigint => BigInt(Date.UTC(2027, month, 1) / 1000 - 1);
      const token = tokens[0]!;
      const lastDays = end(1) + 1n - 172_800n;
      const cases: [now: bigint, expiry: bigint, code: string][] = [
        [NOW, NOW + 86_400n, "utility/odd-expiry"],
        [NOW, end(1) - 1n, "utility/odd-expiry"],
        [NOW, end(2), "utility/odd-expiry"],
        [lastDays - 1n, end(2), "utility/odd-expiry"],
        [lastDays + 3600n, end(1), "utility/odd-expiry"],
        [NOW, NOW - 1n, "ecash/expired"],
        // Sent within the hour before the last two days began.
        [lastDays + 3599n, end(1), "sold"],
        [lastDays, end(2), "sold"],
      ];
      for (const [now, expiry, code] of cases) {
        x.clock.now = now;
        const answer = await buy(
          x.counter,
          encode(token),
          payFor({ exchange: x, coin: coin!, token, expiry }),
        );
        expect(verdict(answer), `${now} ${expiry}`).to.equal(code);
      }
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
        expect(
          verdict(await buy(x.counter, bytes, payFor({ exchange: x, coin: coin!, token }))),
          what,
        ).to.equal(code);
      }
      expect(
        verdict(await buy(x.counter, encode(token), payFor({ exchange: x, coin: coin!, token }))),
      ).to.equal("sold");
    });
  });
}

describe("counter", () => {
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
    const refused = await buy(
      x.counter,
      encode(noPoint),
      payFor({ exchange: x, coin: coin!, token: noPoint }),
    );
    expect(verdict(refused)).to.equal("sipster/token-not-a-point");
    const cheap = await buy(
      x.counter,
      encode(oneToken(100)),
      payFor({ exchange: x, coin: coin!, token: oneToken(100) }),
    );
    expect(verdict(cheap)).to.equal("ecash/wrong-denomination");
    const unknown = { ...token, denomination: 7 };
    const strange = await buy(
      x.counter,
      encode(unknown),
      payFor({ exchange: x, coin: coin!, token: unknown }),
    );
    expect(verdict(strange)).to.equal("utility/unknown-denomination");
    const sold = await buy(x.counter, encode(token), payFor({ exchange: x, coin: coin!, token }));
    expect(verdict(sold)).to.equal("sold");
    // A token that says 100 where the meter said 10 is another token: its receipt is another point.
    let altered = { ...token, denomination: 100, ctr: 0 };
    while (!isPoint(altered)) altered = { ...altered, ctr: altered.ctr + 1 };
    const dear = await buy(
      x.counter,
      encode(altered),
      payFor({ exchange: x, coin: large!, token: altered }),
    );
    if (dear.kind !== "sold" || sold.kind !== "sold") return expect.fail(verdict(dear));
    expect(dear.receipt).not.to.deep.equal(sold.receipt);
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
    const payment = payFor({ exchange: x, coin: coin!, token: mine });
    expect(verdict(await buy(x.counter, encode(theirs), payment))).to.equal("ecash/wrong-memo");
    expect(verdict(await buy(x.counter, encode(mine), payment))).to.equal("sold");
  });

  it("good and bad requests that come together do not mix", async () => {
    const many = meterPeriod(x.world, Array<number>(40).fill(1), { seed: "many" }).generated.map(
      (g) => g.token,
    );
    const coins = await x.coins(many.map(() => 1));
    const answers = await Promise.all(
      many.map((token, i) => {
        const payment = payFor({ exchange: x, coin: coins[i]!, token });
        // Every third takes the coin's signature from another.
        if (i % 3 === 0) payment.set(coins[(i + 1) % 40]!.slice(-64), 29);
        return buy(x.counter, encode(token), payment);
      }),
    );
    expect(answers.map(verdict)).to.deep.equal(
      many.map((_, i) => (i % 3 ? "sold" : "ecash/forged-coin")),
    );
    many.forEach((token, i) => {
      const answer = answers[i]!;
      if (answer.kind !== "sold") return;
      const receipt = curve.g1.decode(answer.receipt);
      expect(curve.g1.equals(receipt, x.world.issuer.issue(token))).to.equal(true);
    });
  });

  it("started again over its store, it knows what is paid", async () => {
    const [coin] = await x.coins([10]);
    const payment = payFor({ exchange: x, coin: coin!, token: oneToken() });
    const first = await buy(x.counter, encode(oneToken()), payment);
    expect(await buy(x.restart(), encode(oneToken()), payment)).to.deep.equal(first);
    const other = oneToken(10, "other");
    const refused = await buy(
      x.restart(),
      encode(other),
      payFor({ exchange: x, coin: coin!, token: other }),
    );
    expect(refused).to.deep.equal({ kind: "coin-spent", proof: payment });
  });

  it("a store that fails charges nothing, says so, and the next request is served", async () => {
    let broken = true;
    const inner = new MemoryStore();
    const failing: Store = {
      transaction: <T>(body: (tx: Transaction) => Promise<T>) =>
        broken ? Promise.reject(new Error("disk full")) : inner.transaction(body),
      close: () => inner.close(),
    };
    const counter = x.restart(failing);
    const [coin] = await x.coins([10]);
    const payment = payFor({ exchange: x, coin: coin!, token: oneToken() });
    // A stranger is not told what is wrong inside.
    const answer = await buy(counter, encode(oneToken()), payment);
    if (answer.kind !== "refused") return expect.fail("it was sold");
    expect(answer.code).to.equal("utility/busy");
    expect(answer.message).not.to.contain("disk");
    broken = false;
    expect(verdict(await buy(counter, encode(oneToken()), payment))).to.equal("sold");
  });

  it("more orders than can wait are told to come back", async () => {
    const [coin] = await x.coins([10]);
    const token = encode(oneToken());
    const payment = payFor({ exchange: x, coin: coin!, token: oneToken() });
    const bytes = encodeRequest({ kind: "buy", order: { token, payment } });
    const answers = await Promise.all(
      Array.from({ length: 10_300 }, () => x.counter.answer(bytes)),
    );
    const sold = await x.counter.answer(bytes);
    const busy = answers.filter((answer) => Buffer.compare(answer, sold) !== 0);
    expect(busy.length).to.be.within(1, 300);
    expect(new Set(busy.map((answer) => answer.join())).size).to.equal(1);
    expect((await x.counter.sales()).receipts).to.equal(1n);
  });

  describe("refreshes coins", () => {
    const SEED = new Uint8Array(32).fill(0x31);
    const refresh = (coin: Uint8Array) => {
      const { state, message } = x.ecash.prepareRefresh(MINT_KEY_ID, coin, SEED);
      const payment = x.ecash.pay(coin, refreshMemo(system, message, PAYEE), expiryOf(Number(NOW)));
      return { state, request: { kind: "refresh", message, payment } as const };
    };

    it("for a fresh coin of the same denomination, which pays; the old one does not", async () => {
      const [coin] = await x.coins([10]);
      const { state, request } = refresh(coin!);
      const answer = await tell(x.counter, request);
      if (answer.kind !== "refreshed") return expect.fail(verdict(answer));
      expect(await tell(x.restart(), request), "asked again").to.deep.equal(answer);
      const [fresh] = x.ecash.finish(state, answer.signature);
      const token = oneToken();
      const old = await buy(x.counter, encode(token), payFor({ exchange: x, coin: coin!, token }));
      expect(old).to.deep.equal({ kind: "coin-spent", proof: request.payment });
      const paid = await buy(
        x.counter,
        encode(token),
        payFor({ exchange: x, coin: fresh!.secret, token }),
      );
      expect(verdict(paid)).to.equal("sold");
      // A refresh is not a sale.
      expect(await x.counter.sales()).to.deep.equal({ units: 10n, receipts: 1n });
    });

    it("not one that has paid, and not for another denomination or message", async () => {
      const [coin, other] = await x.coins([10, 10]);
      const token = oneToken();
      const payment = payFor({ exchange: x, coin: coin!, token });
      await buy(x.counter, encode(token), payment);
      const spent = await tell(x.counter, refresh(coin!).request);
      expect(spent).to.deep.equal({ kind: "coin-spent", proof: payment });
      const { request } = refresh(other!);
      const dearer = { ...request, message: { ...request.message, denomination: 100 } };
      expect(verdict(await tell(x.counter, dearer))).to.equal("ecash/wrong-memo");
      const swapped = { ...request, message: refresh(coin!).request.message };
      expect(verdict(await tell(x.counter, swapped))).to.equal("ecash/wrong-memo");
      const identity = { ...request, message: { ...request.message, message: new Uint8Array(64) } };
      expect(verdict(await tell(x.counter, identity))).to.equal("ecash/bad-request");
      const foreign = { ...request, message: { ...request.message, mintKeyId: 9 } };
      expect(verdict(await tell(x.counter, foreign))).to.equal("utility/no-refresh");
      expect(verdict(await tell(x.counter, request))).to.equal("refreshed");
    });
  });

  it("answers a dummy that it is well, in the same number of bytes", async () => {
    expect(await tell(x.counter, { kind: "health" })).to.deep.equal({ kind: "healthy" });
    const dummy = await x.counter.answer(encodeRequest({ kind: "health" }));
    const [coin] = await x.coins([10]);
    const order = {
      token: encode(oneToken()),
      payment: payFor({ exchange: x, coin: coin!, token: oneToken() }),
    };
    const real = await x.counter.answer(encodeRequest({ kind: "buy", order }));
    expect(dummy.length).to.equal(real.length);
  });
});
