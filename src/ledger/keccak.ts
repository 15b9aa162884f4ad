/**
 * Keccak-256 as the contracts have it, by WebAssembly: a home and an interval take some two hundred hashes of
 * sum trees, and noble's, in JavaScript, takes eight times as long for each (`bench/ledger`). What is hashed
 * here is public.
 */
import { createKeccak } from "hash-wasm";

const hasher = await createKeccak(256);

export function keccak256(bytes: Uint8Array): Uint8Array {
  return hasher.init().update(bytes).digest("binary");
}
