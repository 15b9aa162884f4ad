import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import {
  createMclBn254,
  DiscreteLogTable,
  GROUP_ORDER,
  nobleBn254,
  type Bn254,
} from "../../src/algebra/index.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const mcl = await createMclBn254();
const random = new TestRandom("gt");

function element({ gt }: Bn254, k: bigint): string {
  return bytesToHex(gt.encode(gt.mul(gt.generator, k)));
}

describe("BN254 GT", () => {
  it("has the same elements in both implementations, coefficient by coefficient", () => {
    const long = 1n << 64n;
    const arbitrary = random.below(GROUP_ORDER);
    for (const k of [0n, 1n, 2n, -1n, 77n, -77n, long - 1n, long, -long, GROUP_ORDER, arbitrary]) {
      expect(element(mcl, k)).to.equal(element(nobleBn254, k)).and.have.length(768);
    }
  });

  for (const curve of [mcl, nobleBn254]) {
    const { g1, g2, gt } = curve;

    it(`is a group of order ℓ (${gt.name})`, () => {
      const a = gt.mul(gt.generator, random.below(GROUP_ORDER));
      const b = gt.mul(gt.generator, 5n);
      expect(gt.equals(gt.add(a, b), gt.add(b, a))).to.equal(true);
      expect(gt.equals(gt.sub(gt.add(a, b), b), a)).to.equal(true);
      expect(gt.equals(a, b)).to.equal(false);
      expect(gt.isIdentity(gt.add(a, gt.neg(a)))).to.equal(true);
      expect(gt.isIdentity(gt.identity)).to.equal(true);
      expect(gt.isIdentity(gt.mul(gt.generator, GROUP_ORDER))).to.equal(true);
      expect(gt.isIdentity(a)).to.equal(false);
    });

    it(`holds the pairing's values, which are bilinear (${gt.name})`, () => {
      const [x, y, z] = [random.below(GROUP_ORDER), random.below(GROUP_ORDER), 3n];
      const product = curve.pairingProduct([
        [g1.mul(g1.generator, x), g2.mul(g2.generator, y)],
        [g1.generator, g2.mul(g2.generator, z)],
        [g1.identity, g2.generator],
      ]);
      expect(gt.equals(product, gt.mul(gt.generator, x * y + z))).to.equal(true);
      expect(gt.isIdentity(curve.pairingProduct([]))).to.equal(true);
      expect(gt.isIdentity(curve.pairingProduct([[g1.generator, g2.identity]]))).to.equal(true);
    });

    it(`can be searched for discrete logarithms (${gt.name})`, () => {
      const table = new DiscreteLogTable(gt, gt.generator, curve === mcl ? 2000 : 200);
      for (const v of [0n, 1n, 77n, 400n, -400n]) {
        expect(table.solve(gt.mul(gt.generator, v), { lo: -400n, hi: 400n })).to.equal(v);
      }
      expectError(
        () => table.solve(gt.mul(gt.generator, 401n), { lo: -400n, hi: 400n }),
        "algebra/discrete-log-out-of-range",
      );
    });
  }

  it("refuses elements of the other implementation", () => {
    for (const [own, other] of [
      [mcl.gt, nobleBn254.gt],
      [nobleBn254.gt, mcl.gt],
    ] as const) {
      expectError(() => own.neg(other.generator), "algebra/foreign-point");
    }
  });
});
