import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect } from "chai";
import {
  checkBounds,
  decodeCiphertext,
  decrypt,
  decryptRepaired,
  encodeCiphertext,
  encrypt,
  KeySum,
  P,
  parsePrfKey,
  prf,
  prfKeyFromSeed,
  type PrfKey,
} from "../../src/aggregation/index.js";
import * as plain from "./plain-psa.js";
import { TestRandom } from "../support/random.js";
import { seededKey } from "./seeded-key.js";
import { expectError } from "../support/errors.js";

const context = new TestRandom("context").bytes(32);
const maxValue = (1n << 32n) - 1n;

function sumOf(keys: readonly PrfKey[]): PrfKey {
  const sum = new KeySum();
  for (const key of keys) sum.add(key);
  return sum.total();
}

/** Each member's value encrypted, all added and decrypted. */
function roundTrip(keys: readonly PrfKey[], values: readonly bigint[], label: bigint): bigint {
  const bounds = { size: keys.length, maxValue };
  const sum = keys
    .map((key, i) => encrypt({ bounds, key, context, label, value: values[i]! }))
    .reduce((a, c) => (a + c) % P, 0n);
  return decrypt({ bounds, keySum: sumOf(keys), context, label, ciphertextSum: sum });
}

describe("lattice stream aggregation: exactness", () => {
  for (const size of [2, 3, 7, 50, 200, 1000]) {
    it(`sums ${size} values exactly, adversarial ones included`, () => {
      const random = new TestRandom(`exact ${size}`);
      const keys = Array.from({ length: size }, () => seededKey(random));
      const cases: [string, (i: number) => bigint][] = [
        ["random", () => random.below(maxValue + 1n)],
        ["all zero", () => 0n],
        ["all at the bound", () => maxValue],
        ["one at the bound", (i) => (i === size - 1 ? maxValue : 0n)],
        ["one of 1", (i) => (i === 0 ? 1n : 0n)],
      ];
      cases.forEach(([name, value], c) => {
        const values = keys.map((_, i) => value(i));
        const expected = values.reduce((a, v) => a + v, 0n);
        expect(roundTrip(keys, values, BigInt(c)), name).to.equal(expected);
      });
    });
  }

  it("sums exactly at the greatest value that the modulus admits", () => {
    for (const size of [2, 3, 50]) {
      const n = BigInt(size);
      const greatest = (P - 1n - n) / (n * n);
      const bounds = { size, maxValue: greatest };
      checkBounds(bounds);
      const random = new TestRandom(`greatest ${size}`);
      const keys = Array.from({ length: size }, () => seededKey(random));
      const sum = keys.reduce(
        (a, key) => a + encrypt({ bounds, key, context, label: 1n, value: greatest }),
        0n,
      );
      expect(
        decrypt({ bounds, keySum: sumOf(keys), context, label: 1n, ciphertextSum: sum }),
      ).to.equal(n * greatest);
      expectError(() => {
        checkBounds({ size, maxValue: greatest + 1n });
      }, "aggregation/range-too-large");
    }
  });

  it("agrees with the plain BigInt implementation, ciphertext by ciphertext", () => {
    const random = new TestRandom("oracle");
    const size = 5;
    const keys = Array.from({ length: size }, () => seededKey(random));
    for (const label of [0n, 1n, 1_700_000_000n, (1n << 64n) - 1n]) {
      const values = keys.map(() => random.below(maxValue + 1n));
      const ciphertexts = keys.map((key, i) =>
        encrypt({ bounds: { size, maxValue }, key, context, label, value: values[i]! }),
      );
      const vectors = keys.map((key) => plain.toVector(key));
      expect(ciphertexts).to.deep.equal(
        vectors.map((v, i) => plain.encrypt({ size, key: v, context, label, value: values[i]! })),
      );
      const keySum = plain.toVector(sumOf(keys));
      const total = values.reduce((a, v) => a + v, 0n);
      expect(plain.decrypt({ size, keySum, context, label, ciphertexts })).to.equal(total);
      const sum = ciphertexts.reduce((a, c) => a + c, 0n);
      expect(
        decrypt({
          bounds: { size, maxValue },
          keySum: sumOf(keys),
          context,
          label,
          ciphertextSum: sum,
        }),
      ).to.equal(total);
    }
  });

  it("decodes a repaired sum, in which nothing is rounded", () => {
    const random = new TestRandom("repaired");
    const size = 9;
    const keys = Array.from({ length: 6 }, () => seededKey(random));
    const bounds = { size, maxValue };
    const values = keys.map(() => random.below(maxValue));
    const sum = keys.reduce(
      (a, k, i) => a + encrypt({ bounds, key: k, context, label: 3n, value: values[i]! }),
      0n,
    );
    const prfSum = keys.reduce((a, k) => a + prf(k, context, 3n), 0n);
    expect(decryptRepaired({ bounds, prfSum, label: 3n, ciphertextSum: sum, present: 6 })).to.equal(
      values.reduce((a, v) => a + v, 0n),
    );
    expectError(
      () =>
        decryptRepaired({ bounds, prfSum: prfSum + 1n, label: 3n, ciphertextSum: sum, present: 6 }),
      "aggregation/sum-inconsistent",
    );
    expectError(
      () =>
        decryptRepaired({
          bounds,
          prfSum: prfSum + BigInt(size),
          label: 3n,
          ciphertextSum: prfSum,
          present: 6,
        }),
      "aggregation/sum-inconsistent",
    );
  });
});

describe("lattice stream aggregation: the rounding error", () => {
  /**
   * Keys whose inner product with H(label) is any wanted value: all elements zero but the first
   * odd one of H(label), which has an inverse modulo 2^128.
   */
  function keyWithProduct(label: bigint, product: bigint): PrfKey {
    const hashed = plain.hashLabel(context, label);
    const place = hashed.findIndex((h) => h % 2n === 1n);
    let inverse = 1n;
    // Newton's iteration doubles the number of correct bits.
    for (let i = 0; i < 7; i++)
      inverse = BigInt.asUintN(128, inverse * (2n - hashed[place]! * inverse));
    const vector = hashed.map((_, i) => (i === place ? (product * inverse) % plain.q : 0n));
    return parsePrfKey(plain.fromVector(vector));
  }

  it("reaches its bound N − 1 and still decodes exactly", () => {
    const label = 5n;
    for (const size of [2, 3, 50, 1000]) {
      // Every product ends in 43 ones: rounding drops just under 1 each time.
      const key = keyWithProduct(label, (1n << 43n) - 1n);
      const keys = Array.from({ length: size }, () => key);
      const sumOfPrfs = BigInt(size) * prf(key, context, label);
      expect(prf(sumOf(keys), context, label) - sumOfPrfs).to.equal(BigInt(size) - 1n);
      expect(
        roundTrip(
          keys,
          keys.map(() => 7n),
          label,
        ),
      ).to.equal(7n * BigInt(size));
      expect(
        roundTrip(
          keys,
          keys.map(() => 0n),
          label,
        ),
      ).to.equal(0n);
    }
  });

  it("is 0 where nothing is dropped, and still decodes exactly", () => {
    const key = keyWithProduct(6n, 1n << 43n);
    const keys = Array.from({ length: 50 }, () => key);
    expect(prf(sumOf(keys), context, 6n)).to.equal(50n * prf(key, context, 6n));
    expect(
      roundTrip(
        keys,
        keys.map(() => 3n),
        6n,
      ),
    ).to.equal(150n);
  });

  it("never exceeds its bound and never is negative, for random keys", () => {
    const random = new TestRandom("error bound");
    const seen = new Set<bigint>();
    for (const size of [2, 3, 7]) {
      const keys = Array.from({ length: size }, () => seededKey(random));
      const total = sumOf(keys);
      for (let label = 0n; label < 100n; label++) {
        const parts = keys.reduce((a, key) => a + prf(key, context, label), 0n);
        const error = (((prf(total, context, label) - parts) % P) + P) % P;
        expect(error < BigInt(size), `error ${error} of ${size} keys`).to.equal(true);
        seen.add(error);
      }
    }
    expect(seen.size).to.be.greaterThan(4);
  });
});

describe("lattice stream aggregation: what a ciphertext shows", () => {
  it("is uniform in every bit and every byte, though the value is constant", () => {
    const key = seededKey(new TestRandom("distribution"));
    const count = 2000;
    const ones = new Array<number>(85).fill(0);
    const topByte = new Array<number>(256).fill(0);
    for (let label = 0; label < count; label++) {
      const c = encrypt({
        bounds: { size: 50, maxValue },
        key,
        context,
        label: BigInt(label),
        value: 1234n,
      });
      for (let bit = 0; bit < 85; bit++) ones[bit]! += Number((c >> BigInt(bit)) & 1n);
      topByte[Number(c >> 77n)]!++;
    }
    // A bit that is fair deviates by more than 5 σ once in 1.7 million; σ = √2000/2 = 22.4.
    for (const [bit, sum] of ones.entries()) {
      expect(Math.abs(sum - count / 2), `bit ${bit}`).to.be.lessThan(112);
    }
    // χ² of 255 degrees of freedom: mean 255, σ 22.6.
    const expected = count / 256;
    const chi2 = topByte.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    expect(chi2).to.be.within(142, 368);
  });

  it("is different for neighbouring labels, contexts and keys", () => {
    const random = new TestRandom("separation");
    const [k1, k2, other] = [seededKey(random), seededKey(random), random.bytes(32)];
    const outputs = [
      prf(k1, context, 1n),
      prf(k1, context, 2n),
      prf(k1, context, 1n << 32n),
      prf(k1, other, 1n),
      prf(k2, context, 1n),
    ];
    expect(new Set(outputs).size).to.equal(outputs.length);
  });
});

describe("lattice stream aggregation: refusals", () => {
  const key = seededKey(new TestRandom("refusals"));

  it("refuses a group of fewer than two", () => {
    for (const size of [-1, 0, 1, 2.5]) {
      expectError(() => {
        checkBounds({ size, maxValue });
      }, "aggregation/group-too-small");
    }
  });

  it("refuses a bound below 1 and values outside 0 … bound", () => {
    expectError(() => {
      checkBounds({ size: 2, maxValue: 0n });
    }, "aggregation/range-too-large");
    for (const value of [-1n, maxValue + 1n]) {
      expectError(
        () => encrypt({ bounds: { size: 2, maxValue }, key, context, label: 1n, value }),
        "aggregation/value-out-of-range",
      );
    }
  });

  it("refuses labels that are not integers of 64 bits", () => {
    for (const label of [-1n, 1n << 64n]) {
      expectError(() => prf(key, context, label), "aggregation/label-out-of-range");
    }
  });

  it("refuses to decode ciphertexts of another label, or with one missing", () => {
    const random = new TestRandom("wrong");
    const keys = [seededKey(random), seededKey(random)];
    const bounds = { size: 2, maxValue };
    const [a, b] = keys.map((k) => encrypt({ bounds, key: k, context, label: 1n, value: 5n }));
    expect(
      decrypt({ bounds, keySum: sumOf(keys), context, label: 1n, ciphertextSum: a! + b! }),
    ).to.equal(10n);
    for (const [label, sum] of [
      [2n, a! + b!],
      [1n, a!],
      [1n, a! + a!],
    ] as const) {
      expectError(
        () => decrypt({ bounds, keySum: sumOf(keys), context, label, ciphertextSum: sum }),
        "aggregation/sum-inconsistent",
      );
    }
  });

  it("parses ciphertexts and keys of the right length and range only", () => {
    expect(decodeCiphertext(encodeCiphertext(P - 1n))).to.equal(P - 1n);
    expect(encodeCiphertext(P - 1n)).to.have.length(11);
    expectError(() => decodeCiphertext(new Uint8Array(11).fill(255)), "aggregation/bad-ciphertext");
    expectError(() => decodeCiphertext(new Uint8Array(12)), "aggregation/bad-length");
    expectError(() => parsePrfKey(new Uint8Array(33_535)), "aggregation/bad-length");
    expectError(() => prfKeyFromSeed(new Uint8Array(31)), "aggregation/bad-length");
  });
});

describe("defects of the scheme's earlier demonstration, not repeated", () => {
  it("hashes a label the same after, between and before others, and each time", () => {
    const random = new TestRandom("stateless");
    const [k1, k2] = [seededKey(random), seededKey(random)];
    const alone = prf(k1, context, 42n);
    for (let label = 0n; label < 5n; label++) prf(k2, random.bytes(32), label);
    expect(prf(k1, context, 42n)).to.equal(alone);
    expect(prf(k1, context, 42n)).to.equal(alone);
    expect(alone).to.equal(plain.prf(plain.toVector(k1), context, 42n));
  });

  it("gives the same results in any order of members and labels", () => {
    const random = new TestRandom("order");
    const keys = Array.from({ length: 4 }, () => seededKey(random));
    const work = keys.flatMap((key) => [1n, 2n, 3n].map((label) => ({ key, label })));
    const forwards = work.map(({ key, label }) => prf(key, context, label));
    const backwards = [...work].reverse().map(({ key, label }) => prf(key, context, label));
    expect(backwards.reverse()).to.deep.equal(forwards);
  });

  it("gives the same results in several threads at once", async () => {
    const random = new TestRandom("threads");
    const keys = [seededKey(random), seededKey(random), seededKey(random)];
    const labels = Array.from({ length: 40 }, (_, i) => BigInt(i));
    const here = keys.flatMap((key) => labels.map((label) => prf(key, context, label)));
    const script = new URL("prf-worker.ts", import.meta.url);
    const threads = [keys, keys].map(
      (k) =>
        new Worker(script, {
          workerData: { keys: k, context, labels },
          execArgv: ["--import", "tsx"],
        }),
    );
    const results = await Promise.all(threads.map((t) => once(t, "message")));
    for (const [result] of results) expect(result).to.deep.equal(here);
  });
});
