import { expect } from "chai";
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  bytesToInt,
  createMclBn254,
  createMclSecp256k1,
  DiscreteLogTable,
  intToBytes,
  nobleBn254,
  nobleSecp256k1,
  SECP256K1_FIELD_PRIME,
  SECP256K1_ORDER,
  type HintedPoint,
  type Secp256k1Group,
} from "../../src/algebra/index.js";
import { BETA, LAMBDA, splitScalar } from "../../src/algebra/secp256k1/glv.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const mcl = await createMclSecp256k1();
const noble = nobleSecp256k1;
const n = SECP256K1_ORDER;
const random = new TestRandom("secp256k1");

const edgeScalars = [0n, 1n, 2n, n - 1n, n - 2n, n / 2n, 1n << 128n, LAMBDA, n, n + 5n, -3n];

/** The same multiples of the generator in both implementations. */
function multiples(count: number) {
  return Array.from({ length: count }, (_, i) => {
    const k = i < 3 ? BigInt(i + 1) : random.below(n);
    return { fast: mcl.mul(mcl.generator, k), oracle: noble.mul(noble.generator, k) };
  });
}

function same(fast: ReturnType<Secp256k1Group["neg"]>, oracle: ReturnType<Secp256k1Group["neg"]>) {
  expect(bytesToHex(mcl.encode(fast))).to.equal(bytesToHex(noble.encode(oracle)));
}

for (const group of [mcl, noble]) {
  describe(`secp256k1 (${group.name})`, () => {
    it("has the generator and order of SEC 2", () => {
      expect(bytesToHex(group.encode(group.generator))).to.equal(
        "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
      );
      expect(group.isIdentity(group.mul(group.generator, n))).to.equal(true);
      expect(group.equals(group.mul(group.generator, n - 1n), group.neg(group.generator))).to.equal(
        true,
      );
    });

    it("encodes the identity as 33 zero bytes and reads it back", () => {
      expect(group.encode(group.identity)).to.deep.equal(new Uint8Array(33));
      expect(group.isIdentity(group.decode(new Uint8Array(33)))).to.equal(true);
      expect(group.isIdentity(group.generator)).to.equal(false);
    });

    it("refuses every encoding that is not canonical", () => {
      const good = group.encode(group.generator);
      const withPrefix = (p: number) => Uint8Array.from([p, ...good.subarray(1)]);
      for (const p of [0, 1, 4, 5, 6, 7, 255]) {
        expectError(() => group.decode(withPrefix(p)), "algebra/bad-prefix");
      }
      for (const length of [0, 1, 32, 34, 65]) {
        expectError(() => group.decode(new Uint8Array(length).fill(2)), "algebra/bad-length");
      }
      for (const x of [SECP256K1_FIELD_PRIME, SECP256K1_FIELD_PRIME + 1n, (1n << 256n) - 1n]) {
        const bytes = Uint8Array.from([2, ...intToBytes(x, 32)]);
        expectError(() => group.decode(bytes), "algebra/coordinate-out-of-range");
      }
      // x = 1 + p would be x = 1, which is on the curve, if it were reduced.
      expect(group.encode(group.decode(Uint8Array.from([2, ...intToBytes(1n, 32)])))[32]).to.equal(
        1,
      );
      // 5³ + 7 is not a square.
      for (const x of [0n, 5n]) {
        const bytes = Uint8Array.from([3, ...intToBytes(x, 32)]);
        expectError(() => group.decode(bytes), "algebra/point-not-on-curve");
      }
    });

    it("given a y coordinate as a hint, reads the point of the encoding and no other, right or wrong", () => {
      const point = group.mul(group.generator, 12_345n);
      const opposite = group.neg(point);
      const [hinted, other] = group.encodeHinted([point, opposite]) as [HintedPoint, HintedPoint];
      expect(hinted.encoded).to.deep.equal(group.encode(point));
      expect(bytesToInt(hinted.y) + bytesToInt(other.y)).to.equal(SECP256K1_FIELD_PRIME);
      const hints = [
        hinted.y,
        other.y,
        hinted.y.map((byte, i) => (i === 5 ? byte ^ 1 : byte)),
        new Uint8Array(32),
        new Uint8Array(32).fill(255),
        new Uint8Array(31),
        new Uint8Array(),
      ];
      for (const y of hints) {
        expect(group.equals(group.decodeHinted(hinted.encoded, y), point)).to.equal(true);
      }
      expect(group.isIdentity(group.decodeHinted(new Uint8Array(33), hinted.y))).to.equal(true);
      expectError(() => group.decodeHinted(new Uint8Array(32), hinted.y), "algebra/bad-length");
      const nowhere = Uint8Array.from([3, ...intToBytes(5n, 32)]);
      expectError(() => group.decodeHinted(nowhere, hinted.y), "algebra/point-not-on-curve");
    });

    it("hashes to the curve as RFC 9380, appendix J.8.1 has it", () => {
      const dst = "QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_RO_";
      const vectors = [
        ["", "c1cae290e291aee617ebaef1be6d73861479c48b841eaba9b7b5852ddfeb1346"],
        ["abc", "3377e01eab42db296b512293120c6cee72b6ecf9f9205760bd9ff11fb3cb2c4b"],
      ] as const;
      for (const [message, x] of vectors) {
        const point = group.hashToCurve(new TextEncoder().encode(message), dst);
        expect(bytesToHex(group.encode(point).subarray(1))).to.equal(x);
      }
    });

    it("refuses points of another implementation and lists that do not fit", () => {
      const other = group === mcl ? noble : mcl;
      expectError(() => group.add(group.generator, other.generator), "algebra/foreign-point");
      expectError(() => group.multiScalarMul([group.generator], []), "algebra/length-mismatch");
      const fixed = group.fixedBases([group.generator], "vector");
      expectError(() => fixed.multiScalarMul([1n, 2n]), "algebra/length-mismatch");
      expectError(() => fixed.multiScalarMul([1n], [1]), "algebra/length-mismatch");
      expectError(() => fixed.multiScalarMul([1n], [0, 0]), "algebra/length-mismatch");
    });
  });
}

describe("secp256k1: mcl against noble", () => {
  const points = multiples(140);

  it("agrees on y coordinates, also on those that are short or begin with ones", () => {
    const many = multiples(600);
    expect(mcl.encodeHinted(many.map(({ fast }) => fast))).to.deep.equal(
      noble.encodeHinted(many.map(({ oracle }) => oracle)),
    );
    for (const { encoded, y } of noble.encodeHinted(many.map(({ oracle }) => oracle))) {
      expect(mcl.encode(mcl.decodeHinted(encoded, y))).to.deep.equal(encoded);
    }
  });

  it("agrees on sums, differences, negatives, the identity among them", () => {
    const withIdentity = [...points.slice(0, 4), { fast: mcl.identity, oracle: noble.identity }];
    for (const a of withIdentity) {
      same(mcl.neg(a.fast), noble.neg(a.oracle));
      for (const b of withIdentity) {
        same(mcl.add(a.fast, b.fast), noble.add(a.oracle, b.oracle));
        same(mcl.sub(a.fast, b.fast), noble.sub(a.oracle, b.oracle));
        expect(mcl.equals(a.fast, b.fast)).to.equal(a === b);
      }
    }
  });

  it("agrees on multiples by every edge scalar, public and secret", () => {
    for (const k of [...edgeScalars, random.below(n)]) {
      const { fast, oracle } = points[5]!;
      same(mcl.mul(fast, k), noble.mul(oracle, k));
      same(mcl.mulSecret(fast, k), noble.mulSecret(oracle, k));
    }
  });

  it("agrees on multi-scalar multiplication by both methods, edges and repeats included", () => {
    for (const count of [0, 1, 2, 13, 48, 49, 70, 140]) {
      const terms = points.slice(0, count);
      const scalars = terms.map((_, i) => edgeScalars[i] ?? random.below(n));
      const at = count === 140 ? -1 : 6;
      const fast = terms.map((t, i) => (i === at ? mcl.identity : t.fast));
      const oracle = terms.map((t, i) => (i === at ? noble.identity : t.oracle));
      same(mcl.multiScalarMul(fast, scalars), noble.multiScalarMul(oracle, scalars));
    }
    for (const count of [20, 60]) {
      // One point again and again: additions of equal and of opposite points.
      const fast = Array.from({ length: count }, (_, i) =>
        i % 3 === 0 ? mcl.neg(mcl.generator) : mcl.generator,
      );
      const scalars = fast.map((_, i) => (i % 2 === 0 ? 7n : random.below(1n << 128n)));
      const sum = scalars.reduce((a, k, i) => (i % 3 === 0 ? a - k : a + k), 0n);
      same(mcl.multiScalarMul(fast, scalars), noble.mul(noble.generator, sum));
    }
  });

  for (const use of ["single", "vector"] as const) {
    it(`agrees on multiples of fixed bases (${use})`, () => {
      const bases = points.slice(0, 5);
      const fast = mcl.fixedBases(
        bases.map((b) => b.fast),
        use,
      );
      const oracle = noble.fixedBases(
        bases.map((b) => b.oracle),
        use,
      );
      for (const k of edgeScalars) {
        same(fast.multiScalarMul([k]), oracle.multiScalarMul([k]));
      }
      for (const indices of [[], [4], [1, 3], [3, 1, 3], [0, 1, 2, 3, 4]]) {
        const scalars = indices.map(() => random.below(n));
        same(fast.multiScalarMul(scalars, indices), oracle.multiScalarMul(scalars, indices));
      }
      same(fast.multiScalarMul([1n, 2n]), noble.mul(noble.generator, 5n));
    });

    it(`agrees on several sums at once, on more bases, and where points meet themselves (${use})`, () => {
      const [a, b, c] = points.slice(3, 6) as [
        (typeof points)[0],
        (typeof points)[0],
        (typeof points)[0],
      ];
      const fast = mcl.fixedBases([a.fast], use).extended([b.fast, c.fast, mcl.neg(a.fast)]);
      const oracle = noble
        .fixedBases([a.oracle], use)
        .extended([b.oracle, c.oracle, noble.neg(a.oracle)]);
      const k = random.below(n);
      for (const sums of [
        [{ scalars: [k, 2n], indices: [1, 2] }, { scalars: [] }, { scalars: [5n, k, 1n, 0n] }],
        [{ scalars: [k, k], indices: [0, 0] }, { scalars: [3n] }],
        [{ scalars: [k, k], indices: [0, 3] }],
      ]) {
        const expected = oracle.multiScalarMuls(sums);
        fast.multiScalarMuls(sums).forEach((p, i) => same(p, expected[i]!));
      }
    });
  }

  it("agrees on inverses of scalars", () => {
    for (const k of [1n, 2n, 1n << 200n, n - 1n, -3n, LAMBDA, random.below(n)]) {
      const inverse = mcl.invertScalar(k);
      expect(inverse).to.equal(noble.invertScalar(((k % n) + n) % n));
      expect((((inverse * k) % n) + n) % n).to.equal(1n);
      // Of a result that is often short.
      expect(mcl.invertScalar(inverse)).to.equal(((k % n) + n) % n);
    }
  });

  it("makes no table for the identity", () => {
    expectError(() => mcl.fixedBases([mcl.identity], "vector"), "algebra/identity-base");
  });

  it("finds discrete logarithms up to 2³² with a table of 100 kB", () => {
    const table = new DiscreteLogTable(mcl, mcl.generator, 100_000);
    const hi = 1n << 32n;
    for (const v of [0n, 1n, hi, random.below(hi), -random.below(1n << 20n)]) {
      const point = mcl.mul(mcl.generator, v);
      expect(table.solve(point, { lo: -(1n << 20n), hi })).to.equal(v);
    }
  });
});

describe("the endomorphism of secp256k1", () => {
  it("multiplies by λ", () => {
    const x = bytesToInt(noble.encode(noble.generator).subarray(1));
    const image = noble.encode(noble.mul(noble.generator, LAMBDA));
    expect(bytesToInt(image.subarray(1))).to.equal((BETA * x) % SECP256K1_FIELD_PRIME);
  });

  it("splits scalars into two short ones", () => {
    for (const k of [
      0n,
      1n,
      n - 1n,
      n / 2n,
      LAMBDA,
      ...Array.from({ length: 200 }, () => random.below(n)),
    ]) {
      const [k1, k2] = splitScalar(k);
      expect((k1 + k2 * LAMBDA - k) % n).to.equal(0n);
      for (const half of [k1, k2])
        expect(half < 0n ? -half : half).to.satisfy((h: bigint) => h < 1n << 129n);
    }
  });
});

describe("points of different curves", () => {
  it("do not mix, in either implementation", async () => {
    const bn254 = await createMclBn254();
    const foreign = bn254.g1.generator as never;
    expectError(() => mcl.neg(foreign), "algebra/foreign-point");
    expectError(() => noble.neg(nobleBn254.g1.generator as never), "algebra/foreign-point");
  });
});
