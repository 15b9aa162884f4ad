/** The two libraries that may do the onion's arithmetic: packets and keys are the same with both. */
import { x25519 as noble } from "@noble/curves/ed25519.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { sodium } from "../../../src/channel/onion/sodium.js";
import { applyBy, applyByNoble } from "../../../src/channel/onion/stream.js";
import { opensslX25519, sodiumX25519 } from "../../../src/channel/onion/x25519.js";
import { TestRandom } from "../../support/random.js";
import { LOW_ORDER_KEYS } from "./low-order.js";

const random = new TestRandom("onion engines");
const engines = [opensslX25519, ...(sodium === undefined ? [] : [sodiumX25519(sodium)])];

for (const engine of engines) {
  describe(`X25519 by ${engine.name}`, () => {
    it("gives the keys and the shared point of RFC 7748, section 6.1", () => {
      const alice = hexToBytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
      const bob = engine.keyPair(
        hexToBytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"),
      );
      expect(bytesToHex(bob.publicKey)).to.equal(
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
      );
      expect(bytesToHex(bob.agree(engine.publicKey(alice))!)).to.equal(
        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
      );
    });

    it("gives what the independent library gives, also for keys of the other engines", () => {
      for (let i = 0; i < 20; i++) {
        const [mine, theirs] = [random.bytes(32), random.bytes(32)];
        const own = engine.keyPair(mine);
        expect(own.publicKey).to.deep.equal(noble.getPublicKey(mine));
        const other = noble.getPublicKey(theirs);
        // The highest bit of a public key is ignored (RFC 7748, section 5).
        other[31]! |= i % 2 === 0 ? 0 : 0x80;
        const expected = noble.getSharedSecret(mine, other);
        for (const key of [...engines.map((e) => e.publicKey(other)), { encoded: other }]) {
          expect(Uint8Array.from(own.agree(key)!)).to.deep.equal(expected);
        }
      }
    });

    it("given a fresh pair, then another each time, and both sides agree", () => {
      const [a, b] = [engine.keyPair(), engine.keyPair()];
      expect(a.publicKey).not.to.deep.equal(b.publicKey);
      const shared = a.agree(engine.publicKey(b.publicKey));
      expect(shared).to.have.lengthOf(32);
      expect(b.agree(engine.publicKey(a.publicKey))).to.deep.equal(shared);
    });

    it("given a point of low order, has no secret with it", () => {
      for (const hex of LOW_ORDER_KEYS) {
        expect(engine.keyPair().agree(engine.publicKey(hexToBytes(hex))), hex).to.equal(undefined);
      }
    });

    it("keeps its own copy of a secret that it is given", () => {
      const secret = random.bytes(32);
      const other = engine.publicKey(engine.keyPair().publicKey);
      const pair = engine.keyPair(secret);
      const before = pair.agree(other);
      secret.fill(0);
      expect(pair.agree(other)).to.deep.equal(before);
    });
  });
}

describe("ChaCha20 for the onion", () => {
  it("is the same stream by both libraries, from any block on and in place", () => {
    const streams = sodium === undefined ? [applyByNoble] : [applyByNoble, applyBy(sodium)];
    for (const length of [0, 1, 63, 64, 65, 292, 1300, 4097]) {
      for (const block of [0, 1, 19]) {
        const [key, bytes] = [random.bytes(32), random.bytes(length)];
        const [first, ...others] = streams.map((apply) => {
          const copy = new Uint8Array(bytes);
          const result = apply(key, copy, block);
          expect(result).to.equal(copy);
          return result;
        });
        for (const other of others) expect(other).to.deep.equal(first);
      }
    }
  });
});
