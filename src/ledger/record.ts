/** How the roles of this room keep what they know: JSON, with bytes and big integers marked. */
import { hexToBytes } from "@noble/hashes/utils.js";
import { parseJson } from "../json/index.js";
import { ledgerErrors } from "./errors.js";

const BYTES = "x:";
const BIGINT = "n:";

/** Of plain objects, arrays, strings, numbers, booleans, byte arrays and big integers. */
export function encodeRecord(value: unknown): Uint8Array {
  const text = JSON.stringify(value, (_key, v: unknown) => {
    if (v instanceof Uint8Array) {
      return BYTES + Buffer.from(v.buffer, v.byteOffset, v.length).toString("hex");
    }
    return typeof v === "bigint" ? `${BIGINT}${v}` : v;
  });
  return Buffer.from(text);
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
