/**
 * The last confirmed change of a store, in a small file beside it: which store, and the number of
 * the change. It is written after each change is durable and is not synced, so that it costs nothing;
 * it may lag behind the store and never runs ahead of it. A store that is behind its mark has lost a
 * confirmed change: the last frame of its write-ahead log was altered and looks like a write that
 * was cut off, or an old copy stands in its place.
 *
 *     store id 16 ‖ number u64 ‖ first 8 bytes of SHA-256 of what is before
 */
import { createHash } from "node:crypto";
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";

const ID_BYTES = 16;
const MARK_BYTES = ID_BYTES + 8 + 8;

export interface Mark {
  readonly storeId: Uint8Array;
  readonly sequence: number;
}

export class CommitMark {
  readonly #file: number;

  constructor(readonly path: string) {
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  /** The mark; `null` if there is none that is whole (a new store, or a write that was cut off). */
  read(): Mark | null {
    const bytes = Buffer.alloc(MARK_BYTES);
    if (readSync(this.#file, bytes, 0, MARK_BYTES, 0) < MARK_BYTES) return null;
    const storeId = Uint8Array.from(bytes.subarray(0, ID_BYTES));
    const sequence = Number(bytes.readBigUInt64BE(ID_BYTES));
    return encode({ storeId, sequence }).equals(bytes) ? { storeId, sequence } : null;
  }

  write(mark: Mark): void {
    writeSync(this.#file, encode(mark), 0, MARK_BYTES, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function encode({ storeId, sequence }: Mark): Buffer {
  const bytes = Buffer.alloc(MARK_BYTES);
  bytes.set(storeId, 0);
  bytes.writeBigUInt64BE(BigInt(sequence), ID_BYTES);
  const checksum = createHash("sha256")
    .update(bytes.subarray(0, MARK_BYTES - 8))
    .digest();
  bytes.set(checksum.subarray(0, 8), MARK_BYTES - 8);
  return bytes;
}
