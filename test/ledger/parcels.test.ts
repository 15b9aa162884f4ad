import { expect } from "chai";
import fc from "fast-check";
import {
  ALL_CATEGORIES,
  categoryOf,
  MAX_PARCELS,
  nextAverage,
  parcelSize,
  splitIntoParcels,
  toAverage,
} from "../../src/ledger/parcels.js";
import { expectError } from "../support/errors.js";

describe("Parcels", () => {
  it("have five sizes from a quarter of the average to four times", () => {
    expect(ALL_CATEGORIES.map((c) => parcelSize(c, 200n))).to.deep.equal([
      50n,
      100n,
      200n,
      400n,
      800n,
    ]);
    expect(ALL_CATEGORIES.map((c) => categoryOf(parcelSize(c, 200n), 200n))).to.deep.equal(
      ALL_CATEGORIES,
    );
    expect(categoryOf(51n, 200n)).to.equal(undefined);
  });

  it("split consumption largest first, and carry what is less than the smallest", () => {
    expect(splitIntoParcels(0n, 200n)).to.deep.equal({ parcels: [], remainder: 0n });
    expect(splitIntoParcels(49n, 200n)).to.deep.equal({ parcels: [], remainder: 49n });
    expect(splitIntoParcels(1399n, 200n)).to.deep.equal({ parcels: [4, 3, 1, 0], remainder: 49n });
    expect(splitIntoParcels(1_000_000n, 200n).parcels).to.deep.equal(Array(MAX_PARCELS).fill(4));
  });

  it("use no category that is not usable", () => {
    const split = splitIntoParcels(1399n, 200n, (c) => c !== 4 && c !== 0);
    expect(split).to.deep.equal({ parcels: [3, 3, 3, 1], remainder: 99n });
    expect(splitIntoParcels(1399n, 200n, () => false)).to.deep.equal({
      parcels: [],
      remainder: 1399n,
    });
  });

  it("lose and invent nothing, for any consumption, average and usable categories", () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 200_000n),
        fc.bigInt(1n, 2000n),
        fc.integer({ min: 0, max: 31 }),
        (wattHours, quarter, mask) => {
          const average = 4n * quarter;
          const usable = (c: number): boolean => (mask & (1 << c)) !== 0;
          const { parcels, remainder } = splitIntoParcels(wattHours, average, usable);
          const sum = parcels.reduce((s, c) => s + parcelSize(c, average), 0n);
          expect(sum + remainder).to.equal(wattHours);
          expect(parcels.every(usable)).to.equal(true);
          expect(parcels.length).to.be.at.most(MAX_PARCELS);
          if (parcels.length < MAX_PARCELS && usable(0)) expect(remainder < quarter).to.equal(true);
        },
      ),
      { seed: 6, numRuns: 500 },
    );
  });

  it("refuse a negative consumption and an average that does not divide", () => {
    expectError(() => splitIntoParcels(-1n, 200n), "ledger/bad-consumption");
    for (const average of [0n, 2n, 201n, -4n]) {
      expectError(() => splitIntoParcels(1n, average), "ledger/bad-average");
    }
  });

  it("follow the load: the average moves by an eighth of the difference, in steps of 4 Wh", () => {
    expect(toAverage(203n)).to.equal(200n);
    expect(toAverage(0n)).to.equal(4n);
    expect(nextAverage(200n, 10_000n, 10)).to.equal(300n);
    expect(nextAverage(200n, 2_000n, 10)).to.equal(200n);
    expect(nextAverage(4n, 0n, 10)).to.equal(4n);
  });
});
