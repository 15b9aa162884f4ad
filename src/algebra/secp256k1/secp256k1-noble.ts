/** secp256k1 by @noble/curves: the independent implementation, sharing no code with mcl. */
import type { WeierstrassPoint } from "@noble/curves/abstract/weierstrass.js";
import { secp256k1, secp256k1_hasher } from "@noble/curves/secp256k1.js";
import { bytesToInt, intToBytes } from "../bytes.js";
import { algebraErrors } from "../errors.js";
import { plainFixedBases, type FixedBases } from "../fixed-bases.js";
import { NobleGroup } from "../noble-group.js";
import {
  SECP256K1_ORDER,
  SECP256K1_POINT_BYTES,
  Secp256k1Point,
  type HintedPoint,
  type Secp256k1Group,
} from "./secp256k1.js";
import { checkSec1 } from "./encoding.js";

class NobleSecp256k1Point extends Secp256k1Point {
  protected readonly secp256k1 = true;
  constructor(readonly point: WeierstrassPoint<bigint>) {
    super();
  }
}

class NobleSecp256k1Group extends NobleGroup<Secp256k1Point, bigint> implements Secp256k1Group {
  readonly name = "secp256k1 (noble)";
  readonly order = SECP256K1_ORDER;
  protected readonly curve = secp256k1.Point;

  encode(p: Secp256k1Point): Uint8Array {
    const point = this.unwrap(p);
    return point.is0() ? new Uint8Array(SECP256K1_POINT_BYTES) : point.toBytes(true);
  }

  decode(bytes: Uint8Array): Secp256k1Point {
    if (checkSec1(bytes) === "identity") return this.identity;
    try {
      return this.wrap(this.curve.fromBytes(bytes));
    } catch (error) {
      throw algebraErrors.errorFrom({
        key: "point-not-on-curve",
        message: `no point of secp256k1 has x = ${bytesToInt(bytes.subarray(1))}`,
        cause: error,
      });
    }
  }

  /** The hint is not used. */
  decodeHinted(bytes: Uint8Array): Secp256k1Point {
    return this.decode(bytes);
  }

  encodeHinted(points: readonly Secp256k1Point[]): HintedPoint[] {
    return points.map((p) => ({
      encoded: this.encode(p),
      y: intToBytes(this.unwrap(p).toAffine().y, 32),
    }));
  }

  invertScalar(k: bigint): bigint {
    return this.curve.Fn.inv(k);
  }

  fixedBases(points: readonly Secp256k1Point[]): FixedBases<Secp256k1Point> {
    return plainFixedBases(this, points);
  }

  hashToCurve(message: Uint8Array, domainSeparationTag: string): Secp256k1Point {
    return this.wrap(secp256k1_hasher.hashToCurve(message, { DST: domainSeparationTag }));
  }

  protected wrap(point: WeierstrassPoint<bigint>): Secp256k1Point {
    return new NobleSecp256k1Point(point);
  }

  protected unwrap(p: Secp256k1Point): WeierstrassPoint<bigint> {
    if (p instanceof NobleSecp256k1Point) return p.point;
    throw algebraErrors.error(
      "foreign-point",
      "a secp256k1 point of another implementation was given to noble",
    );
  }
}

/** The independent implementation; it needs no start-up. */
export const nobleSecp256k1: Secp256k1Group = new NobleSecp256k1Group();
