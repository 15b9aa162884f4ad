/** Pedersen commitments V = v·H′ + r·J (Pedersen, CRYPTO 1991): hiding regardless of the computer, binding while logarithms are hard. */
import { mod } from "./scalars.js";
import type { Point, SealedSystem } from "./system.js";

/** What a commitment holds. */
export interface Opening {
  /** v, an integer that may be negative. */
  readonly value: bigint;
  /** r, uniform in [0, order). */
  readonly blinding: bigint;
}

/** V = v·H′ + r·J. */
export function commit(system: SealedSystem, { value, blinding }: Opening): Point {
  return system.commitment.multiScalarMul([mod(value), blinding]);
}
