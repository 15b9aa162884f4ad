import { expect } from "chai";
import { codec } from "../../src/algebra/index.js";

const { bigInt, bigUint, bytesOf, bytesUpTo, decode, encode, listOf, oneOf, optional } = codec;
const { textUpTo, uint, variant } = codec;
const fail = (why: string): Error => new Error(`refused: ${why}`);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const message = variant({
  empty: {},
  full: {
    small: uint(2),
    large: bigUint(9),
    signed: bigInt(4),
    key: bytesOf(3),
    blob: bytesUpTo(5),
    name: textUpTo(8),
    list: listOf(uint(1), 3),
    maybe: optional(uint(1)),
    colour: oneOf("red", "green"),
  },
});
const full = {
  kind: "full",
  small: 258,
  large: 1n << 64n,
  signed: -2n,
  key: Uint8Array.of(1, 2, 3),
  blob: Uint8Array.of(9),
  name: "Łódź",
  list: [7, 8],
  maybe: null,
  colour: "green",
} as const;
const bytes = encode(message, full);

describe("codecs", () => {
  it("lay fields out in order, big-endian, with lengths before what varies", () => {
    expect(hex(bytes)).to.equal(
      "01" +
        "0102" +
        "010000000000000000" +
        "fffffffe" +
        "010203" +
        "0000000109" +
        "00000007c581c3b364c5ba" +
        "00020708" +
        "00" +
        "01",
    );
    expect(decode(message, bytes, fail)).to.deep.equal(full);
    expect(hex(encode(message, { kind: "empty" }))).to.equal("00");
  });

  it("given bytes cut short or one too many, a reader refuses them", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decode(message, bytes.subarray(0, length), fail)).to.throw("refused");
    }
    expect(() => decode(message, Uint8Array.of(...bytes, 0), fail)).to.throw("left over");
  });

  it("given any one bit flipped, a reader refuses the bytes or reads another value", () => {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      let value: unknown;
      try {
        value = decode(message, flipped, fail);
      } catch (error) {
        expect((error as Error).message).to.match(/^refused/);
        continue;
      }
      expect(value, `bit ${bit}`).not.to.deep.equal(full);
      expect(hex(encode(message, value as typeof full))).to.equal(hex(flipped));
    }
  });

  it("given a value that has no encoding, a writer says so", () => {
    const wrong: (() => unknown)[] = [
      () => encode(uint(1), 256),
      () => encode(bigInt(1), 128n),
      () => encode(bytesOf(2), Uint8Array.of(1)),
      () => encode(bytesUpTo(1), Uint8Array.of(1, 2)),
      () => encode(listOf(uint(1), 1), [1, 2]),
      () => encode(oneOf("a"), "b" as "a"),
    ];
    for (const write of wrong) expect(write).to.throw(RangeError);
  });
});
