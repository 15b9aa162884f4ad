/** GT of BN254 by @noble/curves. */
import { bn254 } from "@noble/curves/bn254.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { GROUP_ORDER, GtElement, type GtGroup } from "./bn254.js";
import { intToBytes } from "../bytes.js";
import { algebraErrors } from "../errors.js";

const { Fp12 } = bn254.fields;
export type Fp12 = ReturnType<typeof bn254.pairing>;

export class NobleGtElement extends GtElement {
  protected readonly gt = true;
  constructor(readonly value: Fp12) {
    super();
  }
}

function unwrap(a: GtElement): Fp12 {
  if (a instanceof NobleGtElement) return a.value;
  throw algebraErrors.error(
    "foreign-point",
    "a GT element of another implementation was given to noble",
  );
}

export const nobleGt: GtGroup = {
  name: "BN254 GT (noble)",
  identity: new NobleGtElement(Fp12.ONE),
  get generator() {
    return new NobleGtElement(bn254.pairing(bn254.G1.Point.BASE, bn254.G2.Point.BASE));
  },
  add: (a, b) => new NobleGtElement(Fp12.mul(unwrap(a), unwrap(b))),
  sub: (a, b) => new NobleGtElement(Fp12.mul(unwrap(a), Fp12.conjugate(unwrap(b)))),
  neg: (a) => new NobleGtElement(Fp12.conjugate(unwrap(a))),
  mul: (a, k) => {
    const reduced = ((k % GROUP_ORDER) + GROUP_ORDER) % GROUP_ORDER;
    return new NobleGtElement(Fp12.pow(unwrap(a), reduced));
  },
  equals: (a, b) => Fp12.eql(unwrap(a), unwrap(b)),
  isIdentity: (a) => Fp12.eql(unwrap(a), Fp12.ONE),
  encode: (a) => {
    const { c0, c1 } = unwrap(a);
    const pairs = [c0.c0, c0.c1, c0.c2, c1.c0, c1.c1, c1.c2];
    return concatBytes(...pairs.flatMap((f) => [intToBytes(f.c0, 32), intToBytes(f.c1, 32)]));
  },
};
