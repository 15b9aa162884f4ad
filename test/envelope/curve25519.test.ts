import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import {
  ed25519KeyPair,
  MAX_BODY_BYTES,
  readEnvelope,
  seal,
  secretBytes,
  senderAddress,
  sharedSecret,
  sign,
  verify,
  x25519KeyPair,
} from "../../src/envelope/index.js";
import { expectError } from "../support/errors.js";

const secret = new Uint8Array(32).map((_, i) => 200 - i);
const message = utf8ToBytes("a message");

describe("keys and signatures of the envelope", () => {
  it("given a secret key, then public keys are those of the independent library, and the secret comes back", () => {
    const [signing, agreeing] = [ed25519KeyPair(secret), x25519KeyPair(secret)];
    expect(signing.publicKey).to.deep.equal(ed25519.getPublicKey(secret));
    expect(agreeing.publicKey).to.deep.equal(x25519.getPublicKey(secret));
    for (const pair of [signing, agreeing]) expect(secretBytes(pair)).to.deep.equal(secret);
    expect(secret[0]).to.equal(200);
  });

  it("given no secret key, then each pair is a fresh one that works", () => {
    const [a, b] = [ed25519KeyPair(), ed25519KeyPair()];
    expect(a.publicKey).not.to.deep.equal(b.publicKey);
    expect(verify(sign(message, a), message, a.publicKey)).to.equal(true);
    expect(verify(sign(message, a), message, b.publicKey)).to.equal(false);
    const [c, d] = [x25519KeyPair(), x25519KeyPair()];
    expect(secretBytes(c)).to.have.lengthOf(32);
    expect(secretBytes(a)).to.have.lengthOf(32);
    const shared = sharedSecret(c, d.publicKey);
    expect(shared).to.have.lengthOf(32);
    expect(sharedSecret(d, c.publicKey)).to.deep.equal(shared);
  });

  it("given signatures and keys of wrong length or form, then they are refused and nothing is thrown", () => {
    const { publicKey, ...rest } = ed25519KeyPair(secret);
    const signature = sign(message, { publicKey, ...rest });
    const more = Uint8Array.of(0);
    expect(verify(signature, message, publicKey)).to.equal(true);
    for (const [s, p] of [
      [concatBytes(signature, more), publicKey],
      [signature.subarray(0, 63), publicKey],
      [signature, concatBytes(publicKey, more)],
      [signature, publicKey.subarray(0, 31)],
      [signature, new Uint8Array(32).fill(255)],
      [new Uint8Array(), new Uint8Array()],
    ] as const) {
      expect(verify(s, message, p)).to.equal(false);
    }
    const own = x25519KeyPair(secret);
    const other = x25519KeyPair().publicKey;
    for (const bad of [
      concatBytes(other, more),
      other.subarray(0, 31),
      new Uint8Array(32),
      new Uint8Array(),
    ]) {
      expect(sharedSecret(own, bad)).to.equal(null);
    }
  });

  it("given a sender with any of the first 12 bytes set, then it is not an address", () => {
    const sender = new Uint8Array(32).fill(7, 12);
    expect(senderAddress(sender)).to.deep.equal(new Uint8Array(20).fill(7));
    for (let i = 0; i < 12; i++) expect(senderAddress(sender.with(i, 1))).to.equal(null);
  });

  it("given a body above 64 MiB, then it is refused before it is read", () => {
    expect(MAX_BODY_BYTES).to.equal(67_108_864);
    const letter = { system: "sealed", kind: "request", context: new Uint8Array(32) } as const;
    const bytes = seal({ ...letter, sequence: 0n, body: message }, ed25519KeyPair(secret));
    const refusal = (length: number): string => {
      const altered = Uint8Array.from(bytes);
      new DataView(altered.buffer).setUint32(75, length);
      return expectError(() => readEnvelope(altered), "envelope/malformed").message;
    };
    expect(refusal(MAX_BODY_BYTES + 1)).to.contain("too long");
    expect(refusal(MAX_BODY_BYTES)).not.to.contain("too long");
  });
});
