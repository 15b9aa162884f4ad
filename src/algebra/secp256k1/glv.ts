/**
 * The endomorphism φ(x, y) = (βx, y) = λ·(x, y) of secp256k1, which halves the length of scalars
 * (Gallant, Lambert, Vanstone, *Faster Point Multiplication on Elliptic Curves with Efficient
 * Endomorphisms*, CRYPTO 2001).
 */
import { SECP256K1_ORDER } from "./secp256k1.js";

/** λ: a cube root of 1 modulo the group order. */
export const LAMBDA = 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n;
/** β: the cube root of 1 modulo the field prime that belongs to λ. */
export const BETA = 0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501een;

/** A short basis of the lattice {(a, b): a + b·λ ≡ 0 (mod n)}: (A1, B1), (A2, A1). */
const A1 = 0x3086d221a7d46bcde86c90e49284eb15n;
const B1 = -0xe4437ed6010e88286f547fa90abfe4c3n;
const A2 = 0x114ca50f7a8e2f3f657c1108d9d44cfd8n;
const HALF = SECP256K1_ORDER / 2n;

/** The nearest integer to a/n, for a ≥ 0. */
function nearest(a: bigint): bigint {
  return (a + HALF) / SECP256K1_ORDER;
}

/** Signed (k1, k2), each below 2¹²⁹ in absolute value, with k ≡ k1 + k2·λ (mod n). k is in [0, n). */
export function splitScalar(k: bigint): readonly [k1: bigint, k2: bigint] {
  const c1 = nearest(A1 * k);
  const c2 = nearest(-B1 * k);
  return [k - c1 * A1 - c2 * A2, -c1 * B1 - c2 * A1];
}
