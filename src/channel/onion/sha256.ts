/**
 * SHA-256 and HMAC-SHA256 (RFC 2104) by OpenSSL, for thousands of short inputs: a fresh hash object for each, as
 * node:crypto and noble make, takes two to ten times as long as the hash.
 */
import { hash } from "node:crypto";

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** Digests come as strings, a byte a character: making a Buffer takes longer than hashing a block. */
const digest = (bytes: Uint8Array): string => hash("sha256", bytes, "binary");

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(DIGEST_BYTES);
  for (let i = 0; i < DIGEST_BYTES; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return bytesOf(digest(bytes));
}

/** Padded key ‖ message, and padded key ‖ inner hash, one message at a time. */
let inner = Buffer.alloc(4096);
const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

/** HMAC-SHA256 of the parts, one after the other. The key has at most 64 bytes, as every key here. */
export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  if (key.length > BLOCK_BYTES) throw new RangeError("an HMAC key of more than a block");
  const length = parts.reduce((sum, part) => sum + part.length, BLOCK_BYTES);
  if (length > inner.length) inner = Buffer.alloc(2 * length);
  for (let i = 0; i < BLOCK_BYTES; i++) {
    const byte = key[i] ?? 0;
    inner[i] = byte ^ INNER_PAD;
    outer[i] = byte ^ OUTER_PAD;
  }
  let at = BLOCK_BYTES;
  for (const part of parts) {
    inner.set(part, at);
    at += part.length;
  }
  outer.write(digest(inner.subarray(0, length)), BLOCK_BYTES, "latin1");
  return bytesOf(digest(outer));
}
