/** Writes vectors/protocol.json: `tsx test/vectors/make-protocol-vectors.ts`. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createMclBn254 } from "../../src/algebra/index.js";
import { protocolVectors } from "./protocol-vectors.js";

const vectors = await protocolVectors(await createMclBn254());
const path = resolve(import.meta.dirname, "../../vectors/protocol.json");
writeFileSync(path, `${JSON.stringify(vectors, null, 2)}\n`);
