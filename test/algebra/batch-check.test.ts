import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import {
  batchVerify,
  bisect,
  BlindedMultiplier,
  bytesToInt,
  createMclBn254,
  digestToG1,
  FIELD_PRIME,
  GROUP_ORDER,
  intToBytes,
  nobleBn254,
  Transcript,
  type G1Point,
  type Group,
} from "../../src/algebra/index.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const mcl = await createMclBn254();
const random = new TestRandom("batch");

/** The group, telling which points a secret multiplies. */
function watching(group: Group<G1Point>, told: (p: G1Point) => void): Group<G1Point> {
  return new Proxy(group, {
    get(target, name: keyof Group<G1Point>) {
      if (name === "mulSecret") {
        return (p: G1Point, k: bigint): G1Point => {
          told(p);
          return target.mulSecret(p, k);
        };
      }
      const value = target[name];
      return typeof value === "function" ? (value as () => unknown).bind(target) : value;
    },
  });
}

for (const curve of [mcl, nobleBn254]) {
  const { g1, g2 } = curve;

  describe(`batch verification (${curve.name})`, () => {
    const secret = random.below(GROUP_ORDER);
    const key = g2.mul(g2.generator, secret);
    const items = Array.from({ length: 9 }, () => {
      const message = g1.mul(g1.generator, random.below(GROUP_ORDER));
      return { message, signature: g1.mul(message, secret) };
    });
    const delta = g1.mul(g1.generator, 5n);

    it("accepts right batches of every small size, the empty one included", () => {
      for (const n of [0, 1, 2, 9]) {
        expect(batchVerify(curve, items.slice(0, n), key)).to.equal(true);
      }
    });

    it("refuses +Δ on one signature", () => {
      const bad = items.map((x, i) =>
        i === 4 ? { ...x, signature: g1.add(x.signature, delta) } : x,
      );
      expect(batchVerify(curve, bad, key)).to.equal(false);
      expect(bisect(bad, (part) => batchVerify(curve, part, key))).to.deep.equal([4]);
    });

    it("refuses +Δ on one and −Δ on another, which no unweighted check sees", () => {
      const bad = items.map((x, i) => {
        if (i === 2) return { ...x, signature: g1.add(x.signature, delta) };
        return i === 7 ? { ...x, signature: g1.sub(x.signature, delta) } : x;
      });
      const sum = g1.sum(bad.map((x) => x.signature));
      expect(g1.equals(sum, g1.sum(items.map((x) => x.signature)))).to.equal(true);
      expect(batchVerify(curve, bad, key)).to.equal(false);
      expect(bisect(bad, (part) => batchVerify(curve, part, key))).to.deep.equal([2, 7]);
    });
  });

  describe(`blinded multiplication (${curve.name})`, () => {
    it("gives k·P every time, for the identity too", () => {
      const k = random.below(GROUP_ORDER);
      const multiplier = new BlindedMultiplier(g1, k);
      for (const m of [0n, 1n, 1n, 2n, GROUP_ORDER - 1n]) {
        const p = g1.mul(g1.generator, m);
        expect(g1.equals(multiplier.multiply(p), g1.mul(p, k))).to.equal(true);
      }
    });

    it("given one chosen point again and again, when it is multiplied, then the secret meets another point each time, and never the chosen one", () => {
      const met: string[] = [];
      const name = (p: G1Point): string => bytesToHex(g1.encode(p));
      const watched = watching(g1, (p) => met.push(name(p)));
      const multipliers = [1, 2].map(() => new BlindedMultiplier(watched, 12_345n));
      met.length = 0;
      const chosen = g1.mul(g1.generator, 77n);
      for (const multiplier of multipliers) {
        for (let i = 0; i < 8; i++) multiplier.multiply(chosen);
      }
      expect(met).to.have.length(16);
      expect(new Set([name(chosen), ...met]).size).to.equal(17);
    });
  });

  describe(`digest to G1 (${curve.name})`, () => {
    it("takes x from the low 254 bits and the parity of y from the top bit", () => {
      const digest = random.bytes(32);
      digest[0] = 0x01;
      let tries = 0;
      while (digestToG1(curve, digest) === null) digest[31] = ++tries;
      for (const top of [0x00, 0x40, 0x80, 0xc0]) {
        digest[0] = 0x01 | top;
        const encoded = g1.encode(digestToG1(curve, digest)!);
        expect(encoded[63]! % 2).to.equal(top >= 0x80 ? 1 : 0);
        expect(bytesToInt(encoded.subarray(0, 32))).to.equal(bytesToInt(digest) % (1n << 254n));
      }
    });

    it("refuses x at and above p, and other lengths", () => {
      expect(digestToG1(curve, intToBytes(FIELD_PRIME, 32))).to.equal(null);
      expect(digestToG1(curve, intToBytes((1n << 254n) - 1n, 32))).to.equal(null);
      expectError(() => digestToG1(curve, new Uint8Array(31)), "algebra/bad-length");
    });

    it("accepts about 0.378 of random digests", () => {
      const n = 400;
      let accepted = 0;
      for (let i = 0; i < n; i++) if (digestToG1(curve, random.bytes(32)) !== null) accepted++;
      expect(accepted / n).to.be.within(0.3, 0.46);
    });
  });
}

describe("transcript", () => {
  const order = GROUP_ORDER;
  const challenge = (...values: [string, Uint8Array][]): bigint => {
    const t = new Transcript("test");
    for (const [label, value] of values) t.append(label, value);
    return t.challenge("c", order);
  };
  const one = Uint8Array.of(1);

  it("depends on every label, value, length and on the order", () => {
    const all = [
      challenge(["a", one]),
      challenge(["b", one]),
      challenge(["a", Uint8Array.of(2)]),
      challenge(["a", Uint8Array.of(1, 1)]),
      challenge(["a", one], ["b", one]),
      challenge(["b", one], ["a", one]),
      challenge(["ab", one]),
      challenge(),
      new Transcript("other").append("a", one).challenge("c", order),
    ];
    expect(new Set(all).size).to.equal(all.length);
    expect(challenge(["a", one])).to.equal(all[0]);
  });

  it("draws different challenges one after the other, and a clone goes on alike", () => {
    const t = new Transcript("test");
    const first = t.challenge("c", order);
    const copy = t.clone();
    const second = t.challenge("c", order);
    expect(second).not.to.equal(first);
    expect(copy.challenge("c", order)).to.equal(second);
  });
});
