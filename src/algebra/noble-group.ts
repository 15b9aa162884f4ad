/** The group operations that @noble/curves offers alike for every short Weierstrass curve. */
import { pippenger } from "@noble/curves/abstract/curve.js";
import type { WeierstrassPoint, WeierstrassPointCons } from "@noble/curves/abstract/weierstrass.js";
import { algebraErrors } from "./errors.js";
import type { Group } from "./group.js";

export abstract class NobleGroup<P, F> implements Group<P> {
  abstract readonly name: string;
  abstract readonly order: bigint;
  abstract encode(p: P): Uint8Array;
  abstract decode(bytes: Uint8Array): P;
  protected abstract wrap(point: WeierstrassPoint<F>): P;
  protected abstract unwrap(p: P): WeierstrassPoint<F>;
  protected abstract readonly curve: WeierstrassPointCons<F>;

  get generator(): P {
    return this.wrap(this.curve.BASE);
  }
  get identity(): P {
    return this.wrap(this.curve.ZERO);
  }
  add(a: P, b: P): P {
    return this.wrap(this.unwrap(a).add(this.unwrap(b)));
  }
  sub(a: P, b: P): P {
    return this.wrap(this.unwrap(a).subtract(this.unwrap(b)));
  }
  neg(a: P): P {
    return this.wrap(this.unwrap(a).negate());
  }
  sum(points: readonly P[]): P {
    return this.wrap(points.reduce((acc, p) => acc.add(this.unwrap(p)), this.curve.ZERO));
  }
  mul(p: P, k: bigint): P {
    return this.wrap(this.unwrap(p).multiplyUnsafe(mod(k, this.order)));
  }
  mulSecret(p: P, k: bigint): P {
    // noble's constant-pattern multiplication refuses 0, which no secret key is.
    const scalar = mod(k, this.order);
    return scalar === 0n ? this.identity : this.wrap(this.unwrap(p).multiply(scalar));
  }
  multiScalarMul(points: readonly P[], scalars: readonly bigint[]): P {
    if (points.length !== scalars.length) {
      throw algebraErrors.error(
        "length-mismatch",
        `${points.length} points were given with ${scalars.length} scalars`,
        { points: points.length, scalars: scalars.length },
      );
    }
    if (points.length === 0) return this.identity;
    return this.wrap(
      pippenger(
        this.curve,
        points.map((p) => this.unwrap(p)),
        scalars.map((k) => mod(k, this.order)),
      ),
    );
  }
  equals(a: P, b: P): boolean {
    return this.unwrap(a).equals(this.unwrap(b));
  }
  isIdentity(p: P): boolean {
    return this.unwrap(p).is0();
  }
}

function mod(k: bigint, order: bigint): bigint {
  const r = k % order;
  return r < 0n ? r + order : r;
}
