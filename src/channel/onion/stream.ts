/**
 * Keys and pseudo-random streams of the onion: BOLT #4, sections "Key Generation" and "Pseudo Random
 * Byte Stream" (lightning/bolts, 04-onion-routing.md).
 */
import { chacha20 } from "@noble/ciphers/chacha.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { hmacSha256 } from "./sha256.js";
import { sodium, type Sodium } from "./sodium.js";

export const MAC_BYTES = 32;

/**
 * What a derived key is for: `rho` hides the routing information, `mu` authenticates the packet,
 * `pad` fills a fresh packet, `um` authenticates an answer and `ammag` hides it.
 */
export type KeyType = "rho" | "mu" | "pad" | "um" | "ammag";

const names = Object.fromEntries(
  (["rho", "mu", "pad", "um", "ammag"] as const).map((type) => [type, utf8ToBytes(type)]),
) as Record<KeyType, Uint8Array>;

/** HMAC-SHA256 with the key type as key and the shared secret as message. */
export function deriveKey(type: KeyType, sharedSecret: Uint8Array): Uint8Array {
  return hmacSha256(names[type], sharedSecret);
}

export function mac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return hmacSha256(key, ...parts);
}

// Each key serves one stream, so the nonce is constant.
const zeroNonce = new Uint8Array(12);

/** Bytes of a block of ChaCha20: where a stream may be entered. */
export const STREAM_BLOCK_BYTES = 64;

/** XORs the ChaCha20 stream of `key`, from one of its blocks on, into `bytes`, in place. */
export const applyStream: (key: Uint8Array, bytes: Uint8Array, firstBlock?: number) => Uint8Array =
  sodium === undefined ? applyByNoble : applyBy(sodium);

export function applyByNoble(key: Uint8Array, bytes: Uint8Array, firstBlock = 0): Uint8Array {
  return chacha20(key, zeroNonce, bytes, bytes, firstBlock);
}

export function applyBy(library: Sodium): typeof applyStream {
  return (key, bytes, firstBlock = 0) => {
    library.crypto_stream_chacha20_ietf_xor_ic(bytes, bytes, zeroNonce, firstBlock, key);
    return bytes;
  };
}
