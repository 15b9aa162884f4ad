/** Seeded chance for simulations and resampling: the same seed gives the same run. Never for secrets. */
import { Prng } from "../readings/prng.js";

export class Chance {
  readonly #prng: Prng;

  /** Streams of different labels under one seed are unrelated. */
  constructor(seed: string, ...labels: readonly (string | number)[]) {
    this.#prng = new Prng(seed, ...labels);
  }

  /** Uniform in [0, 1), 53 bits. */
  unit(): number {
    const high = this.#prng.next() >>> 5;
    const low = this.#prng.next() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Uniform in [0, bound), an integer. */
  readonly below = (bound: number): number => Math.floor(this.unit() * bound);

  /** Standard normal (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  /** The items in a random order (Fisher–Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }

  /** Random bytes into `target` from `from` up to `to`. */
  fill(target: Uint8Array, from: number, to: number): void {
    let word = 0;
    for (let i = from; i < to; i++) {
      if (((i - from) & 3) === 0) word = this.#prng.next();
      target[i] = word & 0xff;
      word >>>= 8;
    }
  }
}
