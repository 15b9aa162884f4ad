/**
 * The public parameters of sealed readings: the group and its independent bases. Every base but the
 * generator is hashed to the curve (RFC 9380) from its name, so nobody knows a relation between any
 * two of them, and everybody derives the same ones.
 */
import { utf8ToBytes } from "@noble/hashes/utils.js";
import {
  createMclSecp256k1,
  SECP256K1_POINT_BYTES,
  type FixedBases,
  type Secp256k1Group,
  type Secp256k1Point,
} from "../algebra/index.js";
import { sealedErrors } from "./errors.js";

export type Point = Secp256k1Point;

const DST = "SIPSTER-SEALED-V01-CS01-with-secp256k1_XMD:SHA-256_SSWU_RO_";

/** Where the named bases stand in {@link SealedSystem.bases}. */
export const Base = {
  /** G: the group's generator. */
  Generator: 0,
  /** H: carries the value in a ciphertext. */
  Message: 1,
  /** H′ = g: carries the value in a commitment. */
  Value: 2,
  /** J = h: carries the blinding factor in a commitment. */
  Blinding: 3,
  /** Carries the inner product in a range proof. */
  InnerProduct: 4,
} as const;
const NAMED = 5;

/** Where the vector bases Gᵢ and Hᵢ of the range proof stand in {@link SealedSystem.bases}. */
export const leftBase = (i: number): number => NAMED + 2 * i;
export const rightBase = (i: number): number => NAMED + 2 * i + 1;
/** How many vector bases of each side there must be for base `index` to exist. */
export const vectorLength = (index: number): number =>
  Math.max(0, Math.ceil((index - NAMED + 1) / 2));

export class SealedSystem {
  /** G, for multiplication by secrets. */
  readonly generator: FixedBases<Point>;
  /** [H′, J]: for commitments. */
  readonly commitment: FixedBases<Point>;
  /** H: carries the value in a ciphertext. */
  readonly messageBase: Point;
  #bases: FixedBases<Point>;
  readonly #negatedRight: Point[] = [];
  readonly #encodings = new WeakMap<Point, Uint8Array>();

  constructor(readonly group: Secp256k1Group) {
    const value = this.#hash("value");
    const blinding = this.#hash("blinding");
    this.messageBase = this.#hash("message");
    this.generator = group.fixedBases([group.generator], "single");
    this.commitment = group.fixedBases([value, blinding], "single");
    this.#bases = group.fixedBases(
      [group.generator, this.messageBase, value, blinding, this.#hash("inner product")],
      "vector",
    );
  }

  /** The named bases and `length` vector bases of each side, in the order of {@link Base}. */
  bases(length: number): FixedBases<Point> {
    const more: Point[] = [];
    for (let i = this.#negatedRight.length; i < length; i++) {
      const left = this.#hash(`left ${i}`);
      const right = this.#hash(`right ${i}`);
      more.push(left, right);
      this.#negatedRight.push(this.group.neg(right));
    }
    if (more.length > 0) this.#bases = this.#bases.extended(more);
    return this.#bases;
  }

  /** −Hᵢ, of a vector base that exists. */
  negatedRightBase(i: number): Point {
    return this.#negatedRight[i]!;
  }

  #hash(name: string): Point {
    return this.group.hashToCurve(utf8ToBytes(name), DST);
  }

  /** The 33-byte encoding of a point; remembered, because a proof's points are hashed several times. */
  encode(p: Point): Uint8Array {
    let bytes = this.#encodings.get(p);
    if (bytes === undefined) {
      bytes = this.group.encode(p);
      this.#encodings.set(p, bytes);
    }
    return bytes;
  }

  /**
   * The point of a message, which is never the identity.
   * @throws sealed/identity-point, sealed/bad-encoding
   */
  decode(bytes: Uint8Array): Point {
    let p: Point;
    try {
      p = this.group.decode(bytes);
    } catch (error) {
      const why = error instanceof Error ? error.message : "the point cannot be read";
      throw sealedErrors.errorFrom({ key: "bad-encoding", message: why, cause: error });
    }
    if (this.group.isIdentity(p)) {
      throw sealedErrors.error("identity-point", "the message holds the identity of the group");
    }
    this.#encodings.set(p, Uint8Array.from(bytes));
    return p;
  }
}

/** The parameters over the fast group. @throws algebra/engine-failed */
export async function createSealedSystem(): Promise<SealedSystem> {
  return new SealedSystem(await createMclSecp256k1());
}

export const POINT_BYTES = SECP256K1_POINT_BYTES;
