/** Writes vectors/onion.json: what another implementation of version 1 must give. `tsx test/channel/onion/make-vectors.ts` */
import { writeFileSync } from "node:fs";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { onionKeyPair, parseOnionKey } from "../../../src/channel/onion/kem.js";
import { buildOnion, hopData, peelOnion } from "../../../src/channel/onion/packet.js";
import { buildAnswer, wrapAnswer } from "../../../src/channel/onion/answer.js";
import { roundData } from "../../../src/channel/onion/round.js";

const bytes = (name: string): Uint8Array => sha256(utf8ToBytes(`sipster onion vector: ${name}`));

/** Everything that the packet is made from, and what each node sees of it. */
export function makeVectors(): object {
  const round = { epoch: 761_330, round: 1 };
  const data = roundData(round);
  const nodes = [0, 1, 2, 3].map((i) => onionKeyPair(bytes(`node ${i}`)));
  const ephemeral = [0, 1, 2, 3].map((i) => onionKeyPair(bytes(`ephemeral ${i}`)));
  const payload = utf8ToBytes("what the last node reads");
  const pad = bytes("pad");
  const keys = nodes.map(({ publicKey }) => parseOnionKey(publicKey));
  const { packet, secrets } = buildOnion({
    nodes: keys,
    payload,
    associatedData: data,
    randomness: { ephemeral, pad },
  });
  const peeled: string[] = [];
  let current = packet;
  for (const [hop, node] of nodes.entries()) {
    const layer = peelOnion(current, node, hopData(data, hop));
    if (!layer.ok) throw new Error(layer.reason);
    peeled.push(bytesToHex(layer.next?.packet ?? layer.payload));
    current = layer.next?.packet ?? current;
  }
  const message = utf8ToBytes("what it answers");
  let answer = buildAnswer(secrets[3]!, message);
  for (const secret of secrets.slice(0, 3).reverse()) answer = wrapAnswer(secret, answer);
  return {
    format: "sipster/vectors/onion@1",
    epoch: round.epoch,
    round: round.round,
    associatedData: bytesToHex(data),
    nodes: nodes.map(({ publicKey }, i) => ({
      secretKey: bytesToHex(bytes(`node ${i}`)),
      publicKey: bytesToHex(publicKey),
      ephemeralSecret: bytesToHex(bytes(`ephemeral ${i}`)),
      ephemeralKey: bytesToHex(ephemeral[i]!.publicKey),
      sharedSecret: bytesToHex(secrets[i]!),
      hopData: bytesToHex(hopData(data, i)),
      passesOn: peeled[i],
    })),
    pad: bytesToHex(pad),
    payload: bytesToHex(payload),
    packet: bytesToHex(packet),
    message: bytesToHex(message),
    answer: bytesToHex(answer),
  };
}

if (process.argv[1]?.endsWith("make-vectors.ts") === true) {
  const file = new URL("../../../vectors/onion.json", import.meta.url);
  writeFileSync(file, `${JSON.stringify(makeVectors(), null, 2)}\n`);
}
