/**
 * BN254 for the contract tests, on @noble/curves alone: a source independent of the library's fast
 * group, with the encodings of EIP-196 and EIP-197.
 */
import { bn254 } from "@noble/curves/bn254.js";

export type G1 = InstanceType<typeof bn254.G1.Point>;

export const P = bn254.fields.Fp.ORDER;
export const ORDER = bn254.fields.Fr.ORDER;
export const P1 = bn254.G1.Point.BASE;
export const P2 = bn254.G2.Point.BASE;

export interface Affine {
  readonly x: bigint;
  readonly y: bigint;
}

/** A point of the twist in the order of EIP-197: the imaginary part first. */
export interface Twist {
  readonly xC1: bigint;
  readonly xC0: bigint;
  readonly yC1: bigint;
  readonly yC0: bigint;
}

export const mod = (value: bigint, modulus: bigint): bigint =>
  ((value % modulus) + modulus) % modulus;

/** scalar·point, for any integer. */
export function times(point: G1, scalar: bigint): G1 {
  const k = mod(scalar, ORDER);
  return k === 0n ? bn254.G1.Point.ZERO : point.multiplyUnsafe(k);
}

export function affine(point: G1): Affine {
  return point.is0() ? { x: 0n, y: 0n } : point.toAffine();
}

/** The affine coordinates as a point; the caller vouches for them. */
export function pointOf({ x, y }: Affine): G1 {
  return bn254.G1.Point.fromAffine({ x, y });
}

export function twistTimes(scalar: bigint): Twist {
  const { x, y } = P2.multiply(scalar).toAffine();
  return { xC1: x.c1, xC0: x.c0, yC1: y.c1, yC0: y.c0 };
}

/** A point on the twist outside the subgroup of order ℓ, found by trying x = k + i, k = 1, 2, …. */
export function twistOutsideSubgroup(): Twist {
  const { Fp2 } = bn254.fields;
  const b = Fp2.div(Fp2.fromBigTuple([3n, 0n]), Fp2.fromBigTuple([9n, 1n]));
  for (let k = 1n; ; k++) {
    const x = Fp2.fromBigTuple([k, 1n]);
    let y;
    try {
      y = Fp2.sqrt(Fp2.add(Fp2.mul(Fp2.sqr(x), x), b));
    } catch {
      continue; // not a square
    }
    const point = bn254.G2.Point.fromAffine({ x, y });
    if (!point.isTorsionFree()) return { xC1: x.c1, xC0: x.c0, yC1: y.c1, yC0: y.c0 };
  }
}
