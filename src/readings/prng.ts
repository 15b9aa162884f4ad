/**
 * A seeded generator for made-up households: sfc32 by Chris Doty-Humphrey (PractRand), integers
 * only, so that the same seed gives the same homes everywhere. Not for keys.
 */
export class Prng {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /** Streams of different labels under one seed are unrelated. */
  constructor(seed: string, ...labels: readonly (string | number)[]) {
    // FNV-1a over the text, thrice with different offsets, then twenty rounds to mix.
    const text = [seed, ...labels].join("\u0000");
    [this.#a, this.#b, this.#c] = [0x811c9dc5, 0x01000193, 0x9e3779b9].map((offset) => {
      let hash = offset;
      for (let i = 0; i < text.length; i++) {
        hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
      }
      return hash;
    }) as [number, number, number];
    for (let i = 0; i < 20; i++) this.next();
  }

  /** 32 bits. */
  next(): number {
    const t = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    this.#c |= 0;
    return t >>> 0;
  }

  /** An integer from 0 to `bound - 1`, bound at most 2^20: the bias is below 2^-12. */
  below(bound: number): number {
    return Math.floor((this.next() * bound) / 0x1_0000_0000);
  }

  /** An integer from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True with the given chance in a thousand. */
  chance(perMille: number): boolean {
    return this.below(1000) < perMille;
  }
}
