/**
 * Ranges as weighted bits: every integer x in [0, u] is Σ wᵢ·bᵢ with bits bᵢ and weights
 * 1, 2, 4, …, 2^(k−2), u − 2^(k−1) + 1, and no other integer is (Lipmaa, Asokan, Niemi, *Secure Vickrey
 * Auctions without Threshold Trust*, FC 2002, §5.3). So a range of any width costs the bits of
 * its width, where two proofs for powers of two, one from each end, would cost twice as many.
 */
import { sealedErrors } from "./errors.js";

/** All integers v with lo ≤ v ≤ hi. */
export interface Range {
  readonly lo: bigint;
  readonly hi: bigint;
}

/** Bits of the widest range. */
const MAX_BITS = 64;
/** Bits of all ranges of one proof together; measured in docs/sealed.md. */
export const PROOF_BITS = 256;
/** Bits that a proof may have at most. */
const MAX_TOTAL_BITS = 8192;

export function inRange(value: bigint, { lo, hi }: Range): boolean {
  return lo <= value && value <= hi;
}

/** Bits that a range takes. @throws sealed/bad-range */
export function rangeBits({ lo, hi }: Range): number {
  const width = hi - lo;
  if (width < 0n || width >> BigInt(MAX_BITS) !== 0n) {
    throw sealedErrors.error("bad-range", `[${lo}, ${hi}] is empty or spans more than 64 bits`, {
      lo,
      hi,
    });
  }
  return width === 0n ? 1 : width.toString(2).length;
}

/** The weights of the bits of hi − lo. @throws sealed/bad-range */
export function rangeWeights(range: Range): bigint[] {
  const bits = rangeBits(range);
  const weights = Array.from({ length: bits }, (_, i) => 1n << BigInt(i));
  weights[bits - 1] = range.hi - range.lo - (1n << BigInt(bits - 1)) + 1n;
  return weights;
}

/** The bits of a value of the range: Σ weightᵢ·bitᵢ = value − lo. */
export function rangeDigits(range: Range, value: bigint): (0 | 1)[] {
  const weights = rangeWeights(range);
  const last = weights.length - 1;
  let rest = value - range.lo;
  // The last weight is needed exactly when the others, which reach 2^last − 1, do not suffice.
  const top = rest >> BigInt(last) === 0n ? 0 : 1;
  rest -= BigInt(top) * weights[last]!;
  const digits: (0 | 1)[] = [];
  for (let i = 0; i < last; i++) digits.push(((rest >> BigInt(i)) & 1n) === 1n ? 1 : 0);
  digits.push(top);
  return digits;
}

/** The bits of several ranges side by side, filled up to a power of two with bits of weight 0. */
export interface BitLayout {
  /** A power of two. */
  readonly length: number;
  readonly weights: readonly bigint[];
  /** To which range each bit belongs; for a filling bit, to the last. */
  readonly owner: readonly number[];
}

/** @throws sealed/bad-range */
export function layoutBits(ranges: readonly Range[]): BitLayout {
  const weights: bigint[] = [];
  const owner: number[] = [];
  ranges.forEach((range, j) => {
    for (const w of rangeWeights(range)) {
      weights.push(w);
      owner.push(j);
    }
  });
  if (weights.length === 0 || weights.length > MAX_TOTAL_BITS) {
    throw sealedErrors.error(
      "bad-range",
      `${ranges.length} ranges take ${weights.length} bits, not between 1 and ${MAX_TOTAL_BITS}`,
      { ranges: ranges.length, bits: weights.length },
    );
  }
  while ((weights.length & (weights.length - 1)) !== 0) {
    weights.push(0n);
    owner.push(ranges.length - 1);
  }
  return { length: weights.length, weights, owner };
}

/**
 * How many of the ranges go into each proof of a report, in order: as many as `PROOF_BITS` hold. Both
 * sides count the same. @throws sealed/bad-range
 */
export function rangesPerProof(ranges: readonly Range[], most = PROOF_BITS): number[] {
  const counts: number[] = [];
  let room = 0;
  for (const range of ranges) {
    const bits = rangeBits(range);
    if (bits > room) {
      counts.push(0);
      room = most;
    }
    counts[counts.length - 1]!++;
    room -= bits;
  }
  return counts;
}
