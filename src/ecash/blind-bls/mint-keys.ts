/** The mint's keys: one for each denomination, because it signs without seeing what. */
import {
  GROUP_ORDER,
  pairingsEqual,
  randomScalar,
  type Bn254,
  type G1Point,
  type G2Point,
} from "../../algebra/index.js";
import { ecashErrors } from "../errors.js";

export interface MintSecretKeys {
  /** u32; names the whole set, never used for another. */
  readonly mintKeyId: number;
  /** b_d in [1, ℓ − 1] for each denomination d. Never a key of receipts. */
  readonly scalars: ReadonlyMap<number, bigint>;
}

export interface MintPublicKey {
  /** b·P1: to unblind. */
  readonly b1: G1Point;
  /** b·P2: to verify. */
  readonly b2: G2Point;
}

export interface MintPublicKeys {
  readonly mintKeyId: number;
  readonly keys: ReadonlyMap<number, MintPublicKey>;
}

export function generateMintKeys(
  mintKeyId: number,
  denominations: readonly number[],
): MintSecretKeys {
  const scalars = new Map(denominations.map((d) => [d, randomScalar(GROUP_ORDER)]));
  return { mintKeyId, scalars };
}

export function mintPublicKeys(curve: Bn254, secret: MintSecretKeys): MintPublicKeys {
  const { g1, g2 } = curve;
  const keys = new Map<number, MintPublicKey>();
  for (const [denomination, b] of secret.scalars) {
    const b1 = g1.mulSecret(g1.generator, b);
    const b2 = g2.mulSecret(g2.generator, b);
    keys.set(denomination, { b1, b2 });
  }
  return { mintKeyId: secret.mintKeyId, keys };
}

/**
 * Keys learnt from another party: neither half is the identity, and e(B1, P2) = e(P1, B2).
 * @throws ecash/bad-mint-key
 */
export function checkMintKeys(curve: Bn254, keys: MintPublicKeys): MintPublicKeys {
  const { g1, g2 } = curve;
  for (const [denomination, { b1, b2 }] of keys.keys) {
    const trivial = g1.isIdentity(b1) || g2.isIdentity(b2);
    if (trivial || !pairingsEqual(curve, [b1, g2.generator], [g1.generator, b2])) {
      throw ecashErrors.error(
        "bad-mint-key",
        `mint key ${keys.mintKeyId} for denomination ${denomination} is inconsistent`,
        { mintKeyId: keys.mintKeyId, denomination },
      );
    }
  }
  return keys;
}
