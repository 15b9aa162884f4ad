import { expect } from "chai";
import * as fc from "fast-check";
import { DEFAULT_RULES, MONTHS, runHome, tokensOf } from "../../scripts/lib/baskets/simulate.js";
import {
  accrualBasket,
  basketCoins,
  coinsWorth,
  periodEndBasket,
  skippedPacks,
} from "../../src/ecash/index.js";

const ACCRUAL = [1, 10, 100, 1000];
const POWERS = Array.from({ length: 14 }, (_, i) => 2 ** i);

describe("baskets of a size class", () => {
  it("for tokens as they accrue have small coins for the period's end and are worth what they should", () => {
    const basket = accrualBasket(ACCRUAL, 4000, 9);
    expect([...basket]).to.deep.equal([
      [1, 9],
      [10, 9],
      [100, 9],
      [1000, 4],
    ]);
    expect(coinsWorth(basket)).to.equal(4999);
    expect(basketCoins(basket).length).to.equal(31);
  });

  it("for tokens as they accrue are worth at least the units wanted, by less than one largest coin too much", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 0, max: 9 }),
        (units, small) => {
          const worth = coinsWorth(accrualBasket(ACCRUAL, units, small));
          expect(worth).to.be.at.least(Math.min(units, worth));
          expect(worth).to.be.lessThan(Math.max(units, 111 * small + 1) + 1000);
          expect(worth).to.be.at.least(units);
        },
      ),
    );
  });

  it("for tokens at the period's end pay every bill of the class, each month", () => {
    for (const most of [1, 2, 100, 8191, 8192, 16_383, 16_384, 20_000, 40_000]) {
      const basket = periodEndBasket(POWERS, most);
      for (const bill of [0, 1, most >> 1, most - 1, most]) {
        for (const [d, count] of tokensOf(bill, POWERS)) {
          expect(basket.get(d) ?? 0, `${bill} of ${most}, coin ${d}`).to.be.at.least(count);
        }
      }
    }
  });

  it("skip as many packs as are above those kept, each denomination apart, and no more than there are withdrawals", () => {
    const basket = new Map([
      [1, 9],
      [1000, 4],
    ]);
    const skips = (stock: [number, number][]): number[] => [
      ...skippedPacks({ stock: new Map(stock), basket }).values(),
    ];
    expect(skips([])).to.deep.equal([0, 0]);
    expect(skips([[1, 17]])).to.deep.equal([0, 0]);
    expect(
      skips([
        [1, 18],
        [1000, 11],
      ]),
    ).to.deep.equal([1, 1]);
    expect(
      skips([
        [1, 900],
        [1000, 3],
      ]),
    ).to.deep.equal([3, 0]);
  });
});

describe("three years with the default basket", () => {
  const basket = accrualBasket(ACCRUAL, 1.5 * 4000, 9);

  it("given any bills up to the basket: no home runs short, and no coin is spent that is not there", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5999 }), { minLength: 12, maxLength: MONTHS }),
        (bills) => {
          const run = runHome({ bills, denominations: ACCRUAL, basket, rules: DEFAULT_RULES });
          expect(run.extra).to.equal(0);
          expect(run.bound.every((units) => units >= 0)).to.equal(true);
          expect(run.withdrawnUnits).to.be.at.least(run.usedUnits);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("given bills of the mean: money bound stays below four baskets, where without skipping it grows for ever", () => {
    const bills = Array<number>(12).fill(4000);
    const bounded = runHome({ bills, denominations: ACCRUAL, basket, rules: DEFAULT_RULES }).bound;
    expect(Math.max(...bounded.slice(6))).to.be.at.most(4 * coinsWorth(basket));
    const growing = runHome({
      bills,
      denominations: ACCRUAL,
      basket,
      rules: { ...DEFAULT_RULES, keep: null },
    }).bound;
    expect(growing.at(-1)!).to.be.greaterThan(10 * coinsWorth(basket));
  });

  it("given a bill above the basket: one pack of the missing denomination is drawn, and no whole basket", () => {
    const bills = [40_000, ...Array<number>(35).fill(0)];
    const run = runHome({ bills, denominations: ACCRUAL, basket, rules: DEFAULT_RULES });
    const packs = Math.ceil((40 - 2 * basket.get(1000)!) / basket.get(1000)!);
    expect(run.extra).to.equal(packs);
  });
});
