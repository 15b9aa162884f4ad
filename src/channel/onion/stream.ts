/**
 * Keys and pseudo-random streams of the onion: BOLT #4, sections "Key Generation" and "Pseudo Random
 * Byte Stream" (lightning/bolts, 04-onion-routing.md).
 */
import { chacha20 } from "@noble/ciphers/chacha.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

export const MAC_BYTES = 32;

/**
 * What a derived key is for: `rho` hides the routing information, `mu` authenticates the packet,
 * `pad` fills a fresh packet, `um` authenticates an answer and `ammag` hides it.
 */
export type KeyType = "rho" | "mu" | "pad" | "um" | "ammag";

// The key type is the HMAC key, so its two padded blocks are hashed once and not per derivation.
const derivations = Object.fromEntries(
  (["rho", "mu", "pad", "um", "ammag"] as const).map((type) => [
    type,
    hmac.create(sha256, utf8ToBytes(type)),
  ]),
) as Record<KeyType, ReturnType<typeof hmac.create>>;

/** HMAC-SHA256 with the key type as key and the shared secret as message. */
export function deriveKey(type: KeyType, sharedSecret: Uint8Array): Uint8Array {
  return derivations[type].clone().update(sharedSecret).digest();
}

export function mac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const h = hmac.create(sha256, key);
  for (const part of parts) h.update(part);
  return h.digest();
}

// Each key serves one stream, so the nonce is constant.
const zeroNonce = new Uint8Array(12);

/** XORs the ChaCha20 stream of `key` into `bytes`, in place. */
export function applyStream(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return chacha20(key, zeroNonce, bytes, bytes);
}
