/**
 * The file format of the durable store: a header, then frames that are only ever appended. One frame
 * holds the changes of one or more whole transactions and is synced before the next is written.
 *
 *     header:  "sipster/store@1\n" ‖ 16 random bytes that name this file ‖ checksum 16
 *     frame:   length u32 ‖ sequence u64 ‖ checksum 16 ‖ payload of `length` bytes
 *     payload: ( 1 ‖ key length u32 ‖ key ‖ value length u32 ‖ value  |  0 ‖ key length u32 ‖ key )…
 *
 * The checksum of the header is the first half of SHA-256 of what is before it; that of a frame, of
 * SHA-256(name ‖ sequence ‖ payload). They find accidents, not forgery, which somebody who can write
 * the file could do anyway. Damage to the last frame alone looks like a write that was cut off.
 */
import { createHash } from "node:crypto";
import { storeErrors } from "./errors.js";
import type { Changes } from "./serial-store.js";

const MAGIC = Buffer.from("sipster/store@1\n", "ascii");
export const NAME_BYTES = 16;
const CHECKSUM_BYTES = 16;
const HEADER_BYTES = MAGIC.length + NAME_BYTES + CHECKSUM_BYTES;
const FRAME_HEADER_BYTES = 4 + 8 + CHECKSUM_BYTES;

export function encodeHeader(name: Uint8Array): Buffer {
  return Buffer.concat([MAGIC, name, checksum(MAGIC, name)]);
}

export function encodeFrame(name: Uint8Array, sequence: bigint, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(4 + 8);
  head.writeUInt32BE(payload.length, 0);
  head.writeBigUInt64BE(sequence, 4);
  return Buffer.concat([head, checksum(name, head.subarray(4), payload), payload]);
}

export function encodeChanges(changes: Changes): Buffer {
  const parts: Uint8Array[] = [];
  for (const [key, value] of changes) {
    parts.push(Buffer.of(value === null ? 0 : 1), ...sized(Buffer.from(key, "utf8")));
    if (value !== null) parts.push(...sized(value));
  }
  return Buffer.concat(parts);
}

export interface JournalContent {
  readonly name: Uint8Array;
  readonly changes: readonly Changes[];
  readonly nextSequence: bigint;
  /** Where the last whole frame ends. What follows was being written when the process died. */
  readonly validBytes: number;
}

/**
 * Reads a whole journal. An incomplete frame at the end was never confirmed to anybody and is left
 * out. A bad frame that a good one follows was confirmed, since frames are synced one by one: then
 * the file is damaged.
 * @throws store/damaged
 */
export function parseJournal(bytes: Buffer, path: string): JournalContent {
  const damaged = (why: string, offset: number) =>
    storeErrors.error("damaged", `${path} is damaged at byte ${offset}: ${why}`, { path, offset });
  const name = bytes.subarray(MAGIC.length, MAGIC.length + NAME_BYTES);
  if (!bytes.subarray(0, HEADER_BYTES).equals(encodeHeader(name))) {
    throw damaged("it does not begin as a store does", 0);
  }
  const changes: Changes[] = [];
  let offset = HEADER_BYTES;
  let sequence = 0n;
  for (;;) {
    const payload = frameAt(bytes, offset, name, sequence);
    if (payload === null) break;
    changes.push(decodeChanges(payload));
    offset += FRAME_HEADER_BYTES + payload.length;
    sequence++;
  }
  const later = findLaterFrame(bytes, offset + 1, name, sequence);
  if (later !== null) throw damaged(`a good frame follows at byte ${later}`, offset);
  return { name, changes, nextSequence: sequence, validBytes: offset };
}

/** The payload of the frame with this sequence number at `offset`, or `null` if there is none. */
function frameAt(bytes: Buffer, offset: number, name: Uint8Array, sequence: bigint): Buffer | null {
  const start = offset + FRAME_HEADER_BYTES;
  if (start > bytes.length) return null;
  const end = start + bytes.readUInt32BE(offset);
  const sequenceBytes = bytes.subarray(offset + 4, offset + 12);
  if (end > bytes.length || bytes.readBigUInt64BE(offset + 4) !== sequence) return null;
  const payload = bytes.subarray(start, end);
  const expected = checksum(name, sequenceBytes, payload);
  return expected.equals(bytes.subarray(offset + 12, start)) ? payload : null;
}

/** Where a frame with a sequence number above `sequence` begins, from `from` on. */
function findLaterFrame(
  bytes: Buffer,
  from: number,
  name: Uint8Array,
  sequence: bigint,
): number | null {
  for (let offset = from; offset + FRAME_HEADER_BYTES <= bytes.length; offset++) {
    const claimed = bytes.readBigUInt64BE(offset + 4);
    // More frames than bytes cannot follow; this spares nearly every checksum.
    if (claimed <= sequence || claimed > sequence + BigInt(bytes.length)) continue;
    if (frameAt(bytes, offset, name, claimed) !== null) return offset;
  }
  return null;
}

function decodeChanges(payload: Buffer): Changes {
  const changes = new Map<string, Uint8Array | null>();
  let at = 0;
  const take = (): Buffer => {
    const length = payload.readUInt32BE(at);
    at += 4 + length;
    return payload.subarray(at - length, at);
  };
  while (at < payload.length) {
    const kind = payload[at++];
    const key = take().toString("utf8");
    changes.set(key, kind === 1 ? Uint8Array.from(take()) : null);
  }
  return changes;
}

function checksum(...parts: Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, CHECKSUM_BYTES);
}

function sized(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}
