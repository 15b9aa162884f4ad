/** secp256k1 as this room uses it: encoded points outside, scalars as integers. */
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  bytesToInt,
  createMclSecp256k1,
  SECP256K1_ORDER,
  SECP256K1_POINT_BYTES,
  type HintedPoint,
  type Secp256k1Point,
} from "../algebra/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import { ledgerErrors } from "./errors.js";

export const ORDER = SECP256K1_ORDER;
export const POINT_BYTES = SECP256K1_POINT_BYTES;
export const SCALAR_BYTES = 32;

export const group = await createMclSecp256k1();
/** Tables of the generator. */
export const generator = group.fixedBases([group.generator], "single");

/** k·G. */
export function generatorTimes(k: bigint): Secp256k1Point {
  return generator.multiScalarMul([k]);
}

/** k·G for each k, for less than one after the other. */
export function generatorMultiples(ks: readonly bigint[]): Secp256k1Point[] {
  return generator.multiScalarMuls(ks.map((k) => ({ scalars: [k], indices: [0] })));
}

/** The encoded public keys of secrets, with the hints that spare their readers a square root each. */
export function publicKeysOf(secrets: readonly bigint[]): HintedPoint[] {
  return group.encodeHinted(generatorMultiples(secrets));
}

/** The encoded public key of a secret. */
export function publicKeyOf(secret: bigint): Uint8Array {
  return group.encode(generatorTimes(secret));
}

/**
 * The point with this encoding; undefined for anything else, and for the identity.
 * @param y the point's y coordinate, if it is told: it spares a square root, and a wrong one changes nothing.
 */
export function parsePoint(bytes: Uint8Array, y?: Uint8Array): Secp256k1Point | undefined {
  let point: Secp256k1Point;
  try {
    point = y === undefined ? group.decode(bytes) : group.decodeHinted(bytes, y);
  } catch (error) {
    if (isSipsterError(error)) return undefined;
    throw error;
  }
  return group.isIdentity(point) ? undefined : point;
}

export function scalarFromHash(hash: Uint8Array): bigint {
  return bytesToInt(hash) % ORDER;
}

/** The point of a public key. @throws ledger/bad-key unless the encoding of a point other than the identity */
export function parsePublicKey(encoded: Uint8Array): Secp256k1Point {
  const point = parsePoint(encoded);
  if (point === undefined) {
    const message = `${bytesToHex(encoded)} encodes no point of secp256k1`;
    throw ledgerErrors.error("bad-key", message);
  }
  return point;
}
