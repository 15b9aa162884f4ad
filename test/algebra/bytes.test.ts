import { expect } from "chai";
import { ByteReader, bytesToInt, equalBytes, intToBytes } from "../../src/algebra/index.js";
import { TestRandom } from "../support/random.js";

const random = new TestRandom("bytes");

describe("integers as bytes", () => {
  it("are big-endian in the length asked for, and read back", () => {
    for (const length of [0, 1, 2, 3, 4, 6, 7, 8, 9, 16, 20, 31, 32, 33, 64]) {
      const bound = 1n << BigInt(8 * length);
      for (const value of [0n, 1n, bound - 1n, random.below(bound), bound / 3n]) {
        if (value >= bound) continue;
        const expected = length === 0 ? "" : value.toString(16).padStart(2 * length, "0");
        const bytes = intToBytes(value, length);
        expect(Buffer.from(bytes).toString("hex"), `${value} in ${length}`).to.equal(expected);
        expect(bytesToInt(bytes)).to.equal(value);
        if (value <= BigInt(Number.MAX_SAFE_INTEGER)) {
          expect(intToBytes(Number(value), length)).to.deep.equal(bytes);
        }
      }
      for (const tooLarge of [bound, bound + 1n, 1n << 600n]) {
        expect(() => intToBytes(tooLarge, length), `${tooLarge} in ${length}`).to.throw(RangeError);
        if (tooLarge <= BigInt(Number.MAX_SAFE_INTEGER)) {
          expect(() => intToBytes(Number(tooLarge), length)).to.throw(RangeError);
        }
      }
    }
  });

  it("refuse what is not an unsigned integer", () => {
    for (const value of [-1, -1n, 1.5, NaN, Infinity]) {
      expect(() => intToBytes(value, 8), String(value)).to.throw(RangeError);
    }
  });
});

describe("reading fields", () => {
  const reader = (...bytes: number[]): ByteReader =>
    new ByteReader(Uint8Array.from(bytes), (why) => new Error(why));

  it("front to back, and says how much is left", () => {
    const r = reader(1, 2, 3, 4, 5, 6);
    expect(r.number(2)).to.equal(0x0102);
    expect(r.bigint(1)).to.equal(3n);
    expect(r.left).to.equal(3);
    expect(equalBytes(r.take(3), Uint8Array.of(4, 5, 6))).to.equal(true);
    r.end();
  });

  it("refuses to go beyond the end, and to leave bytes over", () => {
    const r = reader(1, 2, 3);
    expect(() => r.take(4)).to.throw("4 more bytes are needed and 3 are there");
    r.take(2);
    expect(() => {
      r.end();
    }).to.throw("1 bytes are left over");
  });
});

describe("reading from a Node.js Buffer", () => {
  it("gives copies that are plain byte arrays, which do not follow the buffer", () => {
    const buffer = Buffer.from([1, 2, 3, 4]);
    const taken = new ByteReader(buffer, (why) => new Error(why)).take(2);
    buffer[0] = 9;
    expect([...taken]).to.deep.equal([1, 2]);
    expect(Buffer.isBuffer(taken)).to.equal(false);
  });
});
