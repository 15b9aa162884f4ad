import { expect } from "chai";
import fc from "fast-check";
import { timetableArguments } from "../../src/ledger/contract-calls.js";
import { PiecewiseLinearPrice, TimetablePrice } from "../../src/ledger/price.js";
import { expectError } from "../support/errors.js";

describe("Price functions", () => {
  const points = [
    { load: 100n, price: 10n },
    { load: 200n, price: 30n },
    { load: 500n, price: 5n },
  ];

  it("are linear between points and constant outside them", () => {
    const price = new PiecewiseLinearPrice(points);
    const at = [0n, 99n, 100n, 101n, 150n, 199n, 200n, 350n, 499n, 500n, 10n ** 18n];
    expect(at.map((load) => price.priceAt(0, load))).to.deep.equal([
      10n,
      10n,
      10n,
      10n,
      20n,
      29n,
      30n,
      18n,
      6n,
      5n,
      5n,
    ]);
  });

  it("may be zero, and have a point at no load", () => {
    const price = new PiecewiseLinearPrice([
      { load: 0n, price: 0n },
      { load: 4n, price: 2n },
    ]);
    expect([0n, 1n, 2n, 4n, 5n].map((load) => price.priceAt(0, load))).to.deep.equal([
      0n,
      0n,
      1n,
      2n,
      2n,
    ]);
    expect(new TimetablePrice(7, [0n], [0]).priceAt(7)).to.equal(0n);
  });

  it("of a timetable are packed for the contract, two entries a byte, the earlier one above", () => {
    const timetable = new TimetablePrice(7, [10n, 20n, 30n], [1, 2, 0, 2, 1]);
    expect(timetableArguments(timetable)).to.deep.equal([7, 5, [10n, 20n, 30n], "0x120210"]);
  });

  it("stay between the prices of the points around", () => {
    const price = new PiecewiseLinearPrice(points);
    fc.assert(
      fc.property(fc.bigInt(100n, 500n), (load) => {
        const [low, high] = load < 200n ? [10n, 30n] : [5n, 30n];
        const p = price.priceAt(0, load);
        expect(p >= low && p <= high).to.equal(true);
      }),
      { seed: 6 },
    );
  });

  it("follow a timetable for every load, and end where it ends", () => {
    const price = new TimetablePrice(1000, [67_200n, 11_760n, 3_990n], [1, 0, 2]);
    expect([1000, 1001, 1002].map((i) => price.priceAt(i))).to.deep.equal([
      11_760n,
      67_200n,
      3_990n,
    ]);
    for (const outside of [999, 1003]) {
      expectError(() => price.priceAt(outside), "ledger/no-price");
    }
  });

  it("have up to sixteen levels in a timetable, and no more", () => {
    const levels = Array.from({ length: 16 }, (_, i) => BigInt(i));
    expect(new TimetablePrice(0, levels, [15]).priceAt(0)).to.equal(15n);
    expectError(() => new TimetablePrice(0, [...levels, 16n], [0]), "ledger/bad-price-function");
  });

  it("are refused when they cannot be", () => {
    const point = (load: bigint, price = 1n) => ({ load, price });
    for (const bad of [
      [],
      [point(2n), point(2n)],
      [point(3n), point(2n)],
      [point(0n, -1n)],
      [point(-1n)],
    ]) {
      expectError(() => new PiecewiseLinearPrice(bad), "ledger/bad-price-function");
    }
    const many = new Array<bigint>(17).fill(1n);
    for (const [levels, schedule] of [
      [[], [0]],
      [[1n], []],
      [[1n], [1]],
      [many, [0]],
      [[-1n], [0]],
    ] as const) {
      expectError(() => new TimetablePrice(0, levels, schedule), "ledger/bad-price-function");
    }
  });
});
