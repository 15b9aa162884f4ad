import { expect } from "chai";
import { layoutBits, rangeDigits, rangeWeights } from "../../src/sealed/ranges.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const dot = (weights: readonly bigint[], digits: readonly number[]): bigint =>
  weights.reduce((sum, w, i) => sum + w * BigInt(digits[i]!), 0n);

describe("ranges as weighted bits", () => {
  it("reach every integer of the range and no other, for every width up to 70", () => {
    for (let width = 0n; width <= 70n; width++) {
      const weights = rangeWeights({ lo: -3n, hi: width - 3n });
      const reached = new Set<bigint>();
      for (let subset = 0; subset < 2 ** weights.length; subset++) {
        reached.add(
          dot(
            weights,
            weights.map((_, i) => (subset >> i) & 1),
          ),
        );
      }
      expect([...reached].sort((a, b) => Number(a - b))).to.deep.equal(
        Array.from({ length: Number(width) + 1 }, (_, i) => BigInt(i)),
      );
    }
  });

  it("gives each value digits that add up to it", () => {
    const random = new TestRandom("digits");
    const ranges = [
      { lo: 0n, hi: 0n },
      { lo: -5n, hi: 95n },
      { lo: 0n, hi: 65535n },
      { lo: 0n, hi: 65536n },
      { lo: -(1n << 63n), hi: (1n << 63n) - 1n },
    ];
    for (const range of ranges) {
      const { lo, hi } = range;
      const inside = Array.from({ length: 20 }, () => lo + random.below(hi - lo + 1n));
      for (const v of [lo, hi, lo + (hi - lo) / 2n, ...inside]) {
        expect(dot(rangeWeights(range), rangeDigits(range, v))).to.equal(v - lo);
      }
    }
  });

  it("takes the bits of the width, and powers of two for powers of two", () => {
    expect(rangeWeights({ lo: 0n, hi: 65535n })).to.deep.equal(
      Array.from({ length: 16 }, (_, i) => 1n << BigInt(i)),
    );
    expect(rangeWeights({ lo: 100n, hi: 5100n })).to.have.lengthOf(13);
  });

  it("lays several ranges side by side and fills up to a power of two", () => {
    const layout = layoutBits([
      { lo: 0n, hi: 7n },
      { lo: 0n, hi: 2n },
    ]);
    expect(layout.weights).to.deep.equal([1n, 2n, 4n, 1n, 1n, 0n, 0n, 0n]);
    expect(layout.owner).to.deep.equal([0, 0, 0, 1, 1, 1, 1, 1]);
  });

  it("refuses empty ranges, wider ones than 64 bits, and more than 8,192 bits together", () => {
    expectError(() => rangeWeights({ lo: 1n, hi: 0n }), "sealed/bad-range");
    expectError(() => rangeWeights({ lo: 0n, hi: 1n << 64n }), "sealed/bad-range");
    expectError(() => layoutBits([]), "sealed/bad-range");
    const wide = { lo: 0n, hi: (1n << 64n) - 1n };
    expect(layoutBits(new Array(128).fill(wide)).length).to.equal(8192);
    expectError(() => layoutBits(new Array(129).fill(wide)), "sealed/bad-range");
  });
});
