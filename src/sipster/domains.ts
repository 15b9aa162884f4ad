/**
 * Domain separation: every hash and every signature of the settlement protocol has a tag of its
 * own, and all of them are here. A tag is its ASCII text, right-padded with zeros to 32 bytes.
 */
import { utf8ToBytes } from "@noble/hashes/utils.js";

function tag(text: string): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(utf8ToBytes(text));
  return bytes;
}

/** Hash-bound tokens to G1. */
export const TOKEN_TAG = tag("SIPSTER-V1-TOKEN-H1");
/** Token seeds from the view key. */
export const SEED_TAG = tag("SIPSTER-V1-SEED");
/** Blinding factors of bills from the view key. */
export const BLIND_TAG = tag("SIPSTER-V1-BLIND");
/** The meter's commitment to its share of the view key. */
export const SHARE_TAG = tag("SIPSTER-V1-SHARE");
/** The view key from the two shares. */
export const VIEW_KEY_TAG = tag("SIPSTER-V1-VIEW-KEY");
/** Weights of a batch of bills. */
export const BATCH_TAG = tag("SIPSTER-V1-BATCH");
/** Signatures of the classic suite's shared token key. */
export const CLASSIC_TOKEN_TAG = tag("SIPSTER-V1-CLASSIC-TOKEN");
/** The classic suite's per-token points and blinding factors from the view key. */
export const CLASSIC_SECRET_TAG = tag("SIPSTER-V1-CLASSIC-SECRET");
/** The wallet's confirmations to its meter, under the view key. */
export const CONFIRMATION_TAG = tag("SIPSTER-V1-CONFIRM");

/** EIP-712 domain of everything that is signed. */
export const EIP712_NAME = "Sipster";
export const EIP712_VERSION = "1";
/** EIP-712 type of a bill. */
export const BILL_TYPE = "Bill(uint32 period,uint32 keyEpoch,uint256 rx,uint256 ry)";
/** EIP-712 type of the notice that a key epoch begins with a period. */
export const KEY_NOTICE_TYPE = "KeyNotice(uint32 keyEpoch,uint32 firstPeriod,bytes32 keyHash)";
/** EIP-712 types of what the notice signer says to meters beside key notices. */
export const TARIFF_NOTICE_TYPE =
  "TariffNotice(bytes32 tariff,bytes32 successor,uint32 firstPeriod)";
export const TIME_NOTICE_TYPE = "TimeNotice(bytes32 nonce,uint64 time)";
export const REMOVAL_NOTICE_TYPE = "RemovalNotice(address meter)";
