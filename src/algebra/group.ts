/**
 * The one interface behind which every prime-order group of the project stands. Groups are written
 * additively. `P` is a handle that only the group which made it can use.
 */
export interface Group<P> {
  /** For messages, e.g. `"BN254 G1 (mcl)"`. */
  readonly name: string;
  /** The prime order of the group. */
  readonly order: bigint;
  readonly generator: P;
  readonly identity: P;

  add(a: P, b: P): P;
  sub(a: P, b: P): P;
  neg(a: P): P;
  /** The sum of any number of points; the identity for none. */
  sum(points: readonly P[]): P;

  /** k·p for a public scalar: **variable time in k**. k is reduced modulo the order. */
  mul(p: P, k: bigint): P;
  /**
   * k·p with a pattern of group operations that depends on the bit length of k alone: for secrets that
   * are drawn from the whole range. (mcl skips leading zeros: 21 µs for k = 1, 190 for a full k.) The
   * field arithmetic beneath (WebAssembly, BigInt) is not claimed to be constant-time, so a secret that
   * meets points chosen by others goes through {@link BlindedMultiplier}, which is built on this.
   */
  mulSecret(p: P, k: bigint): P;
  /**
   * Σ kᵢ·pᵢ for public scalars, any number of them: variable time.
   * @throws algebra/length-mismatch
   */
  multiScalarMul(points: readonly P[], scalars: readonly bigint[]): P;

  equals(a: P, b: P): boolean;
  isIdentity(p: P): boolean;

  /** Canonical encoding, the length and layout of which the group's file states. */
  encode(p: P): Uint8Array;
  /**
   * The point with this encoding, after every check (length, range, curve, subgroup).
   * @throws algebra/bad-length, coordinate-out-of-range, point-not-on-curve, point-not-in-subgroup
   */
  decode(bytes: Uint8Array): P;
}

/** What a search for a discrete logarithm uses of a group: no secrets, no decoding. */
export type SearchableGroup<P> = Pick<
  Group<P>,
  "identity" | "add" | "sub" | "neg" | "mul" | "isIdentity" | "encode"
>;
