/** Arithmetic modulo the group order, on BigInt: variable time in its operands. */
import { randomScalars as drawScalars, SECP256K1_ORDER } from "../algebra/index.js";

const n = SECP256K1_ORDER;

/** k modulo the order, in [0, n). */
export function mod(k: bigint): bigint {
  const r = k % n;
  return r < 0n ? r + n : r;
}

/** The inverse of k ≠ 0 by Euclid's algorithm. For public values. */
export function inverse(k: bigint): bigint {
  let [r0, r1] = [n, mod(k)];
  let [s0, s1] = [0n, 1n];
  while (r1 !== 0n) {
    const q = r0 / r1;
    [r0, r1] = [r1, r0 - q * r1];
    [s0, s1] = [s1, s0 - q * s1];
  }
  return mod(s0);
}

/** The inverses of several values, none of them 0, for the price of one and some multiplications. */
export function inverses(values: readonly bigint[], invert = inverse): bigint[] {
  const prefix: bigint[] = [];
  let product = 1n;
  for (const v of values) {
    prefix.push(product);
    product = (product * v) % n;
  }
  let rest = invert(product);
  const result = new Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    result[i] = (rest * prefix[i]!) % n;
    rest = (rest * values[i]!) % n;
  }
  return result;
}

/** 1, x, x², … x^(count − 1). */
export function powers(x: bigint, count: number): bigint[] {
  const result: bigint[] = [];
  let power = 1n;
  for (let i = 0; i < count; i++) {
    result.push(power);
    power = (power * x) % n;
  }
  return result;
}

/** Σ aᵢ·bᵢ. */
export function innerProduct(a: readonly bigint[], b: readonly bigint[]): bigint {
  let sum = 0n;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return mod(sum);
}

/** `count` independent uniform scalars in [0, n). */
export function randomScalars(count: number): bigint[] {
  return drawScalars(count, n);
}
