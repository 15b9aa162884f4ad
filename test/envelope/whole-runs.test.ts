import { ed25519 } from "@noble/curves/ed25519.js";
import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { nobleEcdsa } from "../../src/algebra/index.js";
import {
  addressSender,
  encodeEnvelope,
  envelopeDigest,
  readEnvelope,
} from "../../src/envelope/index.js";
import { messagesOf, RUNS, type MessageVector } from "./whole-runs.js";

for (const system of Object.keys(RUNS) as (keyof typeof RUNS)[]) {
  describe(`the published messages of a run: ${system}`, () => {
    const path = resolve(import.meta.dirname, `../../vectors/${system}.json`);
    const { messages } = JSON.parse(readFileSync(path, "utf8")) as {
      messages: readonly MessageVector[];
    };

    it("given the run's seed, when the run is made again, then its messages are those, and there is one of each kind", async () => {
      expect(await messagesOf(system)).to.deep.equal(messages);
      expect(new Set(messages.map((m) => m.kind)).size).to.equal(10);
    }).timeout(60_000);

    it("given each message, when the independent libraries check it, then its signature holds and its fields encode to it", () => {
      for (const { kind, message } of messages) {
        const bytes = hexToBytes(message);
        const envelope = readEnvelope(bytes);
        expect(encodeEnvelope(envelope), kind).to.deep.equal(bytes);
        expect([envelope.system, envelope.kind]).to.deep.equal([system, kind]);
        const { sender, signature } = envelope;
        if (kind === "report" || kind === "opening") {
          const signer = nobleEcdsa.recover(envelopeDigest(envelope), signature)!;
          expect(addressSender(signer), kind).to.deep.equal(sender);
        } else {
          const signed = bytes.subarray(0, bytes.length - signature.length);
          const tagged = concatBytes(utf8ToBytes("sipster/envelope@1"), signed);
          expect(ed25519.verify(signature, tagged, sender), kind).to.equal(true);
        }
      }
    });
  });
}
