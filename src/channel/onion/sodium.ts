/**
 * What this room takes from libsodium, where the optional package `sodium-native` is installed and has a build for
 * the machine: X25519 and ChaCha20 without the objects and streams that node:crypto makes for each call, which take
 * as long as the arithmetic.
 */
import { createRequire } from "node:module";

/** All lengths in bytes: keys and points 32, nonces 12. Outputs come first. */
export interface Sodium {
  randombytes_buf(out: Uint8Array): void;
  crypto_scalarmult_base(point: Uint8Array, secret: Uint8Array): void;
  /** Throws when the result is zero. */
  crypto_scalarmult(point: Uint8Array, secret: Uint8Array, other: Uint8Array): void;
  crypto_stream_chacha20_ietf_xor_ic(
    ...args: [out: Uint8Array, bytes: Uint8Array, nonce: Uint8Array, block: number, key: Uint8Array]
  ): void;
}

export const sodium: Sodium | undefined = load();

function load(): Sodium | undefined {
  try {
    return createRequire(import.meta.url)("sodium-native") as Sodium;
  } catch {
    // Not installed, or no build for this machine: node:crypto and noble do the same work.
    return undefined;
  }
}
