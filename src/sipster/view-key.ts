/**
 * The view key k_view and what derives from it. Meter and resident share it; the utility never has
 * it. Anyone who holds it can list a meter's tokens and open its bills, and can neither sign nor pay.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { bytesToInt, equalSecrets, GROUP_ORDER, intToBytes } from "../algebra/index.js";
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
 * the resident's: neither chooses the result alone. Shares have 32 bytes and are not all zeros, which
 * a generator that does not work would give.
 * @throws sipster/bad-view-key
 */
export function deriveViewKey(
  systemId: SystemId,
  meterShare: Uint8Array,
  residentShare: Uint8Array,
): ViewKey {
  checkShare(meterShare, "meter");
  checkShare(residentShare, "resident");
  const secret = concatBytes(meterShare, residentShare);
  return hkdf(sha256, secret, systemId, VIEW_KEY_TAG, 32) as ViewKey;
}

/**
 * What the meter publishes of its share before it learns the resident's: sha256(tag ‖ share). The
 * share has 256 bits of entropy, so the commitment hides it without further randomness.
 * @throws sipster/bad-view-key
 */
export function commitToShare(meterShare: Uint8Array): Uint8Array {
  checkShare(meterShare, "meter");
  return sha256(concatBytes(SHARE_TAG, meterShare));
}

/**
 * The resident's check of what it was told, and the view key that follows: the meter's share opens
 * the commitment that came before the resident's share was sent.
 * @throws sipster/broken-commitment, sipster/bad-view-key
 */
export function openViewKey(
  systemId: SystemId,
  shares: {
    readonly commitment: Uint8Array;
    readonly meterShare: Uint8Array;
    readonly residentShare: Uint8Array;
  },
): ViewKey {
  const { commitment, meterShare, residentShare } = shares;
  if (!equalSecrets(commitToShare(meterShare), commitment)) {
    throw sipsterErrors.error(
      "broken-commitment",
      "the meter's share is not the one that it committed to",
    );
  }
  return deriveViewKey(systemId, meterShare, residentShare);
}

function checkShare(share: Uint8Array, whose: string): void {
  if (share.length === 32 && share.some((byte) => byte !== 0)) return;
  const what = share.length === 32 ? "all zeros" : `${share.length} bytes and not 32`;
  throw sipsterErrors.error("bad-view-key", `the ${whose}'s share of the view key is ${what}`);
}

/** @throws sipster/bad-view-key */
export function parseViewKey(bytes: Uint8Array): ViewKey {
  if (bytes.length !== 32) {
    throw sipsterErrors.error("bad-view-key", `a view key has 32 bytes, not ${bytes.length}`);
  }
  return bytes as ViewKey;
}

/** Of one token: the n-th of its denomination (u64), counted over all periods of the meter. */
export interface TokenIndex {
  readonly keyEpoch: number;
  readonly denomination: number;
  readonly n: bigint;
}

/** seed = HMAC-SHA256(k_view, tag ‖ systemId ‖ keyEpoch u32 ‖ denomination u32 ‖ n u64). */
export function deriveSeed(
  viewKey: ViewKey,
  systemId: SystemId,
  { keyEpoch, denomination, n }: TokenIndex,
): Seed {
  const message = concatBytes(
    SEED_TAG,
    systemId,
    intToBytes(keyEpoch, 4),
    intToBytes(denomination, 4),
    intToBytes(n, 8),
  );
  return hmac(sha256, viewKey, message) as Seed;
}

/** r = HMAC-SHA512(k_view, tag ‖ systemId ‖ keyEpoch u32 ‖ period u32) mod ℓ: a bill's blinding factor. */
export function deriveBlinding(
  viewKey: ViewKey,
  systemId: SystemId,
  { keyEpoch, period }: { readonly keyEpoch: number; readonly period: number },
): bigint {
  const message = concatBytes(BLIND_TAG, systemId, intToBytes(keyEpoch, 4), intToBytes(period, 4));
  return bytesToInt(hmac(sha512, viewKey, message)) % GROUP_ORDER;
}
