/**
 * The two random oracles of the scheme: labels to G1² and functions to G2². Nobody knows a discrete
 * logarithm of their values, in which the whole security lies.
 */
import { bn254 } from "@noble/curves/bn254.js";
import { concatBytes } from "@noble/hashes/utils.js";
import {
  bytesToInt,
  digestToG1,
  FIELD_PRIME,
  GROUP_ORDER,
  intToBytes,
  type Bn254,
  type G1Point,
  type G2Point,
} from "../../algebra/index.js";
import { shake256 } from "../kernel.js";
import { labelBytes } from "../label.js";
import { tagged, tags } from "../tags.js";

/** [u] ∈ G1² of a label, by try-and-increment. @throws aggregation/label-out-of-range */
export function labelPoints(
  curve: Bn254,
  context: Uint8Array,
  label: bigint,
): readonly [G1Point, G1Point] {
  const message = tagged(tags.dmcfeLabel, context, labelBytes(label));
  const point = (component: number): G1Point => {
    for (let counter = 0; ; counter++) {
      const digest = shake256(32, message, Uint8Array.of(component, counter));
      const found = digestToG1(curve, digest);
      if (found !== null) return found;
    }
  };
  return [point(1), point(2)];
}

/** [v] ∈ G2² of a function, given by its digest of 32 bytes. Takes about 40 ms. */
export function functionPoints(
  curve: Bn254,
  context: Uint8Array,
  digest: Uint8Array,
): readonly [G2Point, G2Point] {
  const message = tagged(tags.dmcfeFunction, context, digest);
  const point = (component: number): G2Point =>
    curve.g2.decode(hashToG2(concatBytes(message, Uint8Array.of(component))));
  return [point(1), point(2)];
}

const { Fp2 } = bn254.fields;
const G2 = bn254.G2.Point;
/** 3/(9 + i): the constant of the twist. */
const TWIST_B = Fp2.div(Fp2.create({ c0: 3n, c1: 0n }), Fp2.create({ c0: 9n, c1: 1n }));
/** Points of the twist over points of G2. */
const COFACTOR = 2n * FIELD_PRIME - GROUP_ORDER;

/**
 * A point of G2 (encoded as EIP-197 has it) by try-and-increment on the twist, then multiplication
 * by the cofactor. Variable time: its inputs are public. BN254 in @noble/curves has no hash to G2.
 */
export function hashToG2(message: Uint8Array): Uint8Array {
  for (let counter = 0; ; counter++) {
    const bytes = shake256(64, message, Uint8Array.of(counter));
    const odd = (bytes[0]! & 0x80) !== 0;
    bytes[0]! &= 0x3f;
    bytes[32]! &= 0x3f;
    const c1 = bytesToInt(bytes.subarray(0, 32));
    const c0 = bytesToInt(bytes.subarray(32));
    if (c0 >= FIELD_PRIME || c1 >= FIELD_PRIME) continue;
    const x = Fp2.create({ c0, c1 });
    const y = squareRoot(Fp2.add(Fp2.mul(Fp2.sqr(x), x), TWIST_B));
    if (y === null) continue;
    const point = G2.fromAffine({ x, y: Fp2.isOdd!(y) === odd ? y : Fp2.neg(y) });
    // noble multiplies by scalars below ℓ only, and the cofactor is above it: two parts.
    const rest = COFACTOR - (GROUP_ORDER - 1n);
    const cleared = point.multiplyUnsafe(GROUP_ORDER - 1n).add(point.multiplyUnsafe(rest));
    if (cleared.is0()) continue;
    const { x: X, y: Y } = cleared.toAffine();
    return concatBytes(...[X.c1, X.c0, Y.c1, Y.c0].map((c) => intToBytes(c, 32)));
  }
}

type Fp2Element = Parameters<typeof Fp2.neg>[0];

function squareRoot(square: Fp2Element): Fp2Element | null {
  try {
    return Fp2.sqrt(square);
  } catch {
    // noble throws for what is not a square.
    return null;
  }
}
