/**
 * Checksums of a store's rows: 16 bytes for each row, and the sum of all modulo 2^128, which changes
 * if a row is lost or comes back. They find accidents, not forgery: who can write the file can also
 * compute them.
 */
import { hash } from "node:crypto";

const CHECKSUM_BYTES = 16;
const MODULUS = 1n << 128n;

/** The first half of SHA-256(key length u32 ‖ key ‖ value). */
export function rowChecksum(key: string, value: Uint8Array): Uint8Array {
  const keyBytes = Buffer.byteLength(key, "utf8");
  const row = Buffer.allocUnsafe(4 + keyBytes + value.length);
  row.writeUInt32BE(keyBytes, 0);
  row.write(key, 4, "utf8");
  row.set(value, 4 + keyBytes);
  return hash("sha256", row, "buffer").subarray(0, CHECKSUM_BYTES);
}

export class ChecksumSum {
  #sum: bigint;

  constructor(bytes: Uint8Array = new Uint8Array(CHECKSUM_BYTES)) {
    this.#sum = toInteger(bytes);
  }

  add(checksum: Uint8Array): void {
    this.#sum = (this.#sum + toInteger(checksum)) % MODULUS;
  }

  remove(checksum: Uint8Array): void {
    this.#sum = (this.#sum - toInteger(checksum) + MODULUS) % MODULUS;
  }

  bytes(): Uint8Array {
    const bytes = Buffer.alloc(CHECKSUM_BYTES);
    bytes.writeBigUInt64BE(this.#sum >> 64n, 0);
    bytes.writeBigUInt64BE(this.#sum & 0xffff_ffff_ffff_ffffn, 8);
    return bytes;
  }
}

function toInteger(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, CHECKSUM_BYTES);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}
