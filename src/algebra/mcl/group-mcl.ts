/**
 * The group operations that mcl offers alike for G1 and G2 of every curve. A point is kept outside
 * the WebAssembly memory as the bytes of its Jacobian coordinates, so that the garbage collector
 * owns it, and is copied in for each operation (0.1 µs; an addition takes 0.8 µs).
 */
import { algebraErrors } from "../errors.js";
import { FP_BYTES, FR_BYTES, type MclModule, type Pointer } from "./module.js";
import type { Stride, StridingGroup } from "../discrete-log.js";
import { operations, type MclOperations, type Operation } from "./operations.js";
import { pippenger } from "./pippenger.js";

/** A point as mcl holds it. */
export interface MclPoint {
  readonly jacobian: Uint8Array;
}

export abstract class MclGroup<P> implements StridingGroup<P> {
  abstract readonly name: string;
  abstract readonly generator: P;
  abstract readonly identity: P;
  abstract encode(p: P): Uint8Array;
  abstract decode(bytes: Uint8Array): P;

  protected readonly op: MclOperations;
  /** Bytes of one point. */
  protected readonly size: number;
  protected readonly slotA: Pointer;
  protected readonly slotB: Pointer;
  protected readonly slotR: Pointer;
  readonly #slotScalar: Pointer;
  readonly #slotScalarBytes: Pointer;

  constructor(
    protected readonly module: MclModule,
    family: "G1" | "G2",
    readonly order: bigint,
  ) {
    this.op = operations(module, family);
    this.size = (family === "G1" ? 3 : 6) * FP_BYTES;
    this.slotA = module.allocate(this.size);
    this.slotB = module.allocate(this.size);
    this.slotR = module.allocate(this.size);
    this.#slotScalar = module.allocate(FR_BYTES);
    this.#slotScalarBytes = module.allocate(FR_BYTES);
  }

  /** Wraps the bytes of a point that is known to be valid. */
  protected abstract wrap(jacobian: Uint8Array): P;
  /** The bytes of a point of this group. @throws algebra/foreign-point */
  protected abstract unwrap(p: P): Uint8Array;

  add(a: P, b: P): P {
    return this.#binary(this.op.add, a, b);
  }

  sub(a: P, b: P): P {
    return this.#binary(this.op.sub, a, b);
  }

  neg(a: P): P {
    this.load(this.slotA, a);
    this.op.neg(this.slotR, this.slotA);
    return this.store(this.slotR);
  }

  sum(points: readonly P[]): P {
    if (points.length === 0) return this.identity;
    this.load(this.slotR, points[0]!);
    for (let i = 1; i < points.length; i++) {
      this.load(this.slotA, points[i]!);
      this.op.add(this.slotR, this.slotR, this.slotA);
    }
    return this.store(this.slotR);
  }

  mul(p: P, k: bigint): P {
    return this.#times(this.op.mul, p, k);
  }

  mulSecret(p: P, k: bigint): P {
    return this.#times(this.op.mulCT, p, k);
  }

  multiScalarMul(points: readonly P[], scalars: readonly bigint[]): P {
    if (this.checkedCount(points, scalars) === 0) return this.identity;
    const reduced = scalars.map((k) => this.reduce(k));
    return this.module.withBlock(points.length * this.size, (block) => {
      for (let i = 0; i < points.length; i++) this.load(block + i * this.size, points[i]!);
      // Points with z = 1 take the cheaper mixed addition.
      this.op.normalizeVec(block, block, points.length);
      this.sumProducts(block, reduced);
      return this.store(this.slotR);
    });
  }

  /**
   * Writes Σ scalars[i]·points[i] to the result slot, for points with z = 1 (or the identity) that lie
   * one after the other in `block`, which may be overwritten, and reduced scalars.
   */
  protected sumProducts(block: Pointer, scalars: readonly bigint[]): void {
    pippenger(this.module, this.op, this.size, block, scalars, this.slotR);
  }

  equals(a: P, b: P): boolean {
    this.load(this.slotA, a);
    this.load(this.slotB, b);
    return this.op.isEqual(this.slotA, this.slotB) === 1;
  }

  isIdentity(p: P): boolean {
    this.load(this.slotA, p);
    return this.op.isZero(this.slotA) === 1;
  }

  stride(step: P, longest: number): Stride<P> {
    const { module, op, size } = this;
    // 0·step, 1·step, …, with z = 1: a sum of two such points costs half of any other.
    const offsets = module.withBlock(longest * size, (block) => {
      this.load(block, this.identity);
      this.load(this.slotA, step);
      op.normalize(this.slotA, this.slotA);
      for (let i = 1; i < longest; i++) {
        op.add(block + i * size, block + (i - 1) * size, this.slotA);
      }
      op.normalizeVec(block, block, longest);
      return module.bytes.slice(block, block + longest * size);
    });
    return (start, count) => {
      const tags = new Uint32Array(count);
      module.withBlock(count * size, (block) => {
        module.bytes.set(offsets.subarray(0, count * size), block);
        this.load(this.slotA, start);
        op.normalize(this.slotA, this.slotA);
        for (let i = 0; i < count; i++) {
          op.add(block + i * size, block + i * size, this.slotA);
        }
        op.normalizeVec(block, block, count);
        // The low word of x, which P and −P share; 0 for the identity.
        const words = new DataView(module.bytes.buffer, block, count * size);
        for (let i = 0; i < count; i++) tags[i] = words.getUint32(i * size, true);
      });
      return tags;
    };
  }

  /** How many terms a sum has. @throws algebra/length-mismatch */
  protected checkedCount(points: readonly P[], scalars: readonly bigint[]): number {
    if (points.length !== scalars.length) {
      throw algebraErrors.error(
        "length-mismatch",
        `${points.length} points were given with ${scalars.length} scalars`,
        { points: points.length, scalars: scalars.length },
      );
    }
    return points.length;
  }

  /** k modulo the order, non-negative. */
  protected reduce(k: bigint): bigint {
    const r = k % this.order;
    return r < 0n ? r + this.order : r;
  }

  /** Copies a point into the memory. */
  protected load(slot: Pointer, p: P): void {
    this.module.bytes.set(this.unwrap(p), slot);
  }

  /** Copies a point out of the memory. */
  protected store(slot: Pointer): P {
    return this.wrap(this.module.bytes.slice(slot, slot + this.size));
  }

  #binary(operation: Operation, a: P, b: P): P {
    this.load(this.slotA, a);
    this.load(this.slotB, b);
    operation(this.slotR, this.slotA, this.slotB);
    return this.store(this.slotR);
  }

  #times(operation: Operation, p: P, k: bigint): P {
    this.load(this.slotA, p);
    this.#loadScalar(k);
    operation(this.slotR, this.slotA, this.#slotScalar);
    const bytes = this.module.bytes;
    bytes.fill(0, this.#slotScalar, this.#slotScalar + FR_BYTES);
    bytes.fill(0, this.#slotScalarBytes, this.#slotScalarBytes + FR_BYTES);
    return this.store(this.slotR);
  }

  #loadScalar(k: bigint): void {
    const { buffer } = this.module.bytes;
    const view = new DataView(buffer, this.#slotScalarBytes, FR_BYTES);
    let v = this.reduce(k);
    for (let i = 0; i < FR_BYTES; i += 8) {
      view.setBigUint64(i, BigInt.asUintN(64, v), true);
      v >>= 64n;
    }
    this.module.fn._mclBnFr_setLittleEndian!(this.#slotScalar, this.#slotScalarBytes, FR_BYTES);
  }
}
