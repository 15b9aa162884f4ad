import { expect } from "chai";
import { createMclBn254, DiscreteLogTable, nobleBn254 } from "../../src/algebra/index.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const mcl = await createMclBn254();
const random = new TestRandom("discrete logarithm");

for (const { g1, bytes } of [
  { g1: mcl.g1, bytes: 40_000 },
  { g1: nobleBn254.g1, bytes: 400 },
]) {
  describe(`discrete logarithm (${g1.name})`, () => {
    const base = g1.mul(g1.generator, 77n);
    const table = new DiscreteLogTable(g1, base, bytes);
    const m = BigInt(table.steps);
    const at = (v: bigint) => g1.mul(base, v);

    it("finds zero, the ends of the table and of the range, and what lies beyond a giant step", () => {
      const hi = 60n * m;
      const values = [0n, 1n, m - 1n, m, m + 1n, 2n * m, 2n * m + 1n, 3n * m + 2n, hi - 1n, hi];
      for (const v of values) {
        expect(table.solve(at(v), { lo: 0n, hi })).to.equal(v);
        expect(table.solve(at(-v), { lo: -hi, hi })).to.equal(-v);
      }
    });

    it("finds every value of a small range, negative ones included", () => {
      for (let v = -9n; v <= 9n; v++) {
        expect(table.solve(at(v), { lo: -9n, hi: 9n })).to.equal(v);
      }
    });

    it("finds random values from any starting value", () => {
      const hi = 40n * m;
      for (let i = 0; i < 8; i++) {
        const v = random.below(2n * hi) - hi;
        const near = random.below(2n * hi) - hi;
        expect(table.solve(at(v), { lo: -hi, hi, near })).to.equal(v);
      }
    });

    it("searches ranges that do not contain zero", () => {
      expect(table.solve(at(1_000_005n), { lo: 1_000_000n, hi: 1_000_010n })).to.equal(1_000_005n);
      expect(table.solve(at(-1_000_005n), { lo: -1_000_010n, hi: -1_000_000n })).to.equal(
        -1_000_005n,
      );
    });

    it("names the range when the value lies outside it, however near", () => {
      for (const v of [-1n, 11n, 12n * m, random.below(g1.order)]) {
        const error = expectError(
          () => table.solve(at(v), { lo: 0n, hi: 10n }),
          "algebra/discrete-log-out-of-range",
        );
        expect(error.details).to.deep.equal({ lo: 0n, hi: 10n });
      }
    });

    it("refuses empty ranges and starting values outside the range", () => {
      expectError(() => table.solve(base, { lo: 1n, hi: 0n }), "algebra/empty-range");
      expectError(() => table.solve(base, { lo: 0n, hi: 9n, near: 10n }), "algebra/empty-range");
    });

    it("keeps to the memory it was given", () => {
      expect(table.bytes).to.be.at.most(bytes);
      expect(table.bytes).to.be.at.least(bytes * 0.8);
    });

    it("refuses tables that cannot be", () => {
      for (const bad of [0, 19, 1.5, Number.NaN, 2 ** 40]) {
        expectError(() => new DiscreteLogTable(g1, base, bad), "algebra/bad-table-size");
      }
    });
  });
}
