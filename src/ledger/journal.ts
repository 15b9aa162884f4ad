/**
 * An append-only file of frames. A frame is on the disk when `append` returns; a crash can leave at
 * most the last frame incomplete, and that one is dropped when the file is opened again. So whatever
 * is told to others after `append` is never forgotten.
 *
 *     frame = length (4) ‖ payload ‖ first 8 bytes of SHA-256(length ‖ payload)
 */
import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { equalBytes, intToBytes } from "../algebra/index.js";
import { ledgerErrors } from "./errors.js";

const LENGTH_BYTES = 4;
const CHECK_BYTES = 8;

function frame(payload: Uint8Array): Uint8Array {
  const body = concatBytes(intToBytes(payload.length, LENGTH_BYTES), payload);
  return concatBytes(body, sha256(body).subarray(0, CHECK_BYTES));
}

/** The payload of the frame at `offset`; undefined if the bytes are no frame. */
function payloadAt(bytes: Uint8Array, offset: number): Uint8Array | undefined {
  if (offset + LENGTH_BYTES + CHECK_BYTES > bytes.length) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset + offset).getUint32(0);
  const start = offset + LENGTH_BYTES;
  if (start + length + CHECK_BYTES > bytes.length) return undefined;
  const payload = bytes.slice(start, start + length);
  const expected = frame(payload);
  const found = bytes.subarray(offset, offset + expected.length);
  return equalBytes(found, expected) ? payload : undefined;
}

export class Journal {
  #broken = false;

  private constructor(private readonly file: FileHandle) {}

  /**
   * Opens the file, creating it if it is not there, and gives its frames in order.
   * @throws ledger/journal-damaged if a frame that is not the last one cannot be read
   */
  static async open(
    path: string,
  ): Promise<{ readonly journal: Journal; readonly frames: readonly Uint8Array[] }> {
    const file = await open(path, "a+", 0o600);
    const { frames, end, size } = await readFrames(file, path).catch(async (error: unknown) => {
      await file.close();
      throw error;
    });
    if (end < size) await file.truncate(end);
    await file.sync();
    await syncDirectory(dirname(path));
    return { journal: new Journal(file), frames };
  }

  /**
   * Appends one frame; it survives a crash once the promise is fulfilled. After a failure nothing is
   * appended any more, since it would come behind an incomplete frame: open the file again.
   * @throws ledger/journal-write
   */
  async append(payload: Uint8Array): Promise<void> {
    try {
      if (this.#broken) throw new Error("an earlier write failed");
      await this.file.appendFile(frame(payload));
      await this.file.datasync();
    } catch (error) {
      this.#broken = true;
      throw ledgerErrors.error("journal-write", "the journal could not be written", {}, error);
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

async function readFrames(
  file: FileHandle,
  path: string,
): Promise<{ frames: Uint8Array[]; end: number; size: number }> {
  const bytes = new Uint8Array(await file.readFile());
  const frames: Uint8Array[] = [];
  let end = 0;
  for (
    let payload = payloadAt(bytes, end);
    payload !== undefined;
    payload = payloadAt(bytes, end)
  ) {
    frames.push(payload);
    end += LENGTH_BYTES + payload.length + CHECK_BYTES;
  }
  // Only the frame being written can be incomplete: one that is followed by a good one was damaged.
  for (let offset = end + 1; offset < bytes.length; offset++) {
    if (payloadAt(bytes, offset) !== undefined) {
      throw ledgerErrors.error(
        "journal-damaged",
        `${path} cannot be read at byte ${end}, though it goes on at byte ${offset}`,
        { path, offset: end },
      );
    }
  }
  return { frames, end, size: bytes.length };
}

/** A new file is safe only when its directory entry is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
