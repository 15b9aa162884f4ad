/**
 * The canonical form of a tariff and its public hash: two files that say the same have the same
 * hash, so a bill can name the tariff it was made with.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Tariff } from "./tariff.js";

/** JSON with sorted keys and no white space (RFC 8785 for the types that tariffs have). */
export function canonicalTariff(tariff: Tariff): string {
  return canonicalJson(tariff);
}

/** keccak256 of the canonical form, 0x-hex. */
export function tariffHash(tariff: Tariff): `0x${string}` {
  return `0x${bytesToHex(keccak_256(utf8ToBytes(canonicalTariff(tariff))))}`;
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, v]) => `${JSON.stringify(key)}:${canonicalJson(v)}`);
    return `{${entries.join(",")}}`;
  }
  return JSON.stringify(value);
}
