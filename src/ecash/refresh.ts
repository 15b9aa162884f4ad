/**
 * Refresh: a coin changed for a fresh one that nothing ties to it. It is a payment like any other,
 * whose token hash is the hash of the blinded fresh coin: so a coin has one use,
 * and the payment is evidence of which.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { intToBytes, type Address } from "../algebra/index.js";
import { REFRESH_TAG, type EcashSystem } from "./domains.js";
import type { Memo, RefreshMessage } from "./ecash.js";

/** keccak256(tag ‖ systemId ‖ mintKeyId u32 ‖ denomination u32 ‖ M'). */
export function refreshHash(
  { systemId }: Pick<EcashSystem, "systemId">,
  { mintKeyId, denomination, message }: RefreshMessage,
): Uint8Array {
  const words = [intToBytes(mintKeyId, 4), intToBytes(denomination, 4), message];
  return keccak_256(concatBytes(REFRESH_TAG, systemId, ...words));
}

/** What a refresh is paid for. It buys no receipt, so its key epoch is 0. */
export function refreshMemo(
  system: Pick<EcashSystem, "systemId">,
  message: RefreshMessage,
  payee: Address,
): Memo {
  return { tokenHash: refreshHash(system, message), payee, keyEpoch: 0 };
}
