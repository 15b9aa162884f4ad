import { expect } from "chai";
import { constantBasket } from "../../src/ecash/index.js";
import { breakDown, parseDenominations } from "../../src/sipster/index.js";

describe("the constant basket", () => {
  for (const denominations of [[1], [1, 10, 100], [1, 7, 10], [1, 2, 5, 10, 20]]) {
    it(`pays every bill up to its size with denominations ${denominations.join(", ")}`, () => {
      for (const max of [0n, 1n, 9n, 10n, 99n, 250n]) {
        const basket = constantBasket(denominations, max);
        for (let units = 0n; units <= max; units++) {
          const left = [...basket];
          for (const part of breakDown(units, parseDenominations(denominations))) {
            const at = left.indexOf(part);
            expect(at, `${units} of ${max}`).to.be.at.least(0);
            left.splice(at, 1);
          }
        }
      }
    });
  }

  it("holds no more than that: 9 ones, 9 tens and 43 hundreds for 4,300 units", () => {
    const basket = constantBasket([1, 10, 100], 4300n);
    const count = (d: number): number => basket.filter((x) => x === d).length;
    expect([count(1), count(10), count(100)]).to.deep.equal([9, 9, 43]);
  });
});
