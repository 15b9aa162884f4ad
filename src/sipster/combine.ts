/** Combining receipts and verifying the result (`Combine` and `Verify` of the paper, §4). */
import { batchVerify, bisect, pairingsEqual, type Bn254, type G1Point } from "../algebra/index.js";
import type { UtilityPublicKey } from "./keys.js";

export interface Combination {
  readonly curve: Bn254;
  readonly receipts: readonly G1Point[];
  readonly blinding: bigint;
  readonly key: UtilityPublicKey;
}

/**
 * `Combine`: σ = ΣSᵢ − r·A1, for the receipts of all tokens of the period and the blinding factor
 * of its bill. r is secret: its holder can test which tokens belong to the bill.
 */
export function combine({ curve, receipts, blinding, key }: Combination): G1Point {
  const { g1 } = curve;
  return g1.sub(g1.sum(receipts), g1.mulSecret(key.a1, blinding));
}

export interface BillReceipt {
  readonly r: G1Point;
  readonly combined: G1Point;
}

export interface CombinedReceipt extends BillReceipt {
  readonly curve: Bn254;
  readonly key: UtilityPublicKey;
}

/** `Verify`: e(σ, P2) = e(R, A2), for a combined receipt and the point R of its bill. */
export function verifyCombined({ curve, key, r, combined }: CombinedReceipt): boolean {
  if (curve.g1.isIdentity(r) || curve.g1.isIdentity(combined)) return false;
  return pairingsEqual(curve, [combined, curve.g2.generator], [r, key.a2]);
}

/** The indices of the bills whose combined receipt is wrong, by weighted batch checks and halving. */
export function findBadBills(
  curve: Bn254,
  key: UtilityPublicKey,
  bills: readonly BillReceipt[],
): number[] {
  const { g1 } = curve;
  return bisect(bills, (part) => {
    if (part.some(({ r, combined }) => g1.isIdentity(r) || g1.isIdentity(combined))) return false;
    const items = part.map(({ r, combined }) => ({ message: r, signature: combined }));
    return batchVerify(curve, items, key.a2);
  });
}
