/**
 * Keccak-256 as the contracts have it. A home and an interval take some two hundred hashes of sum trees, so
 * WebAssembly makes them where the optional package `hash-wasm` is installed, and noble, which takes eight
 * times as long for each, where it is not. What is hashed here is public.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";

export const keccak256: (bytes: Uint8Array) => Uint8Array = (await byWebAssembly()) ?? keccak_256;

async function byWebAssembly(): Promise<((bytes: Uint8Array) => Uint8Array) | undefined> {
  const { createKeccak } = await import("hash-wasm").catch(() => ({ createKeccak: undefined }));
  const hasher = await createKeccak?.(256);
  return hasher && ((bytes) => hasher.init().update(bytes).digest("binary"));
}
