/**
 * Writes vectors/{envelope,aggregation,sealed}.json: `tsx test/envelope/make-vectors.ts`. In the first, every
 * field follows from the kind's name; the others hold the messages of whole runs.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  ed25519KeyPair,
  readEnvelope,
  seal,
  sealAsMeter,
  type Letter,
} from "../../src/envelope/index.js";
import { messagesOf, RUNS } from "./whole-runs.js";

const letters: readonly Pick<Letter<"sealed">, "system" | "kind" | "sequence">[] = [
  { system: "sealed", kind: "dealing", sequence: 0n },
  { system: "sealed", kind: "transcript", sequence: 1n },
  { system: "sealed", kind: "report", sequence: 2n ** 48n - 1n },
  { system: "sealed", kind: "opening", sequence: 201302n },
];
const ofAggregation: readonly Pick<Letter<"aggregation">, "system" | "kind" | "sequence">[] = [
  { system: "aggregation", kind: "contribution", sequence: 1_359_676_800n },
  { system: "aggregation", kind: "drop-set", sequence: 2n ** 64n - 1n },
];

const vectors = [...letters, ...ofAggregation].map((head, i) => {
  const of = (what: string): Uint8Array => sha256(utf8ToBytes(`${what} ${head.kind}`));
  const secretKey = of("secret key of");
  const letter = { ...head, context: of("context of"), body: of("body of").subarray(0, 5 * i) };
  const message =
    head.kind === "report" || head.kind === "opening"
      ? sealAsMeter(letter, secretKey)
      : seal(letter, ed25519KeyPair(secretKey));
  return {
    system: head.system,
    kind: head.kind,
    secretKey: bytesToHex(secretKey),
    context: bytesToHex(letter.context),
    sender: bytesToHex(readEnvelope(message).sender),
    sequence: `${head.sequence}`,
    body: bytesToHex(letter.body),
    message: bytesToHex(message),
  };
});
function write(name: string, content: object): void {
  const path = resolve(import.meta.dirname, `../../vectors/${name}.json`);
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}
write("envelope", { format: "sipster/vectors/envelope@1", vectors });
for (const system of Object.keys(RUNS) as (keyof typeof RUNS)[]) {
  const messages = await messagesOf(system);
  write(system, { format: `sipster/vectors/${system}@1`, messages });
}
