/** Big-endian integers and byte strings, the only encoding of integers used by the protocol. */
import { bytesToHex } from "@noble/hashes/utils.js";

/** Up to this length, words of 8 bytes take less than half the time of hexadecimal. */
const SHORT = 64;

/** The unsigned integer whose big-endian encoding is `bytes`; 0 for no bytes. */
export function bytesToInt(bytes: Uint8Array): bigint {
  const { buffer, byteOffset, length } = bytes;
  if (length === 0) return 0n;
  if (length > SHORT || length % 8 !== 0) return BigInt(`0x${bytesToHex(bytes)}`);
  const view = new DataView(buffer, byteOffset, length);
  let value = view.getBigUint64(0);
  for (let at = 8; at < length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}

/**
 * Big-endian encoding of `value` in exactly `length` bytes.
 * @throws RangeError if `value` is negative or does not fit: a defect of the caller.
 */
export function intToBytes(value: bigint | number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  writeInt(bytes, value);
  return bytes;
}

/**
 * Writes the big-endian encoding of `value` over all bytes of `target`, which are zero.
 * @throws RangeError if `value` is negative or does not fit: a defect of the caller.
 */
export function writeInt(target: Uint8Array, value: bigint | number): void {
  if (value < 0) throw new RangeError(`negative integer ${value} has no unsigned encoding`);
  let end = target.length;
  if (Number.isSafeInteger(value)) {
    // Small integers, most of all that are encoded, without big-integer arithmetic.
    let small = Number(value);
    for (let i = end - 1; small > 0 && i >= 0; i--) {
      target[i] = small % 256;
      small = Math.floor(small / 256);
    }
    if (small === 0) return;
  }
  let v = BigInt(value);
  const view = new DataView(target.buffer, target.byteOffset, end);
  for (; end >= 8; end -= 8) {
    view.setBigUint64(end - 8, BigInt.asUintN(64, v));
    v >>= 64n;
  }
  for (; end > 0; end--) {
    target[end - 1] = Number(v & 0xffn);
    v >>= 8n;
  }
  if (v !== 0n) throw new RangeError(`integer ${value} does not fit in ${target.length} bytes`);
}

/** Are two byte strings of public data equal? Not for secrets: the time tells where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // A loop: `every` with a closure takes ten times as long.
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Are two byte strings equal? The time depends on their lengths alone, so one may be secret. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ (b[i] ?? 0);
  return difference === 0;
}
