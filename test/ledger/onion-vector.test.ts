import { readFileSync } from "node:fs";
import { expect } from "chai";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { bytesToInt } from "../../src/algebra/index.js";
import { PublicKey, SecretKey } from "../../src/ledger/curve.js";
import { buildAnswer, openAnswer, wrapAnswer } from "../../src/ledger/onion/answer.js";
import { readBigsize } from "../../src/ledger/onion/bigsize.js";
import { buildOnion, PACKET_BYTES } from "../../src/ledger/onion/packet.js";
import { peelOnion } from "../../src/ledger/onion/peel.js";
import { dataFile, describeWithData } from "../data.js";

interface Vector {
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

describeWithData("The published BOLT #4 onion vector", () => {
  const read = (): Vector =>
    JSON.parse(readFileSync(dataFile("vectors/bolt04-onion-test.json"), "utf8")) as Vector;

  it("is built byte for byte", () => {
    const { generate, onion } = read();
    const hops = generate.hops.map((hop) => ({
      publicKey: PublicKey.parse(hexToBytes(hop.pubkey)),
      payload: withoutPrefix(hop.payload),
    }));
    const { packet } = buildOnion(
      hops,
      bytesToInt(hexToBytes(generate.session_key)),
      hexToBytes(generate.associated_data),
    );
    expect(bytesToHex(packet)).to.equal(onion);
  });

  it("is peeled by each of its five nodes, with one length throughout", () => {
    const { generate, onion, decode } = read();
    let packet: Uint8Array | undefined = hexToBytes(onion);
    for (const [i, secret] of decode.entries()) {
      expect(packet).to.have.lengthOf(PACKET_BYTES);
      const key = new SecretKey(bytesToInt(hexToBytes(secret)));
      expect(bytesToHex(key.publicKey.encoded)).to.equal(generate.hops[i]!.pubkey);
      const peeled = peelOnion(packet!, key, hexToBytes(generate.associated_data));
      if (!peeled.ok) throw new Error(`hop ${i}: ${peeled.reason}`);
      expect(bytesToHex(peeled.payload)).to.equal(
        bytesToHex(withoutPrefix(generate.hops[i]!.payload)),
      );
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
});
