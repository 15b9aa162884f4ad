import { readFileSync } from "node:fs";
import { x25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { bytesToInt } from "../../../src/algebra/index.js";
import {
  ANSWER_BYTES,
  ANSWER_MESSAGE_BYTES,
  buildAnswer,
  openAnswer,
  wrapAnswer,
} from "../../../src/channel/onion/answer.js";
import { readBigsize } from "../../../src/channel/onion/bigsize.js";
import {
  decapsulate,
  encapsulate,
  onionKeyPair,
  parseOnionKey,
} from "../../../src/channel/onion/kem.js";
import {
  hopBytes,
  openLayer,
  PAYLOADS_BYTES,
  sealLayers,
} from "../../../src/channel/onion/layers.js";
import { buildOnion, hopData, PACKET_BYTES, peelOnion } from "../../../src/channel/onion/packet.js";
import { dataFile, describeWithData } from "../../data.js";
import { expectError } from "../../support/errors.js";
import { TestRandom } from "../../support/random.js";
import { buildBolt, peelBolt } from "./bolt.js";
import { makeVectors } from "./make-vectors.js";

const random = new TestRandom("onion packets");
const context = utf8ToBytes("context");
const nodes = Array.from({ length: 5 }, () => onionKeyPair(random.bytes(32)));
const keys = nodes.map(({ publicKey }) => parseOnionKey(publicKey));

interface BoltVector {
  readonly generate: {
    readonly session_key: string;
    readonly associated_data: string;
    readonly hops: readonly { readonly pubkey: string; readonly payload: string }[];
  };
  readonly onion: string;
  readonly decode: readonly string[];
}

/** The vector's payloads carry their length prefix; ours do not. */
function withoutPrefix(hex: string): Uint8Array {
  const bytes = hexToBytes(hex);
  const { length, offset } = readBigsize(bytes)!;
  expect(bytes.length).to.equal(offset + length);
  return bytes.slice(offset);
}

describeWithData("The published BOLT #4 onion vector, by this room's layers", () => {
  const read = (): BoltVector =>
    JSON.parse(readFileSync(dataFile("vectors/bolt04-onion-test.json"), "utf8")) as BoltVector;

  it("is built byte for byte, and peeled by each of its five nodes", () => {
    const { generate, onion, decode } = read();
    const data = hexToBytes(generate.associated_data);
    const hops = generate.hops.map((hop) => ({
      publicKey: hexToBytes(hop.pubkey),
      payload: withoutPrefix(hop.payload),
    }));
    const session = bytesToInt(hexToBytes(generate.session_key));
    expect(bytesToHex(buildBolt(hops, session, data))).to.equal(onion);
    let packet: Uint8Array | undefined = hexToBytes(onion);
    for (const [i, secret] of decode.entries()) {
      const peeled = peelBolt(packet!, bytesToInt(hexToBytes(secret)), data);
      expect(peeled.payload).to.deep.equal(hops[i]!.payload);
      packet = peeled.next;
    }
    expect(packet).to.equal(undefined);
  });
});

// The answer vector of BOLT #4, onion-error-test.json (lightning/bolts, CC BY 4.0).
describe("The published BOLT #4 answer vector", () => {
  const secrets = [
    "53eb63ea8a3fec3b3cd433b85cd62a4b145e1dda09391b348c4e1cd36a03ea66",
    "a6519e98832a0b179f62123b3567c106db99ee37bef036e783263602f3488fae",
    "3a6b412548762f0dbccce5c7ae7bb8147d1caf9b5471c34120b30bc9c04891cc",
    "21e13c2d7cfe7e18836df50872466117a295783ab8aab0e7ecc8c725503ad02d",
    "b5756b9b542727dbafc6765a49488b023a725d631af688fc031217e90770c328",
  ].map(hexToBytes);
  const published =
    "9c5add3963fc7f6ed7f148623c84134b5647e1306419dbe2174e523fa9e2fbed3a06a19f899145610741c83ad40b7712" +
    "aefaddec8c6baf7325d92ea4ca4d1df8bce517f7e54554608bf2bd8071a4f52a7a2f7ffbb1413edad81eeea5785aa9d9" +
    "90f2865dc23b4bc3c301a94eec4eabebca66be5cf638f693ec256aec514620cc28ee4a94bd9565bc4d4962b9d3641d42" +
    "78fb319ed2b84de5b665f307a2db0f7fbb757366067d88c50f7e829138fde4f78d39b5b5802f1b92a8a820865af5cc79" +
    "f9f30bc3f461c66af95d13e5e1f0381c184572a91dee1c849048a647a1158cf884064deddbf1b0b88dfe2f791428d0ba" +
    "0f6fb2f04e14081f69165ae66d9297c118f0907705c9c4954a199bae0bb96fad763d690e7daa6cfda59ba7f2c8d11448" +
    "b604d12d";

  it("is wrapped by five nodes byte for byte, and opened to the node that answered", () => {
    let answer = buildAnswer(secrets[4]!, hexToBytes("2002"));
    for (const secret of secrets.slice(0, 4).reverse()) answer = wrapAnswer(secret, answer);
    expect(bytesToHex(answer)).to.equal(published);
    const opened = openAnswer(secrets, answer);
    expect(opened.hop).to.equal(4);
    expect(bytesToHex(opened.message)).to.equal("2002");
  });

  it("when an answer is too long, altered, or of nobody, is refused", () => {
    const fits = new Uint8Array(ANSWER_MESSAGE_BYTES);
    expect(buildAnswer(secrets[0]!, fits)).to.have.lengthOf(ANSWER_BYTES);
    expectError(() => buildAnswer(secrets[0]!, new Uint8Array(257)), "channel/onion-answer");
    const answer = buildAnswer(secrets[0]!, fits);
    for (const at of [0, 40, ANSWER_BYTES - 1]) {
      const altered = Uint8Array.from(answer, (byte, i) => (i === at ? byte ^ 1 : byte));
      expectError(() => openAnswer(secrets, altered), "channel/onion-answer");
    }
    expectError(() => openAnswer(secrets, random.bytes(ANSWER_BYTES)), "channel/onion-answer");
    expectError(() => openAnswer(secrets, answer.subarray(1)), "channel/onion-answer");
  });
});

describe("DHKEM(X25519, HKDF-SHA256)", () => {
  it("gives the secret of RFC 9180, A.1.1", () => {
    const ephemeral = onionKeyPair(
      hexToBytes("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736"),
    );
    const receiver = onionKeyPair(
      hexToBytes("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"),
    );
    expect(bytesToHex(ephemeral.publicKey)).to.equal(
      "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
    );
    expect(bytesToHex(receiver.publicKey)).to.equal(
      "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
    );
    const secret = "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc";
    expect(bytesToHex(encapsulate(parseOnionKey(receiver.publicKey), ephemeral))).to.equal(secret);
    expect(bytesToHex(decapsulate(receiver, ephemeral.publicKey)!)).to.equal(secret);
  });

  it("agrees with the independent library, for any keys", () => {
    for (let i = 0; i < 10; i++) {
      const [mine, theirs] = [random.bytes(32), random.bytes(32)];
      const [own, other] = [onionKeyPair(mine), onionKeyPair(theirs)];
      expect(own.publicKey).to.deep.equal(x25519.getPublicKey(mine));
      const dh = x25519.getSharedSecret(mine, other.publicKey);
      const suite = concatBytes(utf8ToBytes("KEM"), Uint8Array.of(0, 0x20));
      const prk = extract(
        sha256,
        concatBytes(utf8ToBytes("HPKE-v1"), suite, utf8ToBytes("eae_prk"), dh),
        new Uint8Array(),
      );
      const info = concatBytes(
        Uint8Array.of(0, 32),
        utf8ToBytes("HPKE-v1"),
        suite,
        utf8ToBytes("shared_secret"),
        own.publicKey,
        other.publicKey,
      );
      const expected = expand(sha256, prk, info, 32);
      expect(encapsulate(parseOnionKey(other.publicKey), own)).to.deep.equal(expected);
      expect(decapsulate(other, own.publicKey)).to.deep.equal(expected);
      // Bound to both keys: the same shared point under another encoding of the key gives another secret.
      const flipped = Uint8Array.from(own.publicKey, (b, at) => (at === 31 ? b ^ 0x80 : b));
      expect(decapsulate(other, flipped)).not.to.deep.equal(expected);
    }
  });

  it("given a key of low order, refuses: its secret would be zero and known to all", () => {
    const low = [
      "00".repeat(32),
      `01${"00".repeat(31)}`,
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    ];
    for (const hex of low) {
      expect(decapsulate(nodes[0]!, hexToBytes(hex))).to.equal(undefined);
      expectError(() => encapsulate(parseOnionKey(hexToBytes(hex)), nodes[0]!), "channel/bad-key");
    }
    expectError(() => parseOnionKey(new Uint8Array(31)), "channel/bad-key");
  });
});

describe("Onion packets, version 1", () => {
  it("are those of the published vectors, byte for byte", () => {
    const published = readFileSync(new URL("../../../vectors/onion.json", import.meta.url), "utf8");
    expect(makeVectors()).to.deep.equal(JSON.parse(published));
  });

  it("have one length at every hop, and tell each node its next and nothing else", () => {
    for (let hops = 1; hops <= 5; hops++) {
      const payload = random.bytes(50 * hops);
      const { packet, secrets } = buildOnion({
        nodes: keys.slice(0, hops),
        payload,
        associatedData: context,
      });
      let current = packet;
      for (let i = 0; i < hops; i++) {
        expect(current).to.have.lengthOf(PACKET_BYTES);
        const peeled = peelOnion(current, nodes[i]!, hopData(context, i));
        if (!peeled.ok) throw new Error(peeled.reason);
        expect(peeled.secret).to.deep.equal(secrets[i]);
        expect(peeled.next?.to).to.deep.equal(i + 1 < hops ? nodes[i + 1]!.publicKey : undefined);
        if (i + 1 === hops) expect(peeled.payload).to.deep.equal(payload);
        else expect(peeled.payload).to.have.lengthOf(0);
        current = peeled.next?.packet ?? current;
      }
    }
  });

  it("with any part altered, for another node, or in another round, are dropped", () => {
    const { packet } = buildOnion({
      nodes: keys.slice(0, 3),
      payload: random.bytes(100),
      associatedData: context,
    });
    const first = hopData(context, 0);
    for (const at of [1, 16, 33, 700, 1332, 1333, 1364]) {
      const altered = Uint8Array.from(packet, (byte, i) => (i === at ? byte ^ 1 : byte));
      expect(peelOnion(altered, nodes[0]!, first)).to.deep.equal({ ok: false, reason: "mac" });
    }
    const reasons = [
      [packet, nodes[1]!, first, "mac"],
      [packet, nodes[0]!, hopData(utf8ToBytes("other"), 0), "mac"],
      [packet, nodes[0]!, hopData(context, 1), "mac"],
      [packet.subarray(1), nodes[0]!, first, "length"],
      [Uint8Array.of(0, ...packet.subarray(1)), nodes[0]!, first, "version"],
      [Uint8Array.from(packet, (b, i) => (i > 0 && i < 33 ? 0 : b)), nodes[0]!, first, "key"],
    ] as const;
    for (const [bytes, node, data, reason] of reasons) {
      expect(peelOnion(bytes, node, data)).to.deep.equal({ ok: false, reason });
    }
  });

  it("whose payload is not a pair of keys, though rightly sealed, are dropped by a relay", () => {
    const ephemeral = onionKeyPair(random.bytes(32));
    const secret = encapsulate(keys[0]!, ephemeral);
    const other = random.bytes(32);
    for (const length of [2, 63, 65]) {
      const hops = [
        { payload: random.bytes(length), secret, associatedData: context },
        { payload: random.bytes(9), secret: other, associatedData: context },
      ];
      const { payloads, mac } = sealLayers(hops, other);
      const packet = concatBytes(Uint8Array.of(1), ephemeral.publicKey, payloads, mac);
      expect(peelOnion(packet, nodes[0]!, context)).to.deep.equal({ ok: false, reason: "payload" });
    }
  });

  it("fill a packet to the last byte, and not beyond", () => {
    const room = PAYLOADS_BYTES - 3 * hopBytes(64);
    const largest = room - 3 - 32;
    expect(
      buildOnion({
        nodes: keys.slice(0, 4),
        payload: random.bytes(largest),
        associatedData: context,
      }).packet,
    ).to.have.lengthOf(PACKET_BYTES);
    expectError(
      () =>
        buildOnion({
          nodes: keys.slice(0, 4),
          payload: random.bytes(largest + 1),
          associatedData: context,
        }),
      "channel/onion-route",
    );
    expectError(
      () => buildOnion({ nodes: [], payload: random.bytes(5), associatedData: context }),
      "channel/onion-route",
    );
    expectError(
      () =>
        buildOnion({ nodes: keys.slice(0, 1), payload: random.bytes(1), associatedData: context }),
      "channel/onion-route",
    );
    // Prefixes that are not minimal, or reserved.
    const hop = { payload: random.bytes(9), secret: context, associatedData: context };
    const sealed = sealLayers([hop], context);
    expect(openLayer(sealed, utf8ToBytes("another secret"), context).ok).to.equal(false);
  });
});
