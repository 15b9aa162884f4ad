/** Numbers, hashes and addresses as JSON-RPC writes them, parsed where they come in. */
import { invalidParams } from "./errors.js";

/** A number of blocks, transactions or a page: a JSON number or a hexadecimal quantity. */
export function toNumber(value: unknown, what: string): number {
  const number =
    typeof value === "number"
      ? value
      : typeof value === "string" && /^0x[0-9a-fA-F]{1,13}$/.test(value)
        ? Number(value)
        : NaN;
  if (!Number.isSafeInteger(number) || number < 0) throw invalidParams(what);
  return number;
}

export const toHex = (n: number | bigint): string => `0x${n.toString(16)}`;

export function toHash(value: unknown): string {
  if (typeof value === "string" && /^0x[0-9a-fA-F]{64}$/.test(value)) return value.toLowerCase();
  throw invalidParams("a hash of 32 bytes");
}

export function toAddress(value: unknown): string {
  if (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value)) return value.toLowerCase();
  throw invalidParams("an address");
}
