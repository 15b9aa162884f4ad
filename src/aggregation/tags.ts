/** Every domain-separation tag of this room, and how tagged messages are built. */
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";

export const tags = {
  enrolment: "sipster/aggregation/enrolment@1",
  roster: "sipster/aggregation/roster@1",
  pairwise: "sipster/aggregation/pairwise-secret@1",
  keyContext: "sipster/aggregation/key-context@1",
  keySeed: "sipster/aggregation/key-seed@1",
  keyMask: "sipster/aggregation/key-mask@1",
  label: "sipster/aggregation/label@1",
  repairMask: "sipster/aggregation/repair-mask@1",
  dmcfeContext: "sipster/aggregation/dmcfe/key-context@1",
  dmcfeLabel: "sipster/aggregation/dmcfe/label@1",
  dmcfeFunction: "sipster/aggregation/dmcfe/function@1",
  dmcfeWeights: "sipster/aggregation/dmcfe/weights@1",
  dmcfeZeroShare: "sipster/aggregation/dmcfe/zero-share@1",
} as const;
export type Tag = (typeof tags)[keyof typeof tags];

/**
 * The tag with its length, then the parts as they are: each part is of fixed length, or the caller
 * prefixes it with its own (`sized`). Two different lists of parts never give the same bytes.
 */
export function tagged(tag: Tag, ...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(sized(utf8ToBytes(tag)), ...parts);
}

/** A byte string of up to 65,535 bytes behind its length. */
export function sized(bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
}
