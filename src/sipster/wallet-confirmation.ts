/**
 * What the wallet confirms to its own meter, under the view key that the two of them alone hold: that
 * the time is right, and that it has every kept bill. HMAC-SHA256(k_view, tag ‖ systemId ‖ kind u8 ‖ …).
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "../algebra/index.js";
import type { Bill } from "./bill.js";
import { CONFIRMATION_TAG } from "./domains.js";
import type { SystemId } from "./system.js";
import type { ViewKey } from "./view-key.js";

/** The time of a notice agrees with the wallet's clock. … ‖ 1 ‖ nonce (32) ‖ milliseconds u64 */
export function confirmTime(
  viewKey: ViewKey,
  systemId: SystemId,
  { nonce, time }: { readonly nonce: Uint8Array; readonly time: number },
): Uint8Array {
  return confirm({ viewKey, systemId, kind: 1, parts: [nonce, intToBytes(time, 8)] });
}

/** These bills, oldest first, are all there. … ‖ 2 ‖ (period u32 ‖ keyEpoch u32 ‖ R (64))… */
export function confirmBills(
  viewKey: ViewKey,
  systemId: SystemId,
  bills: readonly Bill[],
): Uint8Array {
  const parts = bills.flatMap((b) => [intToBytes(b.period, 4), intToBytes(b.keyEpoch, 4), b.r]);
  return confirm({ viewKey, systemId, kind: 2, parts });
}

function confirm({
  viewKey,
  systemId,
  kind,
  parts,
}: {
  readonly viewKey: ViewKey;
  readonly systemId: SystemId;
  readonly kind: number;
  readonly parts: readonly Uint8Array[];
}): Uint8Array {
  const message = concatBytes(CONFIRMATION_TAG, systemId, Uint8Array.of(kind), ...parts);
  return hmac(sha256, viewKey, message);
}
