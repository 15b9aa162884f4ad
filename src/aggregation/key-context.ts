/** What a key is for, and the 32 bytes that name it in every message and derivation. */
import { sha3_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { equalBytes, intToBytes } from "../algebra/index.js";
import { aggregationErrors } from "./errors.js";
import type { Roster } from "./roster.js";
import { sized, tagged, tags, type Tag } from "./tags.js";

/** What a key is for: one stream of values of one group during one epoch. */
export interface KeyContext {
  readonly rosterHash: Uint8Array;
  /** What the values are, e.g. `"load-wh"`. */
  readonly stream: string;
  /** Counts the keys of this stream: a new one at the latest every `LABELS_PER_KEY` labels. */
  readonly epoch: number;
  /** 32 bytes that stand for all of the above. */
  readonly id: Uint8Array;
}

/** For the lattice scheme. */
export function keyContext(roster: Roster, stream: string, epoch: number): KeyContext {
  return contextOf(tags.keyContext, roster, { stream, epoch });
}

/** For the inner-product scheme: no message of one scheme belongs to the other. */
export function dmcfeContext(roster: Roster, stream: string, epoch: number): KeyContext {
  return contextOf(tags.dmcfeContext, roster, { stream, epoch });
}

function contextOf(
  tag: Tag,
  { hash }: Roster,
  { stream, epoch }: Pick<KeyContext, "stream" | "epoch">,
): KeyContext {
  const id = sha3_256(tagged(tag, hash, sized(utf8ToBytes(stream)), intToBytes(epoch, 4)));
  return { rosterHash: hash, stream, epoch, id };
}

/** @throws aggregation/wrong-roster */
export function checkContext(context: KeyContext, id: Uint8Array, what: string): void {
  if (!equalBytes(context.id, id)) {
    throw aggregationErrors.error(
      "wrong-roster",
      `${what} belongs to another roster, stream or epoch than "${context.stream}", epoch ${context.epoch}`,
      { stream: context.stream, epoch: context.epoch, got: bytesToHex(id) },
    );
  }
}
