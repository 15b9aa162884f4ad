import { shake256 as nobleShake256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import {
  addVector,
  hashedInnerProduct,
  shake256,
  subtractVector,
} from "../../src/aggregation/kernel.js";
import { fromVector, innerProduct, n, q, toVector } from "./plain-psa.js";
import { TestRandom } from "../support/random.js";

const BYTES = 16 * n;

describe("aggregation kernel", () => {
  it("gives the published SHAKE256 of the empty message (NIST CSRC, SHAKE256_Msg0)", () => {
    expect(bytesToHex(shake256(32, new Uint8Array()))).to.equal(
      "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f",
    );
  });

  it("gives noble's SHAKE256 around every block boundary of input and output", () => {
    const random = new TestRandom("shake");
    for (const length of [0, 1, 31, 134, 135, 136, 137, 271, 272, 273, 407, 1023, 1024]) {
      const message = random.bytes(length);
      for (const out of [1, 16, 135, 136, 137, 272, 1000, BYTES]) {
        const expected = nobleShake256(message, { dkLen: out });
        expect(bytesToHex(shake256(out, message)), `${length} → ${out}`).to.equal(
          bytesToHex(expected),
        );
      }
    }
  });

  it("refuses a message longer than its memory instead of writing past it", () => {
    expect(() => shake256(16, new Uint8Array(1025))).to.throw(RangeError);
  });

  it("multiplies like BigInt, extremes of both limbs included", () => {
    const random = new TestRandom("inner product");
    const low = (1n << 64n) - 1n;
    const edge = [0n, 1n, low, low + 1n, q - 1n, q - low, 1n << 127n, (1n << 32n) - 1n, 1n << 32n];
    const vectors = [
      toVector(random.bytes(BYTES)),
      Array.from({ length: n }, (_, i) => edge[i % edge.length]!),
      Array.from({ length: n }, () => q - 1n),
      Array.from({ length: n }, () => low),
    ];
    for (const vector of vectors) {
      const message = random.bytes(48);
      const hashed = toVector(nobleShake256(message, { dkLen: BYTES }));
      expect(hashedInnerProduct(message, fromVector(vector))).to.equal(
        innerProduct(hashed, vector),
      );
    }
  });

  it("adds and subtracts with carries and borrows across limbs", () => {
    const random = new TestRandom("vectors");
    const low = (1n << 64n) - 1n;
    const a = [...toVector(random.bytes(BYTES - 64)), low, q - 1n, 0n, 1n << 64n];
    const b = [...toVector(random.bytes(BYTES - 64)), 1n, 1n, 1n, 1n];
    const sum = fromVector(a);
    addVector(sum, fromVector(b));
    expect(toVector(sum)).to.deep.equal(a.map((x, i) => (x + b[i]!) % q));
    subtractVector(sum, fromVector(b));
    expect(toVector(sum)).to.deep.equal(a);
    const difference = fromVector(b);
    subtractVector(difference, fromVector(a));
    expect(toVector(difference)).to.deep.equal(b.map((x, i) => (q + x - a[i]!) % q));
  });
});
