/**
 * Batches of bills settled with one combined receipt: σ* = Σδᵢ·σᵢ against Σδᵢ·Rᵢ, with weights by
 * Fiat–Shamir over everything signed. The weights must be nobody's choice: without them a rogue
 * meter signs −R_victim + x·P1, and the victim's bill settles unpaid.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import {
  addressWord,
  bytesToInt,
  GROUP_ORDER,
  intToBytes,
  type Bn254,
  type G1Point,
} from "../algebra/index.js";
import { billDigest, type Bill } from "./bill.js";
import { BATCH_TAG } from "./domains.js";
import { sipsterErrors } from "./errors.js";
import type { SettlementSystem } from "./system.js";

/**
 * t = keccak256(tag ‖ chainId ‖ contract ‖ digest₀ ‖ … ‖ digestₙ₋₁), δᵢ = keccak256(t ‖ i) mod ℓ,
 * integers as 32-byte words, digests in the order of the bills.
 * @throws sipster/empty-batch
 */
export function batchWeights(system: SettlementSystem, bills: readonly Bill[]): bigint[] {
  if (bills.length === 0) {
    throw sipsterErrors.error("empty-batch", "there is no bill in the batch");
  }
  const transcript = keccak_256(
    concatBytes(
      BATCH_TAG,
      intToBytes(system.chainId, 32),
      addressWord(system.settlement),
      ...bills.map((bill) => billDigest(system, bill)),
    ),
  );
  return bills.map(
    (_, i) => bytesToInt(keccak_256(concatBytes(transcript, intToBytes(i, 32)))) % GROUP_ORDER,
  );
}

export interface BatchCombination {
  readonly curve: Bn254;
  readonly system: SettlementSystem;
  readonly bills: readonly Bill[];
  readonly combined: readonly G1Point[];
}

/** σ* for bills and their combined receipts, in the same order. @throws sipster/empty-batch */
export function combineBatch({ curve, system, bills, combined }: BatchCombination): G1Point {
  return curve.g1.multiScalarMul(combined, batchWeights(system, bills));
}
