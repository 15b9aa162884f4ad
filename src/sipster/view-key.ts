/**
 * The view key k_view and what derives from it. Meter and resident share it; the utility never has
 * it. Whoever holds it can list a meter's tokens and open its bills, and can neither sign nor pay.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { bytesToInt, GROUP_ORDER, intToBytes } from "../algebra/index.js";
import { BLIND_TAG, SEED_TAG, SHARE_TAG, VIEW_KEY_TAG } from "./domains.js";
import { sipsterErrors } from "./errors.js";
import type { SystemId } from "./system.js";

declare const brand: unique symbol;

/** 32 secret bytes. */
export type ViewKey = Uint8Array & { readonly [brand]: "ViewKey" };
/** 32 bytes, public once its token is paid. */
export type Seed = Uint8Array & { readonly [brand]: "Seed" };

/**
 * The view key made at installation from the meter's share, to which it has committed before, and
 * the resident's: neither chooses the result alone. Shares have 32 bytes.
 * @throws sipster/bad-view-key
 */
export function deriveViewKey(
  systemId: SystemId,
  meterShare: Uint8Array,
  residentShare: Uint8Array,
): ViewKey {
  if (meterShare.length !== 32 || residentShare.length !== 32) {
    throw sipsterErrors.error(
      "bad-view-key",
      `the shares have ${meterShare.length} and ${residentShare.length} bytes, not 32 each`,
    );
  }
  const secret = concatBytes(meterShare, residentShare);
  return hkdf(sha256, secret, systemId, VIEW_KEY_TAG, 32) as ViewKey;
}

/**
 * What the meter publishes of its share before it learns the resident's: sha256(tag ‖ share). The
 * share has 256 bits of entropy, so the commitment hides it without further randomness.
 */
export function commitToShare(meterShare: Uint8Array): Uint8Array {
  return sha256(concatBytes(SHARE_TAG, meterShare));
}

/** @throws sipster/bad-view-key */
export function parseViewKey(bytes: Uint8Array): ViewKey {
  if (bytes.length !== 32) {
    throw sipsterErrors.error("bad-view-key", `a view key has 32 bytes, not ${bytes.length}`);
  }
  return bytes as ViewKey;
}

/** seedᵢ = HMAC-SHA256(k_view, tag ‖ systemId ‖ keyEpoch u32 ‖ i u64). */
export function deriveSeed(
  viewKey: ViewKey,
  systemId: SystemId,
  keyEpoch: number,
  index: bigint,
): Seed {
  const message = concatBytes(SEED_TAG, systemId, intToBytes(keyEpoch, 4), intToBytes(index, 8));
  return hmac(sha256, viewKey, message) as Seed;
}

/** r = HMAC-SHA512(k_view, tag ‖ systemId ‖ period u32) mod ℓ: the blinding factor of a bill. */
export function deriveBlinding(viewKey: ViewKey, systemId: SystemId, period: number): bigint {
  const message = concatBytes(BLIND_TAG, systemId, intToBytes(period, 4));
  return bytesToInt(hmac(sha512, viewKey, message)) % GROUP_ORDER;
}
