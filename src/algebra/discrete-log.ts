/**
 * Discrete logarithms in a known interval by baby-step giant-step (Shanks, *Class Number, a Theory
 * of Factorization, and Genera*, 1971), over any group of the project.
 *
 * The table holds 32-bit tags of 0·B, 1·B, … m·B. A tag is the same for P and −P, so one look-up
 * covers the 2m + 1 values around a giant step's centre. A tag that matches is only a candidate: the
 * value is confirmed in the group before it is returned. Variable time in the value found.
 */
import { algebraErrors } from "./errors.js";
import type { SearchableGroup } from "./group.js";

/** Tags of `start + i·step`, i = 0 … count − 1, for one fixed `step`. */
export type Stride<P> = (start: P, count: number) => Uint32Array;

/** A group that computes many tags at once: without this the search goes through `encode`. */
export interface StridingGroup<P> extends SearchableGroup<P> {
  /** Prepares the tags along an arithmetic progression of at most `longest` points. */
  stride(step: P, longest: number): Stride<P>;
}

/** Values searched for: lo ≤ value ≤ hi, negative ones included. */
export interface LogRange {
  readonly lo: bigint;
  readonly hi: bigint;
  /** Where the search begins, going outwards; the value nearest to 0 when absent. */
  readonly near?: bigint;
}

/** Giant steps whose tags are computed together, to share one field inversion. */
const CHUNK = 512;
/** The first chunk is shorter: most values lie near where the search begins. */
const FIRST_CHUNK = 16;
/** An entry is a tag and an index; the buckets over them take half as many words. */
const BYTES_PER_ENTRY = 10;

/** One of the two directions of a search. */
interface Direction<P> {
  /** Value of one giant step, signed. */
  readonly giant: bigint;
  readonly tags: Stride<P>;
  /** What moves the point on by a first chunk, and by any other. */
  readonly jumps: readonly [first: P, other: P];
}

export class DiscreteLogTable<P> {
  /** m: the table knows the logarithms −m … m. */
  readonly steps: number;
  /** Memory that the table occupies. */
  readonly bytes: number;
  readonly #group: SearchGroup<P>;
  readonly #base: P;
  readonly #up: Direction<P>;
  readonly #down: Direction<P>;
  readonly #shift: number;
  readonly #bucketStart: Uint32Array;
  readonly #tags: Uint32Array;
  readonly #indices: Uint32Array;

  /**
   * The table for logarithms to the base `base` that fits in `bytes` bytes. Building takes one
   * addition per 10 bytes; a search of N values then takes N·5 / `bytes` giant steps.
   */
  constructor(plain: SearchableGroup<P>, base: P, bytes: number) {
    const entries = Math.floor(bytes / BYTES_PER_ENTRY);
    if (!Number.isSafeInteger(bytes) || entries < 2 || entries > 2 ** 31) {
      throw algebraErrors.error("bad-table-size", `a table of ${bytes} bytes cannot be built`, {
        bytes,
      });
    }
    this.steps = entries - 1;
    const group: SearchGroup<P> = isStriding(plain) ? plain : strideByEncoding(plain);
    this.#group = group;
    this.#base = base;

    const unsorted = new Uint32Array(entries);
    const baby = group.stride(base, CHUNK);
    const jump = group.mul(base, BigInt(CHUNK));
    let start = group.identity;
    for (let from = 0; from < entries; from += CHUNK) {
      unsorted.set(baby(start, Math.min(CHUNK, entries - from)), from);
      start = group.add(start, jump);
    }

    // Counting sort by the leading bits of the tag, about two entries a bucket.
    const bucketBits = Math.max(1, Math.floor(Math.log2(entries)) - 1);
    this.#shift = 32 - bucketBits;
    this.#bucketStart = new Uint32Array(2 ** bucketBits + 1);
    this.#tags = new Uint32Array(entries);
    this.#indices = new Uint32Array(entries);
    for (const tag of unsorted) this.#bucketStart[(tag >>> this.#shift) + 1]! += 1;
    for (let b = 1; b < this.#bucketStart.length; b++) {
      this.#bucketStart[b]! += this.#bucketStart[b - 1]!;
    }
    const next = this.#bucketStart.slice();
    unsorted.forEach((tag, i) => {
      const slot = next[tag >>> this.#shift]!++;
      this.#tags[slot] = tag;
      this.#indices[slot] = i;
    });
    this.bytes = this.#tags.byteLength + this.#indices.byteLength + this.#bucketStart.byteLength;

    const giant = 2n * BigInt(this.steps) + 1n;
    this.#up = this.#direction(giant);
    this.#down = this.#direction(-giant);
  }

  /**
   * The v in [lo, hi] with point = v·base.
   * @throws algebra/discrete-log-out-of-range if there is none, after searching the whole range;
   *   algebra/empty-range if hi < lo, or `near` is not between them
   */
  solve(point: P, range: LogRange): bigint {
    const { lo, hi } = range;
    const near = range.near ?? (lo > 0n ? lo : hi < 0n ? hi : 0n);
    if (near < lo || near > hi) {
      throw algebraErrors.error("empty-range", `${near} is not in the range [${lo}, ${hi}]`, {
        lo,
        hi,
        near,
      });
    }
    const searches = [
      this.#search({ point, direction: this.#up, first: near, range }),
      this.#search({ point, direction: this.#down, first: near + this.#down.giant, range }),
    ];
    while (searches.length > 0) {
      for (const search of [...searches]) {
        const { value, done } = search.next();
        if (value !== undefined) return value;
        if (done === true) searches.splice(searches.indexOf(search), 1);
      }
    }
    throw algebraErrors.error(
      "discrete-log-out-of-range",
      `the point is not a multiple of the base between ${lo} and ${hi}`,
      { lo, hi },
    );
  }

  /** Searches in one direction, from the giant step around `first`, a chunk at a time. */
  *#search({
    point,
    direction: { giant, tags: stride, jumps },
    first,
    range: { lo, hi },
  }: {
    readonly point: P;
    readonly direction: Direction<P>;
    readonly first: bigint;
    readonly range: LogRange;
  }): Generator<bigint | undefined, undefined> {
    const reach = BigInt(this.steps);
    let centre = first;
    let start = this.#minus(point, centre);
    let count = FIRST_CHUNK;
    while (centre - reach <= hi && centre + reach >= lo) {
      const tags = stride(start, count);
      for (let j = 0; j < tags.length; j++) {
        for (const offset of this.#withTag(tags[j]!)) {
          const middle = centre + BigInt(j) * giant;
          for (const value of [middle + offset, middle - offset]) {
            const inRange = lo <= value && value <= hi;
            if (inRange && this.#group.isIdentity(this.#minus(point, value))) yield value;
          }
        }
      }
      yield undefined;
      start = this.#group.add(start, count === FIRST_CHUNK ? jumps[0] : jumps[1]);
      centre += BigInt(count) * giant;
      count = CHUNK;
    }
    return undefined;
  }

  /** The indices in the table with this tag: nearly always none. */
  #withTag(tag: number): readonly bigint[] {
    const bucket = tag >>> this.#shift;
    const end = this.#bucketStart[bucket + 1]!;
    let found = NONE;
    for (let slot = this.#bucketStart[bucket]!; slot < end; slot++) {
      if (this.#tags[slot] === tag) found = [...found, BigInt(this.#indices[slot]!)];
    }
    return found;
  }

  #direction(giant: bigint): Direction<P> {
    const group = this.#group;
    // Going up in the value means subtracting from the point.
    const step = group.mul(this.#base, -giant);
    return {
      giant,
      tags: group.stride(step, CHUNK),
      jumps: [group.mul(step, BigInt(FIRST_CHUNK)), group.mul(step, BigInt(CHUNK))],
    };
  }

  #minus(point: P, value: bigint): P {
    return this.#group.sub(point, this.#group.mul(this.#base, value));
  }
}

const NONE: readonly bigint[] = [];

/** What the search uses of a group. */
type SearchGroup<P> = Pick<
  StridingGroup<P>,
  "identity" | "add" | "sub" | "mul" | "isIdentity" | "stride"
>;

function isStriding<P>(group: SearchableGroup<P>): group is StridingGroup<P> {
  return "stride" in group;
}

/**
 * Any group with tags taken from its encoding. Slow (an inversion or two for each point): for
 * oracles and small ranges.
 */
function strideByEncoding<P>(group: SearchableGroup<P>): SearchGroup<P> {
  const tail = (p: P): number => {
    const bytes = group.encode(p);
    return new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0);
  };
  return {
    identity: group.identity,
    add: (a, b) => group.add(a, b),
    sub: (a, b) => group.sub(a, b),
    mul: (p, k) => group.mul(p, k),
    isIdentity: (p) => group.isIdentity(p),
    stride: (step) => (start, count) => {
      const tags = new Uint32Array(count);
      let p = start;
      for (let i = 0; i < count; i++) {
        // The smaller of the two makes the tag the same for p and −p.
        tags[i] = Math.min(tail(p), tail(group.neg(p)));
        p = group.add(p, step);
      }
      return tags;
    },
  };
}
