/**
 * ElGamal encryption in the exponent over an elliptic curve (ElGamal, CRYPTO 1984; Cramer, Gennaro,
 * Schoenmakers, EUROCRYPT 1997, §2): Enc(v; k) = (k·G, v·H + k·D) under the key D = x·G. Sums and
 * integer multiples of ciphertexts encrypt sums and multiples of values, negative ones included; a
 * value comes out by a discrete logarithm in a known range.
 */
import {
  BlindedMultiplier,
  DiscreteLogTable,
  type FixedBases,
  type LogRange,
} from "../algebra/index.js";
import { mod, randomScalars } from "./scalars.js";
import type { Point, SealedSystem } from "./system.js";

/** (C1, C2) = (k·G, v·H + k·D). */
export interface Ciphertext {
  readonly c1: Point;
  readonly c2: Point;
}

/** D, with tables for encrypting to it. */
export class EncryptionKey {
  readonly #bases: FixedBases<Point>;

  /** `point` is D; not the identity, which `system.decode` refuses. */
  constructor(
    system: SealedSystem,
    readonly point: Point,
  ) {
    const { generator } = system.group;
    this.#bases = system.group.fixedBases([generator, system.messageBase, point], "single");
  }

  /**
   * Encrypts any integer, for decryption within a range that the decryptor knows. The pattern of
   * group operations is the same for every value and nonce. `nonce` is fresh and uniform; a caller that
   * proves something about the ciphertext passes it in.
   */
  encrypt(value: bigint, nonce: bigint = randomScalars(1)[0]!): Ciphertext {
    const [c1, c2] = this.#bases.multiScalarMuls([
      { scalars: [nonce], indices: [0] },
      { scalars: [mod(value), nonce], indices: [1, 2] },
    ]);
    return { c1: c1!, c2: c2! };
  }
}

/** Enc of the sum; of 0 with nonce 0 for none. */
export function addCiphertexts(
  { group }: SealedSystem,
  ciphertexts: readonly Ciphertext[],
): Ciphertext {
  return {
    c1: group.sum(ciphertexts.map((c) => c.c1)),
    c2: group.sum(ciphertexts.map((c) => c.c2)),
  };
}

/** Enc(Σ weightᵢ·vᵢ) for public integer weights, fastest for short ones. Variable time in the weights. */
export function weightedSum(
  { group }: SealedSystem,
  terms: readonly { readonly ciphertext: Ciphertext; readonly weight: bigint }[],
): Ciphertext {
  // A negative weight would be a scalar of full length.
  const weights = terms.map(({ weight }) => (weight < 0n ? -weight : weight));
  const sum = (half: (c: Ciphertext) => Point): Point =>
    group.multiScalarMul(
      terms.map(({ ciphertext, weight }) =>
        weight < 0n ? group.neg(half(ciphertext)) : half(ciphertext),
      ),
      weights,
    );
  return { c1: sum((c) => c.c1), c2: sum((c) => c.c2) };
}

/** Logarithms to the base H, with a table of about `bytes` bytes; shared by all decryptions. */
export function messageTable(system: SealedSystem, bytes: number): DiscreteLogTable<Point> {
  return new DiscreteLogTable(system.group, system.messageBase, bytes);
}

/** The whole secret key x in one hand: for tests, and for anyone who needs no trustees. */
export class DecryptionKey {
  readonly publicPoint: Point;
  readonly #multiplier: BlindedMultiplier<Point>;

  constructor(
    private readonly system: SealedSystem,
    secret: bigint,
  ) {
    this.publicPoint = system.generator.multiScalarMul([secret]);
    this.#multiplier = new BlindedMultiplier(system.group, secret);
  }

  /**
   * The value in `range`. The multiplication by the secret is blinded; the search is variable time
   * in the value found. @throws algebra/discrete-log-out-of-range
   */
  decrypt({ c1, c2 }: Ciphertext, table: DiscreteLogTable<Point>, range: LogRange): bigint {
    return table.solve(this.system.group.sub(c2, this.#multiplier.multiply(c1)), range);
  }
}
