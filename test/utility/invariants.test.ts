/** Random orders, many at once, coins and tokens in every combination: what must always hold. */
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { sales } from "../../src/utility/index.js";
import { ask, exchange, payFor, verdict } from "../support/exchange.js";
import { TestRandom } from "../support/random.js";
import { meterPeriod } from "../support/settlement.js";

const curve = await createMclBn254();

describe("receipt service under random orders", () => {
  for (const seed of ["first", "second", "third"]) {
    it(`a coin buys one token, a token costs one coin, receipts are right (seed "${seed}")`, async () => {
      const random = new TestRandom(seed);
      const x = exchange(curve);
      const sizes = [1, 1, 1, 1, 10, 10, 10, 100];
      const { generated } = meterPeriod(x.world, sizes, { seed });
      const coins = await x.coins([...sizes, 1, 10]);
      const coinSizes = [...sizes, 1, 10];
      let service = x.service;
      const paidBy = new Map<number, number>();
      for (let round = 0; round < 6; round++) {
        const orders = Array.from({ length: 40 }, () => ({
          token: random.int(sizes.length),
          coin: random.int(coins.length + 1),
        }));
        const outcomes = await Promise.all(
          orders.map(({ token, coin }) => {
            const t = generated[token]!.token;
            const payment = coin < coins.length ? payFor(x, coins[coin]!, t) : undefined;
            return ask(service, x.world.suite.encode(t), payment);
          }),
        );
        // Who took what: at most one coin for each token, one token for each coin, never changed.
        outcomes.forEach((outcome, i) => {
          const { token, coin } = orders[i]!;
          if (!("sold" in outcome) || !outcome.sold.coinTaken) return;
          expect(paidBy.get(token) ?? coin).to.equal(coin);
          paidBy.set(token, coin);
        });
        expect(new Set(paidBy.values()).size).to.equal(paidBy.size);
        outcomes.forEach((outcome, i) => {
          const { token, coin } = orders[i]!;
          const what = `token ${token}, coin ${coin}`;
          if ("sold" in outcome) {
            const right = x.world.issuer.issue(generated[token]!.token);
            expect(outcome.sold.receipt, what).to.deep.equal(curve.g1.encode(right));
            expect(paidBy.has(token), what).to.equal(true);
          } else {
            const size = sizes[token]!;
            const expected =
              coin === coins.length
                ? "utility/payment-required"
                : coinSizes[coin] === size
                  ? "utility/coin-already-bound"
                  : "ecash/wrong-denomination";
            expect(verdict(outcome), what).to.equal(expected);
          }
        });
        if (random.int(2) === 0) service = x.restart();
      }
      const units = [...paidBy.keys()].reduce((sum, token) => sum + BigInt(sizes[token]!), 0n);
      expect(await sales(x.store)).to.deep.equal({ units, receipts: BigInt(paidBy.size) });
      expect((await service.spentCoins()).length).to.equal(paidBy.size);
      expect(paidBy.size).to.be.at.least(5);
    });
  }
});
