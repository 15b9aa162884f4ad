/**
 * One-time pseudonyms and keys (Oksuz, IJNSA 12(2), 2020), different in every interval and for every
 * report of it. Both come from a leaf of the meter's GGM tree, which the meter punctures when the
 * interval is over: a meter that is opened tomorrow does not tell what it sent today.
 *
 *     k  = GGM(root, interval · 256 + index)
 *     pn = HMAC-SHA256(k, tag ‖ interval ‖ index)
 *     t  = HMAC-SHA256(k, tag' ‖ interval ‖ index) mod n
 *     sk' = sk + t,  pk' = pk + t·G
 *
 * Anyone who holds the tree and pk, as the registrar does, computes (pn, pk') and cannot sign.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import { hmacSha256 } from "../channel/onion/index.js";
import { intToBytes } from "../algebra/index.js";
import { scalarFromHash } from "./curve.js";
import { ledgerErrors } from "./errors.js";
import type { PuncturablePrf } from "./ggm.js";
import { TAGS } from "./tags.js";

/** Reports of one meter in one interval that have a pseudonym. */
export const INDICES = 256;
/** Intervals are numbered below this, so that interval and index make a leaf of the tree. */
export const MAX_INTERVALS = 2 ** 24;

/** Number of an interval: whole interval lengths since 1970-01-01T00:00Z. */
export type IntervalNumber = number;

declare const pseudonymBrand: unique symbol;
/** 32 bytes that name one report and nothing else. */
export type Pseudonym = Uint8Array & { readonly [pseudonymBrand]: true };
export const PSEUDONYM_BYTES = 32;

export interface OneTime {
  readonly pseudonym: Pseudonym;
  /** t: what is added to the meter's secret key. */
  readonly tweak: bigint;
}

/** The first leaf of an interval. @throws ledger/interval-range */
export function firstLeaf(interval: IntervalNumber): number {
  if (!Number.isInteger(interval) || interval < 0 || interval >= MAX_INTERVALS) {
    throw ledgerErrors.error(
      "interval-range",
      `interval ${interval} is not a whole number from 0 to ${MAX_INTERVALS - 1}`,
      { interval },
    );
  }
  return interval * INDICES;
}

/**
 * Pseudonyms and tweaks of an interval, one for each index, which are below `count`.
 * @throws ledger/interval-range, ledger/leaf-gone
 */
export function oneTimes({
  tree,
  interval,
  count,
  indices = Array.from({ length: count }, (_, i) => i),
}: {
  readonly tree: PuncturablePrf;
  readonly interval: IntervalNumber;
  readonly count: number;
  readonly indices?: readonly number[];
}): OneTime[] {
  const leaves = tree.evaluateRange(firstLeaf(interval), count);
  return indices.map((index) => {
    const place = concatBytes(intToBytes(interval, 4), Uint8Array.of(index));
    const k = leaves[index]!;
    return {
      pseudonym: hmacSha256(k, TAGS.pseudonym, place) as Pseudonym,
      tweak: scalarFromHash(hmacSha256(k, TAGS.keyTweak, place)),
    };
  });
}
