/**
 * SHA-256 and HMAC-SHA256 (RFC 2104) by OpenSSL, for thousands of short inputs: a fresh hash object for each, as
 * node:crypto and noble make, takes two to ten times as long as the hash. Parts are put together in one place, not
 * in a new array for each input.
 */
import { hash } from "node:crypto";

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** Inputs up to this length have a view that is made once; longer ones are packets and pages. */
const SHORT = 512;

/** Digests come as strings, a byte a character: making a Buffer takes longer than hashing a block. */
const digest = (bytes: Uint8Array): string => hash("sha256", bytes, "binary");

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(DIGEST_BYTES);
  for (let i = 0; i < DIGEST_BYTES; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Padded key ‖ message, and padded key ‖ inner hash, one message at a time. */
let inner = new Uint8Array(4096);
let views: (Uint8Array | undefined)[] = [];
const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

/** Writes the parts behind the first `from` bytes of `inner`; what is then in it. */
function joined(from: number, parts: readonly Uint8Array[]): Uint8Array {
  let length = from;
  for (const part of parts) length += part.length;
  if (length > inner.length) {
    const grown = new Uint8Array(2 * length);
    grown.set(inner.subarray(0, from));
    inner.fill(0);
    inner = grown;
    views = [];
  }
  let at = from;
  for (const part of parts) {
    inner.set(part, at);
    at += part.length;
  }
  if (length > SHORT) return inner.subarray(0, length);
  return (views[length] ??= inner.subarray(0, length));
}

/** SHA-256 of the parts, one after the other. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  return bytesOf(digest(joined(0, parts)));
}

/** HMAC-SHA256 of the parts, one after the other. The key has at most 64 bytes, as every key here. */
export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const { length } = key;
  if (length > BLOCK_BYTES) throw new RangeError("an HMAC key of more than a block");
  for (let i = 0; i < length; i++) {
    const byte = key[i]!;
    inner[i] = byte ^ INNER_PAD;
    outer[i] = byte ^ OUTER_PAD;
  }
  inner.fill(INNER_PAD, length, BLOCK_BYTES);
  outer.fill(OUTER_PAD, length, BLOCK_BYTES);
  outer.write(digest(joined(BLOCK_BYTES, parts)), BLOCK_BYTES, "latin1");
  return bytesOf(digest(outer));
}
