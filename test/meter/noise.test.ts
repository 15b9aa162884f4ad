import { expect } from "chai";
import { Handshake } from "../../src/meter/gateway/noise.js";
import { newPairingCode, pairingKey } from "../../src/meter/gateway/pairing-code.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const bytes = (hex: string): Uint8Array => Buffer.from(hex, "hex");
const hex = (b: Uint8Array): string => Buffer.from(b).toString("hex");

/** From the vectors of cacophony, a Haskell implementation of Noise, for this protocol name. */
const vector = {
  prologue: "4a6f686e2047616c74",
  psk: "54686973206973206d7920417573747269616e20706572737065637469766521",
  initiator: "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
  responder: "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
  messages: [
    [
      "4c756477696720766f6e204d69736573",
      "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c794479b962b8aff8485742ac32f905ba45369e2465fb59e138a93d67a0d1266b6a54",
    ],
    [
      "4d757272617920526f746862617264",
      "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843d6062704d5a9c422a8e834423f8c1feada7e8d0d910a1a2cd030fb584221e3",
    ],
    ["462e20412e20486179656b", "e632c3763d7669067383433197a3baddf146e9e70ad4b4e9e59e0f"],
    ["4361726c204d656e676572", "64c6bee32ea91c8474bb4c21d7a700109ad45af77b29764ba5eb1e"],
    [
      "4a65616e2d426170746973746520536179",
      "e2fa0bed0603b62d3ccac2ecabbf3fe33f3e86514909b323361626266cb2471cc8",
    ],
    [
      "457567656e2042f6686d20766f6e2042617765726b",
      "0c01dc9cec1fe4ddd692e8dd32188aa351088dc91183639a53b57aa4692b5ebdef8b8ca111",
    ],
  ] as const,
};

describe("Noise_NNpsk0_25519_ChaChaPoly_SHA256", () => {
  const sides = () => {
    const [psk, prologue] = [bytes(vector.psk), bytes(vector.prologue)];
    return {
      initiator: new Handshake({
        role: "initiator",
        psk,
        prologue,
        ephemeral: bytes(vector.initiator),
      }),
      responder: new Handshake({
        role: "responder",
        psk,
        prologue,
        ephemeral: bytes(vector.responder),
      }),
    };
  };

  it("gives the published messages, and reads them", () => {
    const { initiator, responder } = sides();
    const [first, second, ...rest] = vector.messages;
    expect(hex(initiator.write(bytes(first[0])))).to.equal(first[1]);
    expect(hex(responder.read(bytes(first[1])))).to.equal(first[0]);
    expect(hex(responder.write(bytes(second[0])))).to.equal(second[1]);
    expect(hex(initiator.read(bytes(second[1])))).to.equal(second[0]);
    const [a, b] = [initiator.split(), responder.split()];
    rest.forEach(([plain, sealed], i) => {
      const [from, to] = i % 2 === 0 ? [a, b] : [b, a];
      expect(hex(from.sending.encrypt(bytes(plain)))).to.equal(sealed);
      expect(hex(to.receiving.decrypt(bytes(sealed)))).to.equal(plain);
    });
  });

  it("given any bit flipped, or a message cut short, either side refuses the handshake", () => {
    for (const message of [vector.messages[0][1], vector.messages[1][1]]) {
      const good = bytes(message);
      for (let i = 0; i < good.length; i++) {
        const { initiator, responder } = sides();
        initiator.write(bytes(vector.messages[0][0]));
        const bad = good.slice();
        bad[i]! ^= 1 << (i % 8);
        const reader = message === vector.messages[0][1] ? responder : initiator;
        expectError(() => reader.read(bad), "meter/not-trusted");
      }
      const { responder } = sides();
      expectError(() => responder.read(good.subarray(0, 47)), "meter/not-trusted");
    }
  });

  it("given another key, another prologue, a point of small order, or an old message, refuses", () => {
    const random = new TestRandom("noise");
    const psk = random.bytes(32);
    const prologue = Buffer.from("p");
    const first = new Handshake({ role: "initiator", psk, prologue }).write();
    const others = [
      new Handshake({ role: "responder", psk: random.bytes(32), prologue }),
      new Handshake({ role: "responder", psk, prologue: Buffer.from("q") }),
    ];
    for (const other of others) expectError(() => other.read(first), "meter/not-trusted");
    const initiator = new Handshake({ role: "initiator", psk, prologue });
    const responder = new Handshake({ role: "responder", psk, prologue });
    responder.read(initiator.write());
    initiator.read(responder.write());
    const [a, b] = [initiator.split(), responder.split()];
    const sealed = a.sending.encrypt(Buffer.from("again"));
    b.receiving.decrypt(sealed);
    expectError(() => b.receiving.decrypt(sealed), "meter/not-trusted");
    const small = new Handshake({ role: "initiator", psk, prologue });
    small.write();
    expectError(() => small.read(new Uint8Array(48)), "meter/not-trusted");
  });

  it("a recorded first message gets an answer and nothing else: one who replays it has no keys", () => {
    const random = new TestRandom("replay");
    const psk = random.bytes(32);
    const prologue = Buffer.from("p");
    const honest = new Handshake({ role: "initiator", psk, prologue });
    const recorded = honest.write();
    const responder = new Handshake({ role: "responder", psk, prologue });
    responder.read(recorded);
    const answer = responder.write();
    const thief = new Handshake({ role: "initiator", psk, prologue });
    thief.write();
    expectError(() => thief.read(answer), "meter/not-trusted");
  });
});

describe("pairing codes", () => {
  it("are twenty letters and digits, each time others, and readable in any case", () => {
    const codes = Array.from({ length: 50 }, newPairingCode);
    for (const code of codes) expect(code).to.match(/^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-Z]{5}$/);
    expect(new Set(codes).size).to.equal(50);
    const [code] = codes;
    expect(hex(pairingKey(code!.toLowerCase().replaceAll("-", " ")))).to.equal(
      hex(pairingKey(code!)),
    );
    expect(hex(pairingKey("OIL00-00000-00000-00000"))).to.equal(
      hex(pairingKey("01100-00000-00000-00000")),
    );
  });

  it("a code that is none is refused before anything is sent", () => {
    for (const code of ["", "7KQ2M", "7KQ2M-7KQ2M-7KQ2M-7KQ2U"]) {
      expectError(() => pairingKey(code), "meter/bad-code");
    }
  });
});
