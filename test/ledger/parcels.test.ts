import { expect } from "chai";
import fc from "fast-check";
import {
  ALL_CATEGORIES,
  HOME_SLOTS,
  isInMask,
  leastReports,
  MOST_OF_CATEGORY,
  nextAverage,
  parcelSize,
  splitIntoParcels,
  PRESENCE,
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
    expect(parcelSize(PRESENCE, 200n)).to.equal(0n);
  });

  it("have as many pseudonyms in a home as it may send reports of each category", () => {
    for (const category of ALL_CATEGORIES) {
      const slots = HOME_SLOTS.filter((slot) => slot === category).length;
      expect(slots).to.equal(MOST_OF_CATEGORY[category]);
      // So this many reports are of at least three homes.
      expect(leastReports(category, 3)).to.equal(2 * slots + slots);
    }
    expect(HOME_SLOTS.filter((slot) => slot === PRESENCE)).to.have.lengthOf(1);
  });

  it("split consumption largest first, and carry what is less than the smallest", () => {
    expect(splitIntoParcels(0n, 200n)).to.deep.equal({ parcels: [], remainder: 0n });
    expect(splitIntoParcels(49n, 200n)).to.deep.equal({ parcels: [], remainder: 49n });
    expect(splitIntoParcels(1399n, 200n)).to.deep.equal({ parcels: [4, 3, 1, 0], remainder: 49n });
    expect(splitIntoParcels(1_000_000n, 200n).parcels).to.deep.equal([4, 4, 3, 2, 1, 0]);
  });

  it("use no category that is not usable", () => {
    const split = splitIntoParcels(1399n, 200n, 0b10001);
    expect(split).to.deep.equal({ parcels: [3, 2, 1], remainder: 699n });
    expect(splitIntoParcels(1399n, 200n, 31)).to.deep.equal({ parcels: [], remainder: 1399n });
  });

  it("lose and invent nothing, for any consumption, average and usable categories", () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 200_000n),
        fc.bigInt(1n, 2000n),
        fc.integer({ min: 0, max: 31 }),
        (wattHours, quarter, mask) => {
          const average = 4n * quarter;
          const { parcels, remainder } = splitIntoParcels(wattHours, average, mask);
          const sum = parcels.reduce((s, c) => s + parcelSize(c, average), 0n);
          expect(sum + remainder).to.equal(wattHours);
          for (const category of ALL_CATEGORIES) {
            const used = parcels.filter((c) => c === category).length;
            expect(used).to.be.at.most(isInMask(mask, category) ? 0 : MOST_OF_CATEGORY[category]);
            const isUsedUp = used === MOST_OF_CATEGORY[category] || isInMask(mask, category);
            if (!isUsedUp) expect(remainder < parcelSize(category, average)).to.equal(true);
          }
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
    const after = ({
      average,
      load,
      rows = 1,
      homes = 10,
    }: {
      readonly average: bigint;
      readonly load: bigint;
      readonly rows?: number;
      readonly homes?: number;
    }): bigint => nextAverage({ rows, load, homes, average });
    expect(after({ average: 200n, load: 10_000n })).to.equal(300n);
    expect(after({ average: 200n, load: 2_000n })).to.equal(200n);
    expect(after({ average: 4n, load: 0n })).to.equal(4n);
    expect(after({ average: 200n, load: 0n, rows: 0 })).to.equal(200n);
    expect(after({ average: 200n, load: 0n, rows: 1, homes: 0 })).to.equal(200n);
  });
});
