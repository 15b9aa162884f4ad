import { expect } from "chai";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { bytesToInt, intToBytes } from "../../src/algebra/index.js";
import { ORDER, publicKeyOf } from "../../src/ledger/curve.js";
import {
  signSchnorr,
  signSchnorrs,
  verifySchnorr,
  wrongSignatures,
  type SchnorrItem,
} from "../../src/ledger/schnorr.js";
import { TAGS } from "../../src/ledger/tags.js";
import { TestRandom } from "../support/random.js";

const random = new TestRandom("schnorr");

function signed(secret = 1n + random.below(ORDER - 1n), message = random.bytes(50)): SchnorrItem {
  const key = publicKeyOf(secret);
  return { key, message, signature: signSchnorr(secret, key, message) };
}

/** The equation written with the independent library: s·G = R + c·pk. */
function holds({ key, message, signature }: SchnorrItem): boolean {
  const { Point } = secp256k1;
  const R = signature.subarray(0, 33);
  const c = bytesToInt(sha256(concatBytes(TAGS.schnorr, R, key, message))) % ORDER;
  const right = Point.fromBytes(R).add(Point.fromBytes(key).multiply(c));
  return Point.BASE.multiply(bytesToInt(signature.subarray(33))).equals(right);
}

describe("Schnorr signatures", () => {
  it("satisfy the equation of the independent library", () => {
    for (let i = 0; i < 5; i++) {
      const item = signed();
      expect(holds(item)).to.equal(true);
      expect(verifySchnorr(item)).to.equal(true);
    }
  });

  it("never repeat a nonce, not even for one message under one key", () => {
    const a = signed(5n, new Uint8Array(3));
    const b = signed(5n, new Uint8Array(3));
    expect(a.signature.subarray(0, 33)).not.to.deep.equal(b.signature.subarray(0, 33));
  });

  it("are refused when any part is altered, and by the batch alike", () => {
    const item = signed();
    const other = signed();
    const s = bytesToInt(item.signature.subarray(33));
    const withS = (value: bigint): Uint8Array =>
      concatBytes(item.signature.subarray(0, 33), intToBytes(value, 32));
    const bad: [string, SchnorrItem][] = [
      ["message", { ...item, message: random.bytes(50) }],
      ["key", { ...item, key: other.key }],
      [
        "commitment",
        {
          ...item,
          signature: concatBytes(other.signature.subarray(0, 33), item.signature.subarray(33)),
        },
      ],
      ["s + 1", { ...item, signature: withS((s + 1n) % ORDER) }],
      ["s not reduced", { ...item, signature: withS(s + ORDER < 1n << 256n ? s + ORDER : ORDER) }],
      [
        "commitment the identity",
        { ...item, signature: concatBytes(new Uint8Array(33), item.signature.subarray(33)) },
      ],
      [
        "commitment no point of the curve",
        {
          ...item,
          signature: concatBytes(Uint8Array.of(2), intToBytes(5n, 32), item.signature.subarray(33)),
        },
      ],
      ["key of another prefix", { ...item, key: item.key.with(0, 4) }],
      ["key the identity", { ...item, key: new Uint8Array(33) }],
      ["short", { ...item, signature: item.signature.subarray(1) }],
    ];
    for (const [what, forged] of bad) {
      expect(verifySchnorr(forged), what).to.equal(false);
      expect(wrongSignatures([signed(), forged, signed()]), what).to.deep.equal([1]);
    }
  });

  it("cannot be moved to a key that differs by a known tweak", () => {
    // With c = H(R ‖ message), s + c·t would verify under pk + t·G.
    const secret = random.below(ORDER);
    const tweak = 77n;
    const item = signed(secret);
    const key = publicKeyOf((secret + tweak) % ORDER);
    for (const challengeKey of [item.key, key]) {
      const R = item.signature.subarray(0, 33);
      const c =
        bytesToInt(sha256(concatBytes(TAGS.schnorr, R, challengeKey, item.message))) % ORDER;
      const s = (bytesToInt(item.signature.subarray(33)) + c * tweak) % ORDER;
      const moved = { key, message: item.message, signature: concatBytes(R, intToBytes(s, 32)) };
      expect(verifySchnorr(moved)).to.equal(false);
    }
  });

  it("given several to sign at once, then each satisfies the independent equation, and its hints are right", () => {
    const items = [1n, ORDER - 1n, random.below(ORDER)].map((secret) => ({
      secret,
      message: random.bytes(40),
    }));
    const made = signSchnorrs(items);
    for (const [i, item] of made.entries()) {
      expect(item.message).to.equal(items[i]!.message);
      expect(item.key).to.deep.equal(publicKeyOf(items[i]!.secret));
      expect(holds(item)).to.equal(true);
      const { Point } = secp256k1;
      expect(bytesToInt(item.keyY)).to.equal(Point.fromBytes(item.key).y);
      const R = Point.fromBytes(item.signature.subarray(0, 33));
      expect(bytesToInt(item.commitmentY)).to.equal(R.y);
    }
    expect(wrongSignatures(made)).to.deep.equal([]);
  });

  it("given hints that lie, then neither a right signature falls nor a wrong one passes", () => {
    const [right, other] = signSchnorrs(
      [3n, 4n].map((secret) => ({ secret, message: random.bytes(9) })),
    ) as [Required<SchnorrItem>, Required<SchnorrItem>];
    const lies = [new Uint8Array(32), new Uint8Array(5), other.keyY, right.keyY, right.commitmentY];
    for (const keyY of lies) {
      for (const commitmentY of lies) {
        expect(verifySchnorr({ ...right, keyY, commitmentY })).to.equal(true);
        const forged = { ...right, message: random.bytes(9), keyY, commitmentY };
        expect(wrongSignatures([forged, { ...right, keyY, commitmentY }])).to.deep.equal([0]);
      }
    }
  });

  it("pass in a batch when all are right, with or without repetitions", () => {
    const items = Array.from({ length: 40 }, () => signed());
    expect(wrongSignatures([])).to.deep.equal([]);
    expect(wrongSignatures(items)).to.deep.equal([]);
    expect(wrongSignatures([...items, ...items])).to.deep.equal([]);
  });

  it("do not pass in a batch when two errors cancel out", () => {
    const a = signed();
    const b = signed();
    const shift = (item: SchnorrItem, by: bigint): SchnorrItem => ({
      ...item,
      signature: concatBytes(
        item.signature.subarray(0, 33),
        intToBytes((bytesToInt(item.signature.subarray(33)) + by + ORDER) % ORDER, 32),
      ),
    });
    expect(wrongSignatures([shift(a, 9n), shift(b, -9n), signed()])).to.deep.equal([0, 1]);
  });
});
