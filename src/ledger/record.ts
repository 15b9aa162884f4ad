/** How the roles of this room keep what they know: JSON, with bytes and big integers marked. */
import { hexToBytes } from "@noble/hashes/utils.js";
import { parseJson } from "../json/index.js";
import { ledgerErrors } from "./errors.js";

const BYTES = "x:";
const BIGINT = "n:";

/** Of plain objects, arrays, strings, numbers, booleans, byte arrays and big integers. */
export function encodeRecord(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(marked(value)));
}

/** In JSON's own types. (A replacer would be called for each value, and takes twice as long.) */
function marked(value: unknown): unknown {
  if (typeof value === "bigint") return `${BIGINT}${value}`;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) {
    return BYTES + Buffer.from(value.buffer, value.byteOffset, value.length).toString("hex");
  }
  if (Array.isArray(value)) return value.map(marked);
  const record: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) record[key] = marked(member);
  return record;
}

/** What {@link encodeRecord} was given. @throws ledger/record-damaged */
export function decodeRecord(bytes: Uint8Array): unknown {
  const fault = (_why: string, _field: string, cause: unknown) =>
    ledgerErrors.errorFrom({
      key: "record-damaged",
      message: "a record in the store cannot be read",
      cause,
    });
  return parseJson(bytes, fault, (_key, v) => {
    if (typeof v !== "string") return v;
    if (v.startsWith(BYTES)) return hexToBytes(v.slice(BYTES.length));
    return v.startsWith(BIGINT) ? BigInt(v.slice(BIGINT.length)) : v;
  });
}

/** A number as part of a key, so that keys sort as numbers do. */
export function keyNumber(value: number): string {
  return value.toString().padStart(10, "0");
}
