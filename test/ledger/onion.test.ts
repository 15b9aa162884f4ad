import { expect } from "chai";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { ORDER, PublicKey, SecretKey } from "../../src/ledger/curve.js";
import {
  ANSWER_BYTES,
  ANSWER_MESSAGE_BYTES,
  buildAnswer,
  openAnswer,
  wrapAnswer,
} from "../../src/ledger/onion/answer.js";
import { buildOnion, hopBytes, PACKET_BYTES, type Hop } from "../../src/ledger/onion/packet.js";
import { peelOnion } from "../../src/ledger/onion/peel.js";
import { expectError } from "../support/errors.js";
import { TestRandom } from "../support/random.js";

const random = new TestRandom("onion");
const scalar = (): bigint => 1n + random.below(ORDER - 1n);
const secrets = Array.from({ length: 4 }, scalar);
const keys = secrets.map((s) => new SecretKey(s));
const context = utf8ToBytes("context");

function route(lengths: readonly number[]): Hop[] {
  return lengths.map((length, i) => ({
    publicKey: keys[i % keys.length]!.publicKey,
    payload: random.bytes(length),
  }));
}

describe("Onion packets", () => {
  it("carry payloads of many shapes, each hop seeing its own and one length", () => {
    // Lengths on both sides of the one-byte prefix, and a packet that is full to the last byte.
    const full = 1300 - hopBytes(2) - hopBytes(252) - hopBytes(253) - 35;
    for (const lengths of [[2], [33, 33, 33, 790], [2, 252, 253, full], [400, 400, 2, 2]]) {
      const hops = route(lengths);
      const { packet, sharedSecrets } = buildOnion(hops, scalar(), context);
      let current: Uint8Array | undefined = packet;
      for (const [i, hop] of hops.entries()) {
        expect(current).to.have.lengthOf(PACKET_BYTES);
        const peeled = peelOnion(current!, keys[i % keys.length]!, context);
        if (!peeled.ok) throw new Error(`hop ${i} of ${lengths.join()}: ${peeled.reason}`);
        expect(peeled.payload).to.deep.equal(hop.payload);
        expect(peeled.sharedSecret).to.deep.equal(sharedSecrets[i]);
        current = peeled.next;
      }
      expect(current).to.equal(undefined);
    }
  });

  it("agree on secrets as the independent library computes them", () => {
    const session = scalar();
    const { packet, sharedSecrets } = buildOnion(route([40]), session, context);
    const shared = keys[0]!.publicKey.encoded;
    const point = secp256k1.Point.fromBytes(shared).multiply(session);
    expect(sharedSecrets[0]).to.deep.equal(sha256(point.toBytes(true)));
    expect(packet.subarray(1, 34)).to.deep.equal(
      secp256k1.Point.BASE.multiply(session).toBytes(true),
    );
  });

  it("give the same packet with tables for the hops' keys as without", () => {
    const hops = route([33, 33, 100]);
    const session = scalar();
    const prepared = hops.map(({ publicKey, payload }) => ({
      publicKey: PublicKey.parse(publicKey.encoded).prepare(),
      payload,
    }));
    expect(buildOnion(prepared, session, context).packet).to.deep.equal(
      buildOnion(hops, session, context).packet,
    );
  });

  it("are refused with the reason when anything about them is wrong", () => {
    const hops = route([33, 100]);
    const { packet } = buildOnion(hops, scalar(), context);
    const reasonOf = (p: Uint8Array, ad = context, key = keys[0]!): string => {
      const peeled = peelOnion(p, key, ad);
      return peeled.ok ? "accepted" : peeled.reason;
    };
    const altered = (at: number, value: number): Uint8Array => {
      const copy = packet.slice();
      copy[at] = value;
      return copy;
    };
    expect(reasonOf(packet)).to.equal("accepted");
    expect(reasonOf(packet.subarray(1))).to.equal("length");
    expect(reasonOf(new Uint8Array())).to.equal("length");
    expect(reasonOf(altered(0, 1))).to.equal("version");
    expect(reasonOf(altered(1, 4))).to.equal("key");
    expect(reasonOf(new Uint8Array(PACKET_BYTES)), "the identity").to.equal("key");
    expect(reasonOf(packet, utf8ToBytes("other context"))).to.equal("mac");
    expect(reasonOf(packet, context, keys[1]!)).to.equal("mac");
    for (const at of [34, 700, 1333, 1334, 1365]) {
      expect(reasonOf(altered(at, packet[at]! ^ 1)), `byte ${at}`).to.equal("mac");
    }
  });

  it("are refused after the HMAC when a sender's length prefix is out of range", () => {
    // A malicious sender can authenticate anything: flip the prefix under the stream, sign again.
    const session = scalar();
    const { packet, sharedSecrets } = buildOnion(route([0xfd]), session, context);
    const mu = hmac(sha256, utf8ToBytes("mu"), sharedSecrets[0]!);
    // Each mask turns the prefix fd 00 fd into the given bytes.
    const cases: [number, number, number][] = [
      [0, 0, 0], // reserved length 0
      [1, 0, 0], // reserved length 1
      [0xfe, 0, 0], // 32-bit length
      [0xfd, 0, 0xfc], // not minimal
      [0xfd, 0xff, 0xff], // longer than the packet
      [0xfd, 0x04, 0xf2], // no room for the next HMAC
    ];
    for (const wanted of cases) {
      const forged = packet.slice();
      wanted.forEach((byte, i) => (forged[34 + i]! ^= byte ^ [0xfd, 0, 0xfd][i]!));
      const payloads = forged.subarray(34, 1334);
      const mac = hmac.create(sha256, mu).update(payloads).update(context).digest();
      forged.set(mac, 1334);
      const peeled = peelOnion(forged, keys[0]!, context);
      expect(peeled, wanted.join()).to.deep.equal({ ok: false, reason: "payload" });
    }
  });

  it("are not built for a route that cannot be", () => {
    for (const hops of [[], route([1]), route([700, 700])]) {
      expectError(() => buildOnion(hops, scalar(), context), "ledger/onion-route");
    }
  });

  it("refuse keys that are no points", () => {
    for (const bytes of [
      new Uint8Array(33),
      new Uint8Array(32),
      Uint8Array.of(2, ...new Uint8Array(31), 5),
    ]) {
      expectError(() => PublicKey.parse(bytes), "ledger/bad-key");
    }
  });
});

describe("Onion answers", () => {
  const shared = Array.from({ length: 4 }, () => random.bytes(32));

  it("come back from any hop in one size, and name it", () => {
    for (const hop of [0, 1, 3]) {
      for (const length of [0, 1, ANSWER_MESSAGE_BYTES]) {
        const message = random.bytes(length);
        let answer = buildAnswer(shared[hop]!, message);
        for (const secret of shared.slice(0, hop).reverse()) {
          expect(answer).to.have.lengthOf(ANSWER_BYTES);
          answer = wrapAnswer(secret, answer);
        }
        expect(openAnswer(shared, answer)).to.deep.equal({ hop, message });
      }
    }
  });

  it("do not open when altered, cut, or foreign", () => {
    const answer = wrapAnswer(shared[0]!, buildAnswer(shared[1]!, random.bytes(9)));
    const altered = answer.slice();
    altered[100]! ^= 1;
    for (const bad of [
      altered,
      answer.subarray(1),
      buildAnswer(random.bytes(32), random.bytes(9)),
    ]) {
      expectError(() => openAnswer(shared, bad), "ledger/onion-answer");
    }
  });

  it("are not built when the message is too long", () => {
    const long = new Uint8Array(ANSWER_MESSAGE_BYTES + 1);
    expectError(() => buildAnswer(shared[0]!, long), "ledger/onion-answer");
  });
});
