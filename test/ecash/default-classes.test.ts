import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect } from "chai";
import { coinsWorth, DEFAULT_CLASSES, defaultBasket, type Basket } from "../../src/ecash/index.js";

const doc = readFileSync(resolve(import.meta.dirname, "../../docs/money.md"), "utf8");
const rows = doc
  .split("<!-- classes:begin -->")[1]!
  .split("<!-- classes:end -->")[0]!
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .slice(2)
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const accrual = { emission: "as-it-accrues", denominations: [1, 10, 100, 1000] } as const;
const periodEnd = {
  emission: "at-period-end",
  denominations: Array.from({ length: 14 }, (_, i) => 2 ** i),
} as const;
const coins = (basket: Basket): string =>
  [...basket].map(([d, count]) => `${count}·${d}`).join(", ");

describe("the default size classes", () => {
  it("given the table of docs/money.md, when the classes are read, then bounds, means and both baskets are those of the table", () => {
    const classes = DEFAULT_CLASSES.map((of) => [
      of.name,
      String(of.upTo),
      String(of.mean),
      coins(defaultBasket(of, { ...accrual, minorUnits: 1 })),
      coins(defaultBasket(of, { ...periodEnd, minorUnits: 1 })),
    ]);
    expect(rows.map(([name, upTo, mean, , a, b]) => [name, upTo, mean, a, b])).to.deep.equal(
      classes,
    );
  });

  it("given units of ten cents, when baskets are made, then they are worth as much money", () => {
    for (const of of DEFAULT_CLASSES) {
      const basket = defaultBasket(of, { ...accrual, denominations: [1, 10, 100], minorUnits: 10 });
      const cents = 10 * coinsWorth(basket);
      expect(cents, of.name).to.be.at.least(1.5 * of.mean);
      expect(cents, of.name).to.be.below(1.5 * of.mean + 10 * 100 + 10 * 99);
    }
  });

  it("given any bill of a class at the period's end, when a home pays it, then one basket holds the coins of its bits", () => {
    for (const of of DEFAULT_CLASSES) {
      const basket = defaultBasket(of, { ...periodEnd, minorUnits: 1 });
      const largest = Math.max(...basket.keys());
      for (let units = 1; units <= of.most; units += 97) {
        const needed = Math.floor(units / largest);
        expect(basket.get(largest), `${of.name}, ${units}`).to.be.at.least(needed);
      }
      for (let d = 1; d < largest; d *= 2) expect(basket.get(d), of.name).to.equal(1);
    }
  });
});
