import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { nobleEcdsa, wasmEcdsa } from "../../src/algebra/index.js";
import {
  addressSender,
  ed25519KeyPair,
  envelopeDigest,
  isEquivocation,
  open,
  postOnce,
  readEnvelope,
  seal,
  sealAsMeter,
  type Kind,
  type Letter,
  type System,
} from "../../src/envelope/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectError, expectRejection } from "../support/errors.js";

interface Vector {
  readonly system: System;
  readonly kind: Kind;
  readonly secretKey: string;
  readonly context: string;
  readonly sender: string;
  readonly sequence: string;
  readonly body: string;
  readonly message: string;
}

const { vectors } = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "../../vectors/envelope.json"), "utf8"),
) as { vectors: readonly Vector[] };

function letterOf(v: Vector): Letter<System> {
  return {
    system: v.system,
    kind: v.kind,
    context: hexToBytes(v.context),
    sequence: BigInt(v.sequence),
    body: hexToBytes(v.body),
  };
}

const isByMeter = (v: Vector): boolean => v.kind === "report" || v.kind === "opening";
const key = ed25519KeyPair(new Uint8Array(32).fill(7));
const letter: Letter<"sealed"> = {
  system: "sealed",
  kind: "request",
  context: new Uint8Array(32).fill(1),
  sequence: 5n,
  body: utf8ToBytes("a request"),
};

describe("the envelope", () => {
  it("given the published vectors, when their letters are sealed, then the bytes are those", () => {
    expect(vectors.length).to.be.greaterThan(3);
    for (const v of vectors) {
      const secret = hexToBytes(v.secretKey);
      const message = isByMeter(v)
        ? sealAsMeter(letterOf(v), secret)
        : seal(letterOf(v), ed25519KeyPair(secret));
      expect(bytesToHex(message), v.kind).to.equal(v.message);
    }
  });

  it("given the published vectors, when the independent libraries check them, then the signatures hold", () => {
    for (const v of vectors) {
      const message = hexToBytes(v.message);
      const envelope = readEnvelope(message);
      const unsigned = message.subarray(0, message.length - envelope.signature.length);
      if (isByMeter(v)) {
        const signer = nobleEcdsa.recover(envelopeDigest(envelope), envelope.signature)!;
        expect(bytesToHex(addressSender(signer))).to.equal(v.sender);
      } else {
        const signed = concatBytes(utf8ToBytes("sipster/envelope@1"), unsigned);
        expect(ed25519.verify(envelope.signature, signed, hexToBytes(v.sender))).to.equal(true);
      }
      expect(bytesToHex(envelope.sender)).to.equal(v.sender);
      expect(bytesToHex(envelope.body)).to.equal(v.body);
    }
  });

  it("given a message, when any single bit is flipped, then it is refused", () => {
    for (const v of vectors) {
      const { kind, context, sender, sequence, system } = readEnvelope(hexToBytes(v.message));
      const expected = { system, kind, context, sender, sequence };
      open(hexToBytes(v.message), expected);
      for (let bit = 0; bit < v.message.length * 4; bit++) {
        const altered = hexToBytes(v.message);
        altered[bit >> 3]! ^= 1 << (bit & 7);
        let code = "accepted";
        try {
          open(altered, expected);
        } catch (error) {
          code = (error as { code: string }).code;
        }
        expect(code, `${v.kind}, bit ${bit}`).to.match(/^envelope\//);
      }
    }
  });

  it("given a message that is cut short or continued, when it is read, then it is refused", () => {
    const message = seal(letter, key);
    for (let length = 0; length < message.length; length++) {
      expectError(() => readEnvelope(message.subarray(0, length)), "envelope/malformed");
    }
    expectError(() => readEnvelope(concatBytes(message, new Uint8Array(1))), "envelope/malformed");
  });

  it("given a good message of another kind, context, sender or sequence, when it is opened, then it is refused", () => {
    const message = seal(letter, key);
    const right = { system: "sealed", kind: "request" } as const;
    open(message, { ...right, context: letter.context, sender: key.publicKey, sequence: 5n });
    expectError(() => open(message, { ...right, kind: "tariff" }), "envelope/wrong-place");
    expectError(
      () => open(message, { ...right, context: new Uint8Array(32) }),
      "envelope/wrong-place",
    );
    expectError(
      () => open(message, { ...right, sender: new Uint8Array(32) }),
      "envelope/wrong-place",
    );
    expectError(() => open(message, { ...right, sequence: 6n }), "envelope/wrong-place");
    expectError(
      () => open(message, { system: "aggregation", kind: "receipt" }),
      "envelope/wrong-place",
    );
  });

  it("given a report whose sender is not an address, when it is opened, then it is refused", () => {
    const report = { ...letter, kind: "report" as const };
    const message = sealAsMeter(report, new Uint8Array(32).fill(3));
    expect(open(message, { system: "sealed", kind: "report" }).sequence).to.equal(5n);
    message[3 + 32] = 1;
    expectError(
      () => open(message, { system: "sealed", kind: "report" }),
      "envelope/bad-signature",
    );
  });

  it("given two signed messages for one place, then they convict the sender; copies and forgeries do not", () => {
    const message = seal(letter, key);
    const second = seal({ ...letter, body: utf8ToBytes("another") }, key);
    expect(isEquivocation(message, second)).to.equal(true);
    expect(isEquivocation(message, message)).to.equal(false);
    const later = seal({ ...letter, sequence: 6n, body: utf8ToBytes("another") }, key);
    expect(isEquivocation(message, later)).to.equal(false);
    const elsewhere = { ...letter, context: new Uint8Array(32), body: utf8ToBytes("another") };
    expect(isEquivocation(message, seal(elsewhere, key))).to.equal(false);
    const other = ed25519KeyPair(new Uint8Array(32).fill(8));
    expect(isEquivocation(message, seal({ ...letter, body: new Uint8Array(1) }, other))).to.equal(
      false,
    );
    const kind = { ...letter, kind: "group" as const, body: utf8ToBytes("another") };
    expect(isEquivocation(message, seal(kind, key))).to.equal(false);
    for (const forged of [message, second]) {
      const copy = Uint8Array.from(forged);
      copy[copy.length - 1]! ^= 1;
      expect(isEquivocation(copy, forged === message ? second : message)).to.equal(false);
      expect(isEquivocation(forged === message ? second : message, copy)).to.equal(false);
    }
  });
});

describe("the outbox", () => {
  it("given a message that was made, when it is asked for again, then it is the same bytes", async () => {
    const store = new MemoryStore();
    let made = 0;
    const make = (): Uint8Array => Uint8Array.of(++made);
    expect(await postOnce(store, "a", make)).to.deep.equal(Uint8Array.of(1));
    expect(await postOnce(store, "a", make)).to.deep.equal(Uint8Array.of(1));
    expect(await postOnce(store, "b", make)).to.deep.equal(Uint8Array.of(2));
  });

  it("given a store that fails, when a message is made, then it does not leave", async () => {
    const store = new MemoryStore();
    await store.close();
    await expectRejection(
      postOnce(store, "a", () => Uint8Array.of(1)),
      "store/closed",
    );
  });
});

describe("a meter's signature", () => {
  it("given either ECDSA library, then the bytes are the same", () => {
    const report = { ...letter, kind: "report" as const };
    const secret = new Uint8Array(32).fill(9);
    expect(sealAsMeter(report, secret, nobleEcdsa)).to.deep.equal(
      sealAsMeter(report, secret, wasmEcdsa),
    );
  });
});
