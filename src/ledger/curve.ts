/** secp256k1 as this room uses it: encoded points outside, scalars as integers. */
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  BlindedMultiplier,
  bytesToInt,
  createMclSecp256k1,
  randomScalar,
  SECP256K1_ORDER,
  SECP256K1_POINT_BYTES,
  type FixedBases,
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

/** The encoded public key of a secret. */
export function publicKeyOf(secret: bigint): Uint8Array {
  return group.encode(generatorTimes(secret));
}

/** The point with this encoding; undefined for anything else, and for the identity. */
export function parsePoint(bytes: Uint8Array): Secp256k1Point | undefined {
  let point: Secp256k1Point;
  try {
    point = group.decode(bytes);
  } catch (error) {
    if (isSipsterError(error)) return undefined;
    throw error;
  }
  return group.isIdentity(point) ? undefined : point;
}

export function scalarFromHash(hash: Uint8Array): bigint {
  return bytesToInt(hash) % ORDER;
}

/** Somebody else's public key. */
export class PublicKey {
  readonly encoded: Uint8Array;
  /** Of the generator and this point. */
  #tables: FixedBases<Secp256k1Point> | undefined;

  private constructor(readonly point: Secp256k1Point) {
    this.encoded = group.encode(point);
  }

  /** @throws ledger/bad-key unless the encoding of a point other than the identity */
  static parse(encoded: Uint8Array): PublicKey {
    const point = parsePoint(encoded);
    if (point === undefined) {
      throw ledgerErrors.error(
        "bad-key",
        `${bytesToHex(encoded)} is no public key: it encodes no point of secp256k1`,
      );
    }
    return new PublicKey(point);
  }

  /** Makes tables, which quarter the time of {@link times}: for keys that are used many times. */
  prepare(): this {
    this.#tables = generator.extended([this.point]);
    return this;
  }

  /** k·key, for a scalar that is used once: without tables, in variable time. */
  times(k: bigint): Secp256k1Point {
    return this.#tables?.multiScalarMul([k], [1]) ?? group.mul(this.point, k);
  }

  /** k·G and k·key, like {@link times}: together they cost less. */
  timesWithGenerator(k: bigint): {
    readonly public: Secp256k1Point;
    readonly shared: Secp256k1Point;
  } {
    const sums = [0, 1].map((base) => ({ scalars: [k], indices: [base] }));
    const [ofGenerator, shared] = this.#tables?.multiScalarMuls(sums) ?? [];
    return {
      public: ofGenerator ?? generatorTimes(k),
      shared: shared ?? group.mul(this.point, k),
    };
  }
}

/** A long-lived secret key that meets points chosen by others. */
export class SecretKey {
  readonly publicKey: PublicKey;
  readonly #multiplier: BlindedMultiplier<Secp256k1Point>;

  /** `secret`: in [1, order − 1]. */
  constructor(secret: bigint) {
    this.#multiplier = new BlindedMultiplier(group, secret);
    this.publicKey = PublicKey.parse(publicKeyOf(secret));
  }

  static random(): SecretKey {
    return new SecretKey(randomScalar(ORDER));
  }

  /** secret·point, with operands that whoever chose the point cannot predict. */
  multiply(point: Secp256k1Point): Secp256k1Point {
    return this.#multiplier.multiply(point);
  }
}
