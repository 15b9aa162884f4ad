/**
 * A durable store in one file: everything in memory, every change appended to a journal and synced
 * before it is confirmed. Transactions that arrive while a sync runs share the next one.
 */
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { storeErrors } from "./errors.js";
import { encodeChanges, encodeFrame, encodeHeader, NAME_BYTES, parseJournal } from "./journal.js";
import { lockFile } from "./lock-file.js";
import { applyChanges, SerialStore, type Changes } from "./serial-store.js";
import { replaceFile } from "./replace-file.js";

/** A journal is rewritten when it is opened if it is this large, and four times its content. */
const COMPACT_FROM_BYTES = 1 << 20;

export class FileStore extends SerialStore {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #unlock: () => void;
  readonly #name: Uint8Array;
  #sequence: bigint;
  #end: number;
  #pending: Buffer[] = [];
  /** The write that will carry what is pending; `null` if nothing is. */
  #next: Promise<void> | null = null;
  /** The last write that was started or is to come. */
  #last: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, unlock: () => void, journal: Journal) {
    super();
    this.#path = path;
    this.#file = file;
    this.#unlock = unlock;
    this.#name = journal.name;
    this.#sequence = journal.nextSequence;
    this.#end = journal.bytes;
    applyChanges(this.entries, journal.entries);
  }

  /**
   * Opens the store in the file `path`, or makes it. The directory must exist; the file and the lock
   * file beside it have mode 0600.
   * @param openFile `open` of `node:fs/promises`, or something that fails like it
   * @throws store/locked, store/damaged, store/write-failed
   */
  static async open(path: string, openFile: typeof open = open): Promise<FileStore> {
    const unlock = lockFile(`${path}.lock`);
    try {
      const journal = loadJournal(path);
      return new FileStore(path, await openFile(path, "r+"), unlock, journal);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  protected makeDurable(changes: Changes): Promise<void> {
    if (changes.size > 0) {
      this.#pending.push(encodeChanges(changes));
      if (this.#next === null) {
        // After a failed write nothing is written any more: only opening again tells what is on disk.
        this.#next = this.#last.then(() => this.#write());
        this.#last = this.#next;
        // A failure reaches every transaction that waits for it; perhaps none does.
        this.#last.catch(() => undefined);
      }
    }
    return this.#last;
  }

  async #write(): Promise<void> {
    const frame = encodeFrame(this.#name, this.#sequence, Buffer.concat(this.#pending));
    this.#pending = [];
    this.#next = null;
    try {
      for (let done = 0; done < frame.length;) {
        const position = this.#end + done;
        done += (await this.#file.write(frame, done, frame.length - done, position)).bytesWritten;
      }
      await this.#file.datasync();
    } catch (error) {
      const path = this.#path;
      throw storeErrors.error("write-failed", `${path} could not be written`, { path }, error);
    }
    this.#end += frame.length;
    this.#sequence++;
  }

  protected async release(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#file.close();
    this.#unlock();
  }
}

/** A journal that is whole: frames may be appended to it. */
interface Journal {
  readonly name: Uint8Array;
  readonly entries: ReadonlyMap<string, Uint8Array>;
  readonly nextSequence: bigint;
  readonly bytes: number;
}

function loadJournal(path: string): Journal {
  // A journal appears complete with its header, or not at all.
  if (!existsSync(path)) replaceFile(path, encodeHeader(randomBytes(NAME_BYTES)));
  const file = readFileSync(path);
  const { name, changes, nextSequence, validBytes } = parseJournal(file, path);
  const entries = new Map<string, Uint8Array>();
  for (const change of changes) applyChanges(entries, change);
  if (file.length >= COMPACT_FROM_BYTES) {
    const content = encodeChanges(entries);
    if (file.length > 4 * content.length) return rewriteJournal(path, entries, content);
  }
  // Otherwise the next frame would stand behind the torn one.
  if (validBytes < file.length) truncate(path, validBytes);
  return { name, entries, nextSequence, bytes: validBytes };
}

function rewriteJournal(
  path: string,
  entries: ReadonlyMap<string, Uint8Array>,
  content: Buffer,
): Journal {
  const name = randomBytes(NAME_BYTES);
  const file = Buffer.concat([encodeHeader(name), encodeFrame(name, 0n, content)]);
  replaceFile(path, file);
  return { name, entries, nextSequence: 1n, bytes: file.length };
}

function truncate(path: string, length: number): void {
  const file = openSync(path, "r+");
  try {
    ftruncateSync(file, length);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
