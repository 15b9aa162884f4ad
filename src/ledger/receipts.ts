/**
 * Receipts: the control centre signs, for each packet, one hash over eight salted leaves, one for each report
 * that it admitted and padding for the rest. A challenge shows one leaf and says nothing about the others.
 */
import { chacha20 } from "@noble/ciphers/chacha.js";
import { hmacSha256 } from "../channel/onion/index.js";
import { eip712Type, equalBytes } from "../algebra/index.js";
import { keccak256 } from "./keccak.js";
import { PSEUDONYM_BYTES, type IntervalNumber, type Pseudonym } from "./one-time-key.js";
import { PRESENCE, type Slot } from "./parcels.js";
import type { Report } from "./report.js";
import { TAGS } from "./tags.js";

export const RECEIPT_LEAVES = 8;
const SALT_BYTES = 32;
const LEAF = eip712Type("ReceiptLeaf(bytes32 salt,bytes32 pseudonym,uint8 category)");
const zeroNonce = new Uint8Array(12);
/** What a padding leaf is of: no report has it. */
const PADDING = { pseudonym: new Uint8Array(32), category: 0xff };

/** One leaf of a signed receipt, with what it is of: it convinces anyone. */
export interface Claim {
  readonly interval: IntervalNumber;
  /** All eight, in order. */
  readonly leaves: readonly Uint8Array[];
  /** The one that is shown. */
  readonly which: number;
  readonly salt: Uint8Array;
  readonly pseudonym: Pseudonym;
  readonly category: Slot;
  /** The control centre's signature of the receipt, under a receipt key. */
  readonly signature: Uint8Array;
}

/** The salts of a packet's leaves, from the packet's secret. */
export function receiptSalts(secret: Uint8Array): Uint8Array[] {
  const stream = chacha20(
    hmacSha256(secret, TAGS.receiptSalt),
    zeroNonce,
    new Uint8Array(RECEIPT_LEAVES * SALT_BYTES),
  );
  return Array.from({ length: RECEIPT_LEAVES }, (_, i) =>
    stream.slice(i * SALT_BYTES, (i + 1) * SALT_BYTES),
  );
}

/**
 * The leaves for a packet: number i is of report i if it is covered.
 * @param covered reports by their number in the packet.
 */
export function receiptLeaves(
  salts: readonly Uint8Array[],
  covered: ReadonlyMap<number, Pick<Report, "pseudonym" | "category">>,
): Uint8Array[] {
  return salts.map((salt, i) => leafOf(salt, covered.get(i) ?? PADDING));
}

/** Does the claim show the leaf of a report that it says? Padding is of none. The signature is another question. */
export function isClaimWhole(claim: Claim): boolean {
  const leaf = claim.leaves[claim.which];
  const isShaped =
    claim.leaves.length === RECEIPT_LEAVES &&
    claim.salt.length === SALT_BYTES &&
    claim.pseudonym.length === PSEUDONYM_BYTES &&
    claim.category <= PRESENCE;
  return isShaped && leaf !== undefined && equalBytes(leaf, leafOf(claim.salt, claim));
}

/** What a leaf is of, one at a time: type ‖ salt ‖ pseudonym ‖ category. */
const packed = new Uint8Array(97);
packed.set(LEAF);

function leafOf(
  salt: Uint8Array,
  { pseudonym, category }: { readonly pseudonym: Uint8Array; readonly category: number },
): Uint8Array {
  packed.set(salt, 32);
  packed.set(pseudonym, 64);
  packed[96] = category;
  return keccak256(packed);
}
