/**
 * The arithmetic kernel of the lattice scheme: vectors of `DIMENSION` integers modulo 2^128, little
 * endian, two limbs of 64 bits each. Every loop has a fixed length and no branch or address depends
 * on the data, so time says nothing about a key.
 */
import { shake256, wipeState } from "./shake256.ts";

const DIMENSION: usize = 2096;
const VECTOR_BYTES: usize = DIMENSION * 16;
/** What the host may write as the message of a hash. */
const INPUT_BYTES: usize = 1024;

const message = memory.data(<i32>INPUT_BYTES, 16);
const hashed = memory.data(<i32>VECTOR_BYTES, 16);
const vector = memory.data(<i32>VECTOR_BYTES, 16);
const result = memory.data(16, 16);

/** Where the host writes a message to hash. */
export function messageAddress(): usize {
  return message;
}
/** What `hash` last wrote; the host may write a vector here too. */
export function hashedAddress(): usize {
  return hashed;
}
/** The vector that the host writes: a key, or a running sum. */
export function vectorAddress(): usize {
  return vector;
}
/** The 16 bytes last written by `innerProduct`. */
export function resultAddress(): usize {
  return result;
}

/** Fills the first `outputLength` bytes of `hashed` with SHAKE256 of `length` bytes of the message. */
export function hash(length: usize, outputLength: usize): void {
  shake256(message, length, hashed, outputLength);
}

/** Clears everything that may have held a secret. */
export function wipe(): void {
  memory.fill(message, 0, INPUT_BYTES);
  memory.fill(hashed, 0, VECTOR_BYTES);
  memory.fill(vector, 0, VECTOR_BYTES);
  memory.fill(result, 0, 16);
  wipeState();
}

/** The inner product of `hashed` and `vector` modulo 2^128, into `result`. */
export function innerProduct(): void {
  let low: u64 = 0;
  let high: u64 = 0;
  for (let i: usize = 0; i < VECTOR_BYTES; i += 16) {
    const a0 = load<u64>(hashed + i);
    const a1 = load<u64>(hashed + i, 8);
    const b0 = load<u64>(vector + i);
    const b1 = load<u64>(vector + i, 8);
    // a0·b0 in full from 32-bit halves: WebAssembly has no 64 × 64 → 128 multiplication.
    const x0 = a0 & 0xffffffff;
    const x1 = a0 >> 32;
    const y0 = b0 & 0xffffffff;
    const y1 = b0 >> 32;
    const p00 = x0 * y0;
    const p01 = x0 * y1 + (p00 >> 32);
    const p10 = x1 * y0 + (p01 & 0xffffffff);
    const productLow = (p10 << 32) | (p00 & 0xffffffff);
    const productHigh = x1 * y1 + (p01 >> 32) + (p10 >> 32) + a0 * b1 + a1 * b0;
    low += productLow;
    high += productHigh + u64(low < productLow);
  }
  store<u64>(result, low);
  store<u64>(result, high, 8);
}

/** vector ← vector + hashed, element by element modulo 2^128. */
export function add(): void {
  for (let i: usize = 0; i < VECTOR_BYTES; i += 16) {
    const term = load<u64>(hashed + i);
    const low = load<u64>(vector + i) + term;
    const carry = u64(low < term);
    store<u64>(vector + i, low);
    store<u64>(
      vector + i,
      load<u64>(vector + i, 8) + load<u64>(hashed + i, 8) + carry,
      8,
    );
  }
}

/** vector ← vector − hashed, element by element modulo 2^128. */
export function subtract(): void {
  for (let i: usize = 0; i < VECTOR_BYTES; i += 16) {
    const from = load<u64>(vector + i);
    const term = load<u64>(hashed + i);
    const borrow = u64(from < term);
    store<u64>(vector + i, from - term);
    store<u64>(
      vector + i,
      load<u64>(vector + i, 8) - load<u64>(hashed + i, 8) - borrow,
      8,
    );
  }
}
