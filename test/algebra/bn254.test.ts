import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import hre from "hardhat";
import {
  createMclBn254,
  FIELD_PRIME,
  GROUP_ORDER,
  intToBytes,
  nobleBn254,
  type Bn254,
} from "../../src/algebra/index.js";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const mcl = await createMclBn254();
const engines: readonly Bn254[] = [mcl, nobleBn254];
const random = new TestRandom("bn254");

/** Scalars at which implementations go wrong. */
const edgeScalars = [
  0n,
  1n,
  2n,
  3n,
  GROUP_ORDER - 1n,
  GROUP_ORDER,
  GROUP_ORDER + 1n,
  1n << 127n,
  (1n << 128n) - 1n,
  (1n << 254n) - 1n,
  -1n,
];

const hex = bytesToHex;

/** Encodings of G1 and whether a verifier must accept them. */
function g1Cases(): { what: string; bytes: Uint8Array }[] {
  const pair = (x: bigint, y: bigint): Uint8Array =>
    concatBytes(intToBytes(x, 32), intToBytes(y, 32));
  const point = nobleBn254.g1.encode(nobleBn254.g1.mul(nobleBn254.g1.generator, 7n));
  const off = Uint8Array.from(point);
  off[63]! ^= 1;
  return [
    { what: "the generator", bytes: pair(1n, 2n) },
    { what: "its negative", bytes: pair(1n, FIELD_PRIME - 2n) },
    { what: "the identity", bytes: pair(0n, 0n) },
    { what: "a multiple", bytes: point },
    { what: "a flipped bit of y", bytes: off },
    { what: "y = 0", bytes: pair(1n, 0n) },
    { what: "x = 0", bytes: pair(0n, 1n) },
    { what: "x + p", bytes: pair(1n + FIELD_PRIME, 2n) },
    { what: "y + p", bytes: pair(1n, 2n + FIELD_PRIME) },
    { what: "x = p, y = p (zero, not reduced)", bytes: pair(FIELD_PRIME, FIELD_PRIME) },
    { what: "all ones", bytes: new Uint8Array(64).fill(255) },
  ];
}

/** The order-ℓ generator, and points of the twist outside the subgroup, found by search. */
function g2Cases(): { what: string; bytes: Uint8Array }[] {
  const generator = nobleBn254.g2.encode(nobleBn254.g2.generator);
  const swapped = concatBytes(
    generator.subarray(32, 64),
    generator.subarray(0, 32),
    generator.subarray(96),
    generator.subarray(64, 96),
  );
  const high = Uint8Array.from(generator);
  high.fill(255, 0, 32);
  return [
    { what: "the generator", bytes: generator },
    { what: "real and imaginary parts swapped", bytes: swapped },
    { what: "a coordinate above p", bytes: high },
    { what: "the identity", bytes: new Uint8Array(128) },
    { what: "on the twist, outside the subgroup", bytes: outsideSubgroup() },
  ];
}

/** x = (i, 1)-like small values until x³ + b is a square; nearly every such point has another order. */
function outsideSubgroup(): Uint8Array {
  const P = FIELD_PRIME;
  const mod = (a: bigint): bigint => ((a % P) + P) % P;
  const pow = (base: bigint, e: bigint): bigint => {
    let r = 1n;
    for (let b = mod(base), k = e; k > 0n; k >>= 1n, b = mod(b * b)) if (k & 1n) r = mod(r * b);
    return r;
  };
  const sqrt = (a: bigint): bigint | null => {
    const r = pow(a, (P + 1n) / 4n);
    return mod(r * r) === mod(a) ? r : null;
  };
  // b = 3/(9 + i) = 3(9 − i)/82
  const inv82 = pow(82n, P - 2n);
  const [b0, b1] = [mod(27n * inv82), mod(-3n * inv82)];
  for (let x0 = 1n; ; x0++) {
    // x = x0 (real): x³ + b = (x0³ + b0) + b1·i = (u + v·i)²
    const [c0, c1] = [mod(x0 ** 3n + b0), b1];
    const norm = sqrt(mod(c0 * c0 + c1 * c1));
    if (norm === null) continue;
    for (const n of [norm, mod(-norm)]) {
      const u = sqrt(mod((c0 + n) * pow(2n, P - 2n)));
      if (u === null || u === 0n) continue;
      const v = mod(c1 * pow(2n * u, P - 2n));
      return concatBytes(...[0n, x0, v, u].map((c) => intToBytes(c, 32)));
    }
  }
}

function accepts(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): boolean {
  try {
    decode(bytes);
    return true;
  } catch (error) {
    if (isSipsterError(error)) return false;
    throw error;
  }
}

describe("BN254", () => {
  for (const curve of engines) {
    describe(`${curve.name}`, () => {
      const { g1, g2 } = curve;

      it("is a group of order ℓ", () => {
        for (const g of [g1, g2] as const) {
          const check = <P>(group: {
            generator: P;
            identity: P;
            mul(p: P, k: bigint): P;
            add(a: P, b: P): P;
            sub(a: P, b: P): P;
            neg(a: P): P;
            equals(a: P, b: P): boolean;
            isIdentity(p: P): boolean;
          }): void => {
            const p = group.mul(group.generator, 5n);
            expect(group.isIdentity(group.mul(p, GROUP_ORDER))).to.equal(true);
            expect(group.isIdentity(p)).to.equal(false);
            expect(group.isIdentity(group.add(p, group.neg(p)))).to.equal(true);
            expect(group.equals(group.sub(p, group.identity), p)).to.equal(true);
            expect(group.equals(group.add(p, p), group.mul(group.generator, 10n))).to.equal(true);
          };
          check(g as typeof g1);
        }
      });

      it("mulSecret agrees with mul on edge scalars", () => {
        const p = g1.mul(g1.generator, 11n);
        for (const k of edgeScalars) {
          expect(g1.equals(g1.mulSecret(p, k), g1.mul(p, k)), `k = ${k}`).to.equal(true);
        }
      });

      it("multi-scalar multiplication equals the sum of products, at every size", () => {
        for (const n of [0, 1, 2, 3, 17, 40]) {
          const points = Array.from({ length: n }, () => g1.mul(g1.generator, random.below(99n)));
          const scalars = points.map((_, i) =>
            i < edgeScalars.length ? edgeScalars[i]! : random.below(GROUP_ORDER),
          );
          const sum = g1.sum(points.map((p, i) => g1.mul(p, scalars[i]!)));
          expect(g1.equals(g1.multiScalarMul(points, scalars), sum), `n = ${n}`).to.equal(true);
        }
      });

      it("refuses lists of different lengths", () => {
        expectError(() => g1.multiScalarMul([g1.generator], []), "algebra/length-mismatch");
      });

      it("is bilinear and not degenerate", () => {
        const a = random.below(GROUP_ORDER);
        const aP1 = g1.mul(g1.generator, a);
        const aP2 = g2.mul(g2.generator, a);
        const product = (x: typeof aP1, y: typeof aP2): boolean =>
          curve.pairingProductIsOne([
            [x, g2.generator],
            [g1.neg(g1.generator), y],
          ]);
        expect(product(aP1, aP2)).to.equal(true);
        expect(product(g1.add(aP1, g1.generator), aP2)).to.equal(false);
        expect(curve.pairingProductIsOne([[g1.generator, g2.generator]])).to.equal(false);
        expect(curve.pairingProductIsOne([])).to.equal(true);
        expect(curve.pairingProductIsOne([[g1.identity, g2.generator]])).to.equal(true);
        expect(curve.pairingProductIsOne([[g1.generator, g2.identity]])).to.equal(true);
      });

      it("names what is wrong with an encoding", () => {
        const cases = g1Cases();
        const bytes = (what: string): Uint8Array => cases.find((c) => c.what === what)!.bytes;
        expectError(() => g1.decode(new Uint8Array(63)), "algebra/bad-length");
        expectError(() => g1.decode(bytes("x + p")), "algebra/coordinate-out-of-range");
        expectError(() => g1.decode(bytes("a flipped bit of y")), "algebra/point-not-on-curve");
        expectError(() => g2.decode(new Uint8Array(64)), "algebra/bad-length");
        expectError(() => g2.decode(outsideSubgroup()), "algebra/point-not-in-subgroup");
        expectError(() => g2.decode(g2Cases()[1]!.bytes), "algebra/point-not-on-curve");
        expectError(() => g1.liftX(new Uint8Array(31), true), "algebra/bad-length");
        expectError(
          () => g1.liftX(intToBytes(FIELD_PRIME, 32), true),
          "algebra/coordinate-out-of-range",
        );
      });

      it("refuses points of the other implementation", () => {
        const other = engines.find((e) => e !== curve)!;
        expectError(() => g1.add(g1.generator, other.g1.generator), "algebra/foreign-point");
        expectError(() => g2.neg(other.g2.generator), "algebra/foreign-point");
        expectError(
          () => curve.pairingProductIsOne([[other.g1.generator, other.g2.generator]]),
          "algebra/foreign-point",
        );
      });
    });
  }

  describe("mcl against noble", () => {
    it("agrees on multiples of both generators, random and edge", () => {
      for (const k of [
        ...edgeScalars,
        ...Array.from({ length: 8 }, () => random.below(GROUP_ORDER)),
      ]) {
        const g1 = engines.map((e) => hex(e.g1.encode(e.g1.mul(e.g1.generator, k))));
        const g2 = engines.map((e) => hex(e.g2.encode(e.g2.mul(e.g2.generator, k))));
        expect(g1[0], `k = ${k}`).to.equal(g1[1]);
        expect(g2[0], `k = ${k}`).to.equal(g2[1]);
        for (const e of engines) {
          const back = e.g2.decode(e.g2.encode(e.g2.mul(e.g2.generator, k)));
          expect(e.g2.equals(back, e.g2.mul(e.g2.generator, k))).to.equal(true);
        }
      }
    });

    it("agrees on lifting x, for squares and others, both parities", () => {
      let points = 0;
      for (let i = 0; i < 60; i++) {
        const x = intToBytes(random.below(FIELD_PRIME), 32);
        for (const odd of [true, false]) {
          const [a, b] = engines.map((e) => {
            const p = e.g1.liftX(x, odd);
            return p === null ? null : hex(e.g1.encode(p));
          });
          expect(a).to.equal(b);
          if (a !== null) {
            points++;
            expect(Number.parseInt(a!.slice(-2), 16) % 2 === 1).to.equal(odd);
          }
        }
      }
      expect(points).to.be.within(30, 90);
    });

    it("agrees on sums of hundreds of distinct points, with repeated points and the identity too", () => {
      const logs = Array.from({ length: 150 }, () => random.below(GROUP_ORDER));
      const scalars = logs.map((_, i) => edgeScalars[i] ?? random.below(1n << 128n));
      const points = logs.map((k) => mcl.g1.mul(mcl.g1.generator, k));
      const { g1 } = nobleBn254;
      const expected = (used: readonly bigint[]): string => {
        const log = used.reduce((sum, k, i) => sum + k * scalars[i]!, 0n) % GROUP_ORDER;
        return hex(g1.encode(g1.mul(g1.generator, log)));
      };
      const check = (used: readonly bigint[], given: typeof points): void => {
        expect(hex(mcl.g1.encode(mcl.g1.multiScalarMul(given, scalars)))).to.equal(expected(used));
      };
      check(logs, points);
      check(
        logs.map((k, i) => (i < 60 ? logs[0]! : k)),
        points.map((p, i) => (i < 60 ? points[0]! : p)),
      );
      check(
        logs.map((k, i) => (i === 77 ? 0n : k)),
        points.map((p, i) => (i === 77 ? mcl.g1.identity : p)),
      );
    });

    it("agrees on multiples of fixed points", () => {
      for (const e of engines) {
        const points = [5n, 7n].map((k) => e.g1.mul(e.g1.generator, k));
        const tables = e.g1.fixedBases(points, "single");
        for (const k of edgeScalars) {
          expect(e.g1.equals(tables.multiScalarMul([k]), e.g1.mul(points[0]!, k)), `${k}`).to.equal(
            true,
          );
          const sum = e.g1.mul(e.g1.generator, 5n * k + 7n * 3n);
          expect(e.g1.equals(tables.multiScalarMul([k, 3n]), sum), `${k}`).to.equal(true);
        }
        expectError(() => tables.multiScalarMul([1n, 2n, 3n]), "algebra/length-mismatch");
      }
    });

    it("agrees on sums of more than 5,500 products", () => {
      const [p, q] = engines.map((e) => e.g1.mul(e.g1.generator, 3n));
      const n = 6000;
      const scalars = Array.from({ length: n }, (_, i) => BigInt(i * i));
      const total = scalars.reduce((a, b) => a + b, 0n);
      const fast = mcl.g1.multiScalarMul(
        Array.from({ length: n }, () => p!),
        scalars,
      );
      expect(hex(mcl.g1.encode(fast))).to.equal(
        hex(nobleBn254.g1.encode(nobleBn254.g1.mul(q!, total))),
      );
    });
  });

  describe("both against the EVM precompiles", () => {
    const call = async (to: number, data: Uint8Array): Promise<string | null> => {
      const { ethers } = await hre.network.getOrCreate();
      try {
        return await ethers.provider.call({
          to: `0x${to.toString(16).padStart(40, "0")}`,
          data: `0x${hex(data)}`,
          gasLimit: 1_000_000,
        });
      } catch {
        return null;
      }
    };

    it("accept and refuse the same G1 encodings (ECADD)", async () => {
      for (const { what, bytes } of g1Cases()) {
        const evm = (await call(6, concatBytes(bytes, new Uint8Array(64)))) !== null;
        for (const e of engines) {
          expect(
            accepts((b) => e.g1.decode(b), bytes),
            `${e.name}: ${what}`,
          ).to.equal(evm);
        }
      }
    });

    it("accept and refuse the same G2 encodings (pairing)", async () => {
      for (const { what, bytes } of g2Cases()) {
        const evm = (await call(8, concatBytes(new Uint8Array(64), bytes))) !== null;
        for (const e of engines) {
          expect(
            accepts((b) => e.g2.decode(b), bytes),
            `${e.name}: ${what}`,
          ).to.equal(evm);
        }
      }
    });

    it("give the same sums, products and pairings", async () => {
      for (const k of [1n, 2n, GROUP_ORDER - 1n, random.below(GROUP_ORDER)]) {
        const base = mcl.g1.mul(mcl.g1.generator, 12345n);
        const product = mcl.g1.mul(base, k);
        const onEvm = await call(7, concatBytes(mcl.g1.encode(base), intToBytes(k, 32)));
        expect(onEvm).to.equal(`0x${hex(mcl.g1.encode(product))}`);
        const sum = await call(6, concatBytes(mcl.g1.encode(base), mcl.g1.encode(product)));
        expect(sum).to.equal(`0x${hex(mcl.g1.encode(mcl.g1.add(base, product)))}`);
        for (const d of [0n, 1n]) {
          const key = mcl.g2.mul(mcl.g2.generator, k + d);
          const pairs = [
            [product, mcl.g2.generator],
            [mcl.g1.neg(base), key],
          ] as const;
          const data = concatBytes(
            ...pairs.flatMap(([a, b]) => [mcl.g1.encode(a), mcl.g2.encode(b)]),
          );
          const word = await call(8, data);
          expect(BigInt(word!) === 1n).to.equal(d === 0n);
          expect(mcl.pairingProductIsOne(pairs)).to.equal(d === 0n);
        }
      }
    });
  });
});
