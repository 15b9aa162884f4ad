/** HPKE against the vectors that RFC 9180 prints, and against @noble/curves and @noble/ciphers. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { gcm } from "@noble/ciphers/aes.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, hexToBytes, randomBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { decapsulate, encapsulate, parseOnionKey } from "../../../src/channel/onion/kem.js";
import {
  aeadNumbered,
  aeadOpen,
  AEADS,
  aeadSeal,
  hpkeKeyPair,
  keySchedule,
  setupBaseReceiver,
  setupBaseSender,
} from "../../../src/channel/ohttp/hpke.js";
import { expectError } from "../../support/errors.js";
import { RFC9180 } from "./rfc9180-vectors.js";

const bytes = hexToBytes;

describe("HPKE, base mode", () => {
  for (const vector of RFC9180) {
    describe(`given the vectors of RFC 9180, ${vector.section}`, () => {
      const aead = aeadNumbered(vector.aead)!;
      const info = bytes(vector.info);
      const receiver = hpkeKeyPair(bytes(vector.receiverSecret));
      const ephemeral = hpkeKeyPair(bytes(vector.ephemeralSecret));

      it("agrees on the shared secret from both sides", () => {
        expect(bytesToHex(receiver.publicKey)).to.equal(vector.receiverPublic);
        expect(bytesToHex(ephemeral.publicKey)).to.equal(vector.ephemeralPublic);
        const sent = encapsulate(parseOnionKey(receiver.publicKey), ephemeral);
        expect(bytesToHex(sent)).to.equal(vector.sharedSecret);
        expect(decapsulate(receiver, ephemeral.publicKey)).to.deep.equal(sent);
      });

      it("derives key, nonce and exporter secret", () => {
        const schedule = keySchedule(aead, bytes(vector.sharedSecret), info);
        expect(bytesToHex(schedule.key)).to.equal(vector.key);
        expect(bytesToHex(schedule.baseNonce)).to.equal(vector.baseNonce);
        expect(bytesToHex(schedule.exporterSecret)).to.equal(vector.exporterSecret);
      });

      it("seals and opens messages 0 to 256, and exports", () => {
        const { enc, context } = setupBaseSender({
          aead,
          receiver: receiver.publicKey,
          info,
          ephemeral,
        });
        const opening = setupBaseReceiver({ aead, key: receiver, info, enc })!;
        const printed = new Map(vector.encryptions.map((e) => [e.sequence as number, e]));
        for (let sequence = 0; sequence <= 256; sequence++) {
          const e = printed.get(sequence);
          const aad = bytes(e?.aad ?? "");
          const plaintext = bytes(e?.plaintext ?? "00");
          const ciphertext = context.seal(aad, plaintext);
          if (e !== undefined) expect(bytesToHex(ciphertext)).to.equal(e.ciphertext);
          expect(opening.open(aad, ciphertext)).to.deep.equal(plaintext);
        }
        expect(printed.size).to.equal(6);
        for (const { context: label, length, value } of vector.exports) {
          expect(bytesToHex(context.export(bytes(label), length))).to.equal(value);
          expect(bytesToHex(opening.export(bytes(label), length))).to.equal(value);
        }
      });
    });
  }

  for (const aead of AEADS) {
    it(`given random keys, ${aead.cipher} and X25519 are those of @noble`, () => {
      for (const length of [0, 1, 1024, 5000]) {
        const [key, nonce] = [randomBytes(aead.keyBytes), randomBytes(aead.nonceBytes)];
        const [plaintext, aad] = [randomBytes(length), randomBytes(length % 100)];
        const noble =
          aead.cipher === "aes-128-gcm" ? gcm(key, nonce, aad) : chacha20poly1305(key, nonce, aad);
        const ciphertext = aeadSeal({ aead, key, nonce, aad, plaintext });
        expect(ciphertext).to.deep.equal(noble.encrypt(plaintext));
        expect(aeadOpen({ aead, key, nonce, aad, ciphertext })).to.deep.equal(plaintext);
      }
      const secret = randomBytes(32);
      expect(hpkeKeyPair(secret).publicKey).to.deep.equal(x25519.getPublicKey(secret));
    });

    it(`given any bit changed in a message under ${aead.cipher}: it does not open`, () => {
      const receiver = hpkeKeyPair();
      const info = randomBytes(5);
      const { enc, context } = setupBaseSender({ aead, receiver: receiver.publicKey, info });
      const sealed = context.seal(Uint8Array.of(7), randomBytes(20));
      const open = ({
        ciphertext,
        e = enc,
        i = info,
        aad = Uint8Array.of(7),
      }: {
        readonly ciphertext: Uint8Array;
        readonly e?: Uint8Array;
        readonly i?: Uint8Array;
        readonly aad?: Uint8Array;
      }) => setupBaseReceiver({ aead, key: receiver, info: i, enc: e })?.open(aad, ciphertext);
      expect(open({ ciphertext: sealed })).to.not.equal(undefined);
      for (let bit = 0; bit < 8 * sealed.length; bit++) {
        expect(open({ ciphertext: flipped(sealed, bit) }), `bit ${bit}`).to.equal(undefined);
      }
      for (let bit = 0; bit < 8 * 31; bit++) {
        expect(open({ ciphertext: sealed, e: flipped(enc, bit) }), `bit ${bit} of enc`).to.equal(
          undefined,
        );
      }
      expect(open({ ciphertext: sealed, e: enc, i: flipped(info, 3) })).to.equal(undefined);
      expect(open({ ciphertext: sealed, e: enc, i: info, aad: Uint8Array.of(6) })).to.equal(
        undefined,
      );
      expect(open({ ciphertext: sealed.slice(0, 15) })).to.equal(undefined);
    });
  }

  it("given keys of low order: sends nothing to one and opens nothing from one", () => {
    const [aead] = AEADS;
    expectError(
      () => setupBaseSender({ aead: aead!, receiver: new Uint8Array(32), info: bytes("") }),
      "channel/bad-key",
    );
    expectError(
      () => setupBaseSender({ aead: aead!, receiver: new Uint8Array(31), info: bytes("") }),
      "channel/bad-key",
    );
    const enc = new Uint8Array(32);
    expect(setupBaseReceiver({ aead: aead!, key: hpkeKeyPair(), info: bytes(""), enc })).to.equal(
      undefined,
    );
  });

  it("given the same message again in one context: it does not open a second time", () => {
    const receiver = hpkeKeyPair();
    const { enc, context } = setupBaseSender({
      aead: AEADS[0]!,
      receiver: receiver.publicKey,
      info: bytes(""),
    });
    const opening = setupBaseReceiver({ aead: AEADS[0]!, key: receiver, info: bytes(""), enc })!;
    const sealed = context.seal(bytes(""), bytes("01"));
    expect(opening.open(bytes(""), sealed)).to.deep.equal(bytes("01"));
    expect(opening.open(bytes(""), sealed)).to.equal(undefined);
  });
});

function flipped(original: Uint8Array, bit: number): Uint8Array {
  const copy = original.slice();
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}
