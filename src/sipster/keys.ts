/** The utility's keys: one per key epoch, for one suite, never used for anything else. */
import {
  pairingsEqual,
  randomScalar,
  GROUP_ORDER,
  type Bn254,
  type G1Point,
  type G2Point,
} from "../algebra/index.js";
import { sipsterErrors } from "./errors.js";
import type { SuiteName } from "./token.js";

export interface UtilitySecretKey {
  readonly suite: SuiteName;
  readonly keyEpoch: number;
  /** a in [1, ℓ − 1]. */
  readonly scalar: bigint;
}

export interface UtilityPublicKey {
  readonly keyEpoch: number;
  /** a·P1: to remove the blinding factor from combined receipts. */
  readonly a1: G1Point;
  /** a·P2: to verify. Residents pin it. */
  readonly a2: G2Point;
}

export function generateUtilityKey(suite: SuiteName, keyEpoch: number): UtilitySecretKey {
  return { suite, keyEpoch, scalar: randomScalar(GROUP_ORDER) };
}

/** @throws sipster/key-is-zero */
export function publicKeyOf(curve: Bn254, secret: UtilitySecretKey): UtilityPublicKey {
  const { g1, g2 } = curve;
  if (secret.scalar % GROUP_ORDER === 0n) {
    throw sipsterErrors.error("key-is-zero", "the utility's secret key is 0");
  }
  return {
    keyEpoch: secret.keyEpoch,
    a1: g1.mulSecret(g1.generator, secret.scalar),
    a2: g2.mulSecret(g2.generator, secret.scalar),
  };
}

/** The three checks of registration: neither half is the identity, and e(A1, P2) = e(P1, A2). */
export function isConsistentKey(curve: Bn254, { a1, a2 }: UtilityPublicKey): boolean {
  const { g1, g2 } = curve;
  if (g1.isIdentity(a1) || g2.isIdentity(a2)) return false;
  return pairingsEqual(curve, [a1, g2.generator], [g1.generator, a2]);
}
