/** Random orders, many at once, coins and tokens in every combination: what must always hold. */
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { buy, exchange, payFor, verdict } from "../support/exchange.js";
import { TestRandom } from "../support/random.js";
import { meterPeriod } from "../support/settlement.js";

const curve = await createMclBn254();

describe("counter under random orders", () => {
  for (const seed of ["first", "second", "third"]) {
    it(`a coin buys one token, a token costs one coin, receipts are right (seed "${seed}")`, async () => {
      const random = new TestRandom(seed);
      const x = exchange(curve);
      const sizes = [1, 1, 1, 1, 10, 10, 10, 100];
      const { generated } = meterPeriod(x.world, sizes, { seed });
      const coins = await x.coins([...sizes, 1, 10]);
      const coinSizes = [...sizes, 1, 10];
      let counter = x.counter;
      const paidBy = new Map<number, number>();
      for (let round = 0; round < 6; round++) {
        const orders = Array.from({ length: 40 }, () => ({
          token: random.int(sizes.length),
          coin: random.int(coins.length),
        }));
        const answers = await Promise.all(
          orders.map(({ token, coin }) => {
            const t = generated[token]!.token;
            return buy(
              counter,
              x.world.suite.encode(t),
              payFor({ exchange: x, coin: coins[coin]!, token: t }),
            );
          }),
        );
        // Who took what: at most one coin for each token, one token for each coin, never changed.
        answers.forEach((answer, i) => {
          const { token, coin } = orders[i]!;
          if (answer.kind !== "sold") return;
          expect(paidBy.get(token) ?? coin).to.equal(coin);
          paidBy.set(token, coin);
        });
        expect(new Set(paidBy.values()).size).to.equal(paidBy.size);
        answers.forEach((answer, i) => {
          const { token, coin } = orders[i]!;
          const what = `token ${token}, coin ${coin}`;
          const t = generated[token]!.token;
          const mine = payFor({ exchange: x, coin: coins[coin]!, token: t });
          if (answer.kind === "sold" || answer.kind === "already-paid") {
            const right = x.world.issuer.issue(t);
            expect(answer.receipt, what).to.deep.equal(curve.g1.encode(right));
            expect(paidBy.has(token), what).to.equal(true);
          }
          if (answer.kind === "already-paid") {
            expect(x.ecash.provesPaid(answer.proof, mine), what).to.equal(true);
          } else if (answer.kind === "coin-spent") {
            expect(x.ecash.provesDoubleSpend(answer.proof, mine), what).to.equal(true);
          } else if (answer.kind === "refused") {
            expect(verdict(answer), what).to.equal("ecash/wrong-denomination");
            expect(coinSizes[coin], what).not.to.equal(sizes[token]);
          }
        });
        if (random.int(2) === 0) counter = x.restart();
      }
      const units = [...paidBy.keys()].reduce((sum, token) => sum + BigInt(sizes[token]!), 0n);
      expect(await counter.sales()).to.deep.equal({ units, receipts: BigInt(paidBy.size) });
      expect(paidBy.size).to.be.at.least(5);
    });
  }
});
