/**
 * Every check of this room is an equation Σ sᵢ·Pᵢ = 0 between public points. Many of them are
 * checked in one multi-scalar multiplication: each is multiplied by a fresh random 128-bit weight
 * and all are added (Bellare, Garay, Rabin, EUROCRYPT 1998, small-exponents test), so a false one
 * passes with probability at most 2⁻¹²⁸.
 */
import { randomWeights } from "../algebra/index.js";
import { mod } from "./scalars.js";
import { vectorLength, type Point, type SealedSystem } from "./system.js";

/** Terms of one equation. */
export interface Equation {
  /** + scalar·point. */
  point(point: Point, scalar: bigint): this;
  /** + scalar·(the base with this number in `system.bases`). */
  base(index: number, scalar: bigint): this;
}

export class Equations {
  readonly #points = new Map<Point, bigint>();
  readonly #bases: bigint[] = [];

  constructor(private readonly system: SealedSystem) {}

  /** Begins another equation; its terms must add up to the identity. */
  equation(): Equation {
    const weight = randomWeights(1)[0]!;
    const points = this.#points;
    const bases = this.#bases;
    return {
      point(point, scalar) {
        points.set(point, mod((points.get(point) ?? 0n) + weight * scalar));
        return this;
      },
      base(index, scalar) {
        while (bases.length <= index) bases.push(0n);
        bases[index] = mod(bases[index]! + weight * scalar);
        return this;
      },
    };
  }

  /** Do all equations hold? True for none. */
  hold(): boolean {
    const { group } = this.system;
    const used = this.#bases.flatMap((k, i) => (k === 0n ? [] : [i]));
    const fixed = this.system.bases(vectorLength(this.#bases.length - 1)).multiScalarMul(
      used.map((i) => this.#bases[i]!),
      used,
    );
    const varying = group.multiScalarMul([...this.#points.keys()], [...this.#points.values()]);
    return group.isIdentity(group.add(fixed, varying));
  }
}
