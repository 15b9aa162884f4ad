import { expect } from "chai";
import {
  addCiphertexts,
  DecryptionKey,
  EncryptionKey,
  messageTable,
  weightedSum,
} from "../../src/sealed/elgamal.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { carry, fast, n, oracle } from "./support.js";

const random = new TestRandom("elgamal");

describe("ElGamal in the exponent", () => {
  const secret = random.below(n);
  const decryption = new DecryptionKey(fast, secret);
  const key = new EncryptionKey(fast, decryption.publicPoint);
  const table = messageTable(fast, 200_000);
  const range = { lo: -(1n << 33n), hi: 1n << 33n };
  const open = (c: ReturnType<EncryptionKey["encrypt"]>): bigint =>
    decryption.decrypt(c, table, range);

  it("decrypts zero, small and large values, and negative ones", () => {
    for (const v of [0n, 1n, -1n, 100_000n, -100_000n, (1n << 32n) - 1n, -(1n << 33n), 1n << 33n]) {
      expect(open(key.encrypt(v))).to.equal(v);
    }
  });

  it("gives another ciphertext every time", () => {
    const [a, b] = [key.encrypt(5n), key.encrypt(5n)];
    expect(fast.group.equals(a.c1, b.c1)).to.equal(false);
    expect(fast.group.equals(a.c2, b.c2)).to.equal(false);
  });

  it("adds values, and multiplies them by public integers of either sign", () => {
    const values = [7n, -3n, 0n, 12_345n, 2n];
    const weights = [672n, 1176n, -40n, -399n, 0n];
    const ciphertexts = values.map((v) => key.encrypt(v));
    expect(open(addCiphertexts(fast, ciphertexts))).to.equal(12_351n);
    const terms = ciphertexts.map((ciphertext, i) => ({ ciphertext, weight: weights[i]! }));
    const expected = values.reduce((sum, v, i) => sum + v * weights[i]!, 0n);
    expect(open(weightedSum(fast, terms))).to.equal(expected);
    expect(open(addCiphertexts(fast, []))).to.equal(0n);
    expect(open(weightedSum(fast, []))).to.equal(0n);
  });

  it("says when the value is outside the range", () => {
    const c = key.encrypt(101n);
    const within = (hi: bigint) => () => decryption.decrypt(c, table, { lo: 0n, hi });
    expect(within(101n)()).to.equal(101n);
    expectError(within(100n), "algebra/discrete-log-out-of-range");
    const other = new DecryptionKey(fast, secret + 1n);
    expectError(
      () => other.decrypt(c, table, { lo: 0n, hi: 1n << 20n }),
      "algebra/discrete-log-out-of-range",
    );
  });

  it("is the same function over both groups", () => {
    const keyThere = new EncryptionKey(oracle, carry(key.point));
    for (const v of [0n, 5n, -5n, 1n << 40n]) {
      const nonce = random.below(n);
      const here = key.encrypt(v, nonce);
      const there = keyThere.encrypt(v, nonce);
      for (const half of ["c1", "c2"] as const) {
        expect(fast.encode(here[half])).to.deep.equal(oracle.encode(there[half]));
      }
    }
  });
});
