/**
 * Multiplication of points that others choose by a long-lived secret k. Each call computes
 * k·(P + B) − k·B for a fresh random-looking B, so that the field elements that the scalar
 * multiplication sees are unknown to anyone who chose P (Coron, *Resistance against Differential Power
 * Analysis for Elliptic Curve Cryptosystems*, CHES 1999, §5.2); the pair (B, k·B) is doubled
 * after each use. The multiplication itself has a pattern of operations that depends on the length of k
 * alone, which for a key drawn from the whole range says next to nothing.
 */
import type { Group } from "../group.js";
import { randomScalar } from "../random.js";

export class BlindedMultiplier<P> {
  #blind: P;
  #image: P;
  readonly #scalar: bigint;

  constructor(
    private readonly group: Group<P>,
    scalar: bigint,
  ) {
    this.#scalar = scalar;
    this.#blind = group.mulSecret(group.generator, randomScalar(group.order));
    this.#image = group.mulSecret(this.#blind, scalar);
  }

  /** k·p. */
  multiply(p: P): P {
    const { group } = this;
    const product = group.sub(
      group.mulSecret(group.add(p, this.#blind), this.#scalar),
      this.#image,
    );
    this.#blind = group.add(this.#blind, this.#blind);
    this.#image = group.add(this.#image, this.#image);
    return product;
  }
}
