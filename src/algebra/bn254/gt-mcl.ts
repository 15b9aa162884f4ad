/** GT of BN254 by mcl. Elements stay outside its memory, as the bytes of their coefficients. */
import { GROUP_ORDER, GtElement, type GtGroup } from "./bn254.js";
import { intToBytes } from "../bytes.js";
import type { Stride, StridingGroup } from "../discrete-log.js";
import { algebraErrors } from "../errors.js";
import { FP_BYTES, FR_BYTES, type MclModule, type Pointer } from "../mcl/module.js";

/** Bytes of an element in the memory: twelve coefficients. */
export const GT_BYTES = 12 * FP_BYTES;
const ENCODED_BYTES = 12 * 32;
/** Exponents below this gain nothing from being split. */
const SHORT = 1n << 64n;

class MclGtElement extends GtElement {
  protected readonly gt = true;
  constructor(readonly coefficients: Uint8Array) {
    super();
  }
}

export class MclGtGroup implements GtGroup, StridingGroup<GtElement> {
  readonly name = "BN254 GT (mcl)";
  readonly identity: GtElement;
  readonly #module: MclModule;
  readonly #a: Pointer;
  readonly #b: Pointer;
  readonly #scalar: Pointer;
  readonly #encoded: Pointer;
  readonly #writeGenerator: (out: Pointer) => void;
  #generator: GtElement | undefined;

  /** @param writeGenerator writes e(P1, P2); called when it is first needed */
  constructor(module: MclModule, writeGenerator: (out: Pointer) => void) {
    this.#module = module;
    this.#a = module.allocate(GT_BYTES);
    this.#b = module.allocate(GT_BYTES);
    this.#scalar = module.allocate(FR_BYTES);
    this.#encoded = module.allocate(ENCODED_BYTES);
    this.#writeGenerator = writeGenerator;
    module.fn._mclBnGT_setInt32!(this.#a, 1);
    this.identity = this.take(this.#a);
  }

  get generator(): GtElement {
    if (this.#generator === undefined) {
      this.#writeGenerator(this.#a);
      this.#generator = this.take(this.#a);
    }
    return this.#generator;
  }

  /** Copies an element out of the memory. */
  take(slot: Pointer): GtElement {
    return new MclGtElement(this.#module.bytes.slice(slot, slot + GT_BYTES));
  }

  add(a: GtElement, b: GtElement): GtElement {
    this.#load(this.#a, a);
    this.#load(this.#b, b);
    this.#module.fn._mclBnGT_mul!(this.#a, this.#a, this.#b);
    return this.take(this.#a);
  }

  sub(a: GtElement, b: GtElement): GtElement {
    return this.add(a, this.neg(b));
  }

  /** The inverse of a root of unity is its conjugate. */
  neg(a: GtElement): GtElement {
    this.#load(this.#a, a);
    this.#module.fn._mclBnGT_inv!(this.#a, this.#a);
    return this.take(this.#a);
  }

  mul(a: GtElement, k: bigint): GtElement {
    const reduced = ((k % GROUP_ORDER) + GROUP_ORDER) % GROUP_ORDER;
    if (GROUP_ORDER - reduced < SHORT) return this.neg(this.mul(a, GROUP_ORDER - reduced));
    this.#module.bytes.set(intToBytes(reduced, 32).reverse(), this.#encoded);
    this.#module.fn._mclBnFr_setLittleEndian!(this.#scalar, this.#encoded, 32);
    this.#load(this.#a, a);
    // `pow` splits every exponent as if it were long.
    const pow = reduced < SHORT ? "_mclBnGT_powGeneric" : "_mclBnGT_pow";
    this.#module.fn[pow]!(this.#a, this.#a, this.#scalar);
    return this.take(this.#a);
  }

  equals(a: GtElement, b: GtElement): boolean {
    this.#load(this.#a, a);
    this.#load(this.#b, b);
    return this.#module.fn._mclBnGT_isEqual!(this.#a, this.#b) === 1;
  }

  isIdentity(a: GtElement): boolean {
    this.#load(this.#a, a);
    return this.#module.fn._mclBnGT_isOne!(this.#a) === 1;
  }

  encode(a: GtElement): Uint8Array {
    this.#load(this.#a, a);
    this.#module.fn._mclBnGT_serialize!(this.#encoded, ENCODED_BYTES, this.#a);
    const out = this.#module.bytes.slice(this.#encoded, this.#encoded + ENCODED_BYTES);
    // mcl writes each coefficient little-endian.
    for (let i = 0; i < 12; i++) out.subarray(32 * i, 32 * (i + 1)).reverse();
    return out;
  }

  stride(step: GtElement): Stride<GtElement> {
    const { fn } = this.#module;
    return (start, count) => {
      const tags = new Uint32Array(count);
      this.#load(this.#a, start);
      this.#load(this.#b, step);
      for (let i = 0; i < count; i++) {
        // The first coefficient is the same for an element and its conjugate.
        tags[i] = this.#word(this.#a);
        fn._mclBnGT_mul!(this.#a, this.#a, this.#b);
      }
      return tags;
    };
  }

  #word(slot: Pointer): number {
    const { bytes } = this.#module;
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(slot, true);
  }

  #load(slot: Pointer, a: GtElement): void {
    if (!(a instanceof MclGtElement)) {
      throw algebraErrors.error(
        "foreign-point",
        "a GT element of another implementation was given to mcl",
      );
    }
    this.#module.bytes.set(a.coefficients, slot);
  }
}
