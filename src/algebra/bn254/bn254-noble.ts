/**
 * BN254 by @noble/curves: the independent implementation. Slower (a two-pairing check takes about
 * five times as long), audited, and sharing no code with mcl.
 */
import type { WeierstrassPoint } from "@noble/curves/abstract/weierstrass.js";
import { bn254 } from "@noble/curves/bn254.js";
import { FIELD_PRIME, G1Point, G2Point, GROUP_ORDER, type Bn254, type G1Group } from "./bn254.js";
import { decodeCoordinates, G1_BYTES, G2_BYTES } from "./encoding.js";
import { bytesToInt, intToBytes } from "../bytes.js";
import { algebraErrors } from "../errors.js";
import { nobleGt, NobleGtElement, type Fp12 } from "./gt-noble.js";
import { plainFixedBases, type FixedBases } from "../fixed-bases.js";
import { NobleGroup } from "../noble-group.js";

type Fp2 = Parameters<typeof bn254.fields.Fp2.neg>[0];

class NobleG1Point extends G1Point {
  protected readonly g1 = true;
  constructor(readonly point: WeierstrassPoint<bigint>) {
    super();
  }
}

class NobleG2Point extends G2Point {
  protected readonly g2 = true;
  constructor(readonly point: WeierstrassPoint<Fp2>) {
    super();
  }
}

class NobleG1Group extends NobleGroup<G1Point, bigint> implements G1Group {
  readonly name = "BN254 G1 (noble)";
  readonly order = GROUP_ORDER;
  protected readonly curve = bn254.G1.Point;

  encode(p: G1Point): Uint8Array {
    const out = new Uint8Array(G1_BYTES);
    const point = this.unwrap(p);
    if (point.is0()) return out;
    const { x, y } = point.toAffine();
    out.set(intToBytes(x, 32), 0);
    out.set(intToBytes(y, 32), 32);
    return out;
  }

  decode(bytes: Uint8Array): G1Point {
    const coordinates = decodeCoordinates(bytes, G1_BYTES, "G1");
    if (coordinates === null) return this.identity;
    const x = bytesToInt(coordinates[0]!);
    try {
      // Either call refuses, depending on the coordinates.
      const point = this.curve.fromAffine({ x, y: bytesToInt(coordinates[1]!) });
      point.assertValidity();
      return this.wrap(point);
    } catch (error) {
      throw algebraErrors.errorFrom({
        key: "point-not-on-curve",
        message: `G1 point with x = ${x} is not on the curve`,
        cause: error,
      });
    }
  }

  liftX(x: Uint8Array, yOdd: boolean): G1Point | null {
    if (x.length !== 32) {
      throw algebraErrors.error("bad-length", `an x coordinate has 32 bytes, not ${x.length}`);
    }
    const value = bytesToInt(x);
    if (value >= FIELD_PRIME) {
      throw algebraErrors.error("coordinate-out-of-range", "x is not below the field prime");
    }
    const { Fp } = bn254.fields;
    const square = Fp.add(Fp.mul(Fp.sqr(value), value), 3n);
    // p ≡ 3 (mod 4): the candidate root is square^((p+1)/4).
    const root = Fp.pow(square, (FIELD_PRIME + 1n) / 4n);
    if (!Fp.eql(Fp.sqr(root), square)) return null;
    const y = (root & 1n) === (yOdd ? 1n : 0n) ? root : Fp.neg(root);
    return this.wrap(this.curve.fromAffine({ x: value, y }));
  }

  fixedBases(points: readonly G1Point[]): FixedBases<G1Point> {
    return plainFixedBases(this, points);
  }

  protected wrap(point: WeierstrassPoint<bigint>): G1Point {
    return new NobleG1Point(point);
  }

  protected unwrap(p: G1Point): WeierstrassPoint<bigint> {
    return unwrapG1(p);
  }
}

class NobleG2Group extends NobleGroup<G2Point, Fp2> {
  readonly name = "BN254 G2 (noble)";
  readonly order = GROUP_ORDER;
  protected readonly curve = bn254.G2.Point;

  encode(p: G2Point): Uint8Array {
    const out = new Uint8Array(G2_BYTES);
    const point = this.unwrap(p);
    if (point.is0()) return out;
    const { x, y } = point.toAffine();
    out.set(intToBytes(x.c1, 32), 0);
    out.set(intToBytes(x.c0, 32), 32);
    out.set(intToBytes(y.c1, 32), 64);
    out.set(intToBytes(y.c0, 32), 96);
    return out;
  }

  decode(bytes: Uint8Array): G2Point {
    const coordinates = decodeCoordinates(bytes, G2_BYTES, "G2");
    if (coordinates === null) return this.identity;
    const [x1, x0, y1, y0] = coordinates.map(bytesToInt);
    const { Fp2 } = bn254.fields;
    const x = Fp2.create({ c0: x0!, c1: x1! });
    const y = Fp2.create({ c0: y0!, c1: y1! });
    const b = Fp2.div(Fp2.create({ c0: 3n, c1: 0n }), Fp2.create({ c0: 9n, c1: 1n }));
    if (!Fp2.eql(Fp2.sqr(y), Fp2.add(Fp2.mul(Fp2.sqr(x), x), b))) {
      throw algebraErrors.error("point-not-on-curve", "the G2 point is not on the twist");
    }
    const point = this.curve.fromAffine({ x, y });
    if (!point.isTorsionFree()) {
      throw algebraErrors.error(
        "point-not-in-subgroup",
        "the G2 point is on the twist but its order is not the group order",
      );
    }
    return this.wrap(point);
  }

  protected wrap(point: WeierstrassPoint<Fp2>): G2Point {
    return new NobleG2Point(point);
  }

  protected unwrap(p: G2Point): WeierstrassPoint<Fp2> {
    return unwrapG2(p);
  }
}

function unwrapG1(p: G1Point): WeierstrassPoint<bigint> {
  if (p instanceof NobleG1Point) return p.point;
  throw algebraErrors.error(
    "foreign-point",
    "a G1 point of another implementation was given to noble",
  );
}

function unwrapG2(p: G2Point): WeierstrassPoint<Fp2> {
  if (p instanceof NobleG2Point) return p.point;
  throw algebraErrors.error(
    "foreign-point",
    "a G2 point of another implementation was given to noble",
  );
}

function pairingProduct(pairs: readonly (readonly [G1Point, G2Point])[]): Fp12 {
  const factors = pairs
    .map(([a, b]) => ({ g1: unwrapG1(a), g2: unwrapG2(b) }))
    .filter(({ g1, g2 }) => !g1.is0() && !g2.is0());
  return factors.length === 0 ? bn254.fields.Fp12.ONE : bn254.pairingBatch(factors);
}

/** The independent implementation; it needs no start-up. */
export const nobleBn254: Bn254 = {
  name: "noble",
  g1: new NobleG1Group(),
  g2: new NobleG2Group(),
  gt: nobleGt,
  pairingProduct: (pairs) => new NobleGtElement(pairingProduct(pairs)),
  pairingProductIsOne: (pairs) =>
    bn254.fields.Fp12.eql(pairingProduct(pairs), bn254.fields.Fp12.ONE),
};
