import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  decodeReceiptRequest,
  decodeReceiptResponse,
  encodeReceiptResponse,
  findBadReceipts,
  type ReceiptResponse,
  type Token,
} from "../../src/sipster/index.js";
import { MemoryStore, type Store, type Transaction } from "../../src/store/index.js";
import { sales } from "../../src/utility/index.js";
import { expectError } from "../support/errors.js";
import { ask, exchange, hex, NOW, payFor, type Exchange } from "../support/exchange.js";
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

    function isReceipt(token: Token, response: ReceiptResponse): boolean {
      if (response.status !== 200) return false;
      const receipt = curve.g1.decode(response.receipt);
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
      for (const r of responses) expect(r).to.deep.equal(responses[0]);
      expect((await sales(x.store)).receipts).to.equal(1n);
    });

    it("double spend: the second token is refused, with the earlier payment as proof", async () => {
      const [coin] = await x.coins([1]);
      const [first, second] = meterPeriod(x.world, [1, 1], { seed: "two" }).generated.map(
        (g) => g.token,
      );
      const earlier = payFor(x, coin!, first!);
      expect((await ask(x.service, encode(first!), earlier)).status).to.equal(200);
      const payment = payFor(x, coin!, second!);
      const response = await ask(x.service, encode(second!), payment);
      if (response.status !== 409) return expect.fail(`status ${response.status}`);
      expect(hex(response.earlier)).to.equal(hex(earlier));
      expect(x.ecash.provesDoubleSpend(response.earlier, payment)).to.equal(true);
      // The second token is not paid, and the first still is.
      const empty = new Uint8Array();
      expect((await ask(x.service, encode(second!), empty)).status).to.equal(402);
      expect((await ask(x.service, encode(first!), empty)).status).to.equal(200);
      expect((await sales(x.store)).receipts).to.equal(1n);
    });

    it("double spend at once: of two tokens with one coin exactly one is sold", async () => {
      const [coin] = await x.coins([1]);
      const two = meterPeriod(x.world, [1, 1], { seed: "two" }).generated.map((g) => g.token);
      const responses = await Promise.all(
        two.map((token) => ask(x.service, encode(token), payFor(x, coin!, token))),
      );
      expect(responses.map((r) => r.status).sort()).to.deep.equal([200, 409]);
    });

    it("a paid token takes no second coin, and its receipt is anyone's", async () => {
      const [a, b] = await x.coins([sizes[0]!, sizes[0]!]);
      const token = tokens[0]!;
      const first = await ask(x.service, encode(token), payFor(x, a!, token));
      const again = await ask(x.service, encode(token), payFor(x, b!, token));
      expect(again).to.deep.equal(first);
      const unpaid = await ask(x.service, encode(token), new Uint8Array());
      expect(unpaid).to.deep.equal(first);
      // The second coin is still good.
      const other = meterPeriod(x.world, [sizes[0]!], { seed: "other" }).generated[0]!.token;
      expect((await ask(x.service, encode(other), payFor(x, b!, other))).status).to.equal(200);
    });

    it("an expired payment is refused, unless its token is paid", async () => {
      const coins = await x.coins([sizes[0]!, sizes[1]!]);
      const [paid, late] = [0, 1].map((i) => payFor(x, coins[i]!, tokens[i]!));
      const before = await ask(x.service, encode(tokens[0]!), paid!);
      x.clock.now = NOW + 4000n;
      expect(await ask(x.service, encode(tokens[0]!), paid!)).to.deep.equal(before);
      const refused = await ask(x.service, encode(tokens[1]!), late!);
      expect(refused.status).to.equal(410);
      // The same coin, paid again for the same token.
      const renewed = payFor(x, coins[1]!, tokens[1]!, NOW + 9000n);
      expect((await ask(x.service, encode(tokens[1]!), renewed)).status).to.equal(200);
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
        expect(response, what).to.include({ status: 400, code });
      }
      expect((await ask(x.service, encode(token), payFor(x, coin!, token))).status).to.equal(200);
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
    expect(refused).to.include({ status: 400, code: "sipster/token-not-a-point" });
    // A token that says 100 where the meter said 10 is another token; its receipt fits no bill.
    const altered = { ...token, denomination: 100 };
    if (isPoint(altered)) {
      const response = await ask(x.service, encode(altered), payFor(x, large!, altered));
      expect(response.status).to.equal(200);
    }
    const cheap = await ask(x.service, encode(oneToken(100)), payFor(x, coin!, oneToken(100)));
    expect(cheap).to.include({ status: 402, code: "ecash/wrong-denomination" });
    const unknown = await ask(x.service, encode({ ...token, denomination: 7 }), new Uint8Array());
    expect(unknown).to.include({ status: 400, code: "utility/unknown-denomination" });
    expect((await ask(x.service, encode(token), payFor(x, coin!, token))).status).to.equal(200);
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
    expect(stolen).to.include({ status: 402, code: "ecash/wrong-memo" });
    expect((await ask(x.service, encode(mine), payment)).status).to.equal(200);
  });

  it("good and bad requests that come together do not mix", async () => {
    const many = meterPeriod(x.world, Array<number>(40).fill(1), { seed: "many" }).generated.map(
      (g) => g.token,
    );
    const coins = await x.coins(many.map(() => 1));
    const responses = await Promise.all(
      many.map((token, i) => {
        const payment = payFor(x, coins[i]!, token);
        // Every third is spoilt in its coin's signature.
        if (i % 3 === 0) payment[40]! ^= 1;
        return ask(x.service, encode(token), payment);
      }),
    );
    expect(responses.map((r) => r.status)).to.deep.equal(many.map((_, i) => (i % 3 ? 200 : 402)));
    many.forEach((token, i) => {
      const response = responses[i]!;
      if (response.status !== 200) return;
      const receipt = curve.g1.decode(response.receipt);
      expect(curve.g1.equals(receipt, x.world.issuer.issue(token))).to.equal(true);
    });
  });

  it("started again over its store, it knows what is paid", async () => {
    const [coin] = await x.coins([10]);
    const payment = payFor(x, coin!, oneToken());
    const first = await ask(x.service, encode(oneToken()), payment);
    expect(await ask(x.restart(), encode(oneToken()), payment)).to.deep.equal(first);
    const other = oneToken(10, "other");
    expect((await ask(x.restart(), encode(other), payFor(x, coin!, other))).status).to.equal(409);
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
    const response = await ask(service, encode(oneToken()), payment);
    expect(response).to.include({ status: 503, code: "utility/busy" });
    if (response.status === 503) expect(response.message).not.to.contain("disk");
    broken = false;
    expect((await ask(service, encode(oneToken()), payment)).status).to.equal(200);
  });

  it("messages survive encoding; others are refused", () => {
    const responses: ReceiptResponse[] = [
      { status: 200, receipt: new Uint8Array(64).fill(7) },
      { status: 409, earlier: Uint8Array.of(1, 2) },
      { status: 503, code: "utility/busy", message: "später" },
    ];
    for (const r of responses) {
      expect(decodeReceiptResponse(encodeReceiptResponse(r))).to.deep.equal(r);
    }
    const cut = encodeReceiptResponse(responses[0]!).subarray(0, -1);
    for (const bytes of [cut, Uint8Array.of(0), Uint8Array.of(0x01, 0x00)]) {
      expectError(() => decodeReceiptResponse(bytes), "sipster/bad-message");
    }
    expectError(() => decodeReceiptRequest(Uint8Array.of(0, 9, 1)), "sipster/bad-message");
  });

  it("a request that is none is answered", async () => {
    const response = decodeReceiptResponse(await x.service.answer(Uint8Array.of(0)));
    expect(response).to.include({ status: 400, code: "sipster/bad-message" });
  });

  it("more requests than can wait are told to come back", async () => {
    const request = Uint8Array.of(0);
    const responses = await Promise.all(
      Array.from({ length: 10_200 }, () => x.service.answer(request)),
    );
    const busy = responses.map(decodeReceiptResponse).filter((r) => r.status === 503);
    expect(busy.length).to.be.within(1, 200);
    expect(busy[0]).to.include({ code: "utility/busy" });
  });
});
