/**
 * The lattice scheme written a second time, as its definition reads: BigInt arithmetic and
 * @noble/hashes, nothing of src/aggregation. The oracle of the tests and the yardstick of the bench.
 */
import { shake256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

export const n = 2096;
export const q = 1n << 128n;
export const p = 1n << 85n;

/** Integers of 16 bytes, little-endian. */
export function toVector(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from(
    { length: bytes.length / 16 },
    (_, i) => (view.getBigUint64(16 * i + 8, true) << 64n) | view.getBigUint64(16 * i, true),
  );
}

export function fromVector(vector: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(16 * vector.length);
  const view = new DataView(bytes.buffer);
  vector.forEach((v, i) => {
    view.setBigUint64(16 * i, BigInt.asUintN(64, v), true);
    view.setBigUint64(16 * i + 8, BigInt.asUintN(64, v >> 64n), true);
  });
  return bytes;
}

export function innerProduct(a: readonly bigint[], b: readonly bigint[]): bigint {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0n) % q;
}

/** H(label): 2096 integers modulo 2^128. */
export function hashLabel(context: Uint8Array, label: bigint): bigint[] {
  const tag = utf8ToBytes("sipster/aggregation/label@1");
  const number = new Uint8Array(8);
  new DataView(number.buffer).setBigUint64(0, label);
  const message = concatBytes(Uint8Array.of(0, tag.length), tag, context, number);
  return toVector(shake256(message, { dkLen: 16 * n }));
}

/** ⌊(p/q)·⟨H(label), k⟩⌋ */
export function prf(key: readonly bigint[], context: Uint8Array, label: bigint): bigint {
  return (innerProduct(hashLabel(context, label), key) * p) / q;
}

export function encrypt({
  size,
  key,
  context,
  label,
  value,
}: {
  readonly size: number;
  readonly key: readonly bigint[];
  readonly context: Uint8Array;
  readonly label: bigint;
  readonly value: bigint;
}): bigint {
  return (prf(key, context, label) + BigInt(size) * value + 1n) % p;
}

export function decrypt({
  size,
  keySum,
  context,
  label,
  ciphertexts,
}: {
  readonly size: number;
  readonly keySum: readonly bigint[];
  readonly context: Uint8Array;
  readonly label: bigint;
  readonly ciphertexts: readonly bigint[];
}): bigint {
  const N = BigInt(size);
  const sum = ciphertexts.reduce((a, c) => a + c, 0n);
  let x = (sum - prf(keySum, context, label)) % p;
  if (x < 0n) x += p;
  while (x % N !== 0n) x++;
  return (x - N) / N;
}
