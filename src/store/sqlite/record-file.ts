/**
 * One record in a file, read and replaced as a whole and synchronously: the memory of a device that
 * must not forget what it has confirmed. One process at a time has it open.
 */
import { EntryFile } from "./entry-file.js";

const KEY = "record";

export class RecordFile {
  readonly #file: EntryFile;
  #broken: unknown = null;

  private constructor(file: EntryFile) {
    this.#file = file;
  }

  /**
   * Opens the file `path`, or makes it, with mode 0600. The folder must exist.
   * @throws store/locked, no-folder, no-access, disk-full, not-a-store, newer, damaged, rolled-back,
   *   write-failed
   */
  static open(path: string): RecordFile {
    return new RecordFile(EntryFile.open(path));
  }

  /** The record; `null` if none was written yet. */
  read(): Uint8Array | null {
    this.#refuseIfBroken();
    return this.#file.get(KEY) ?? null;
  }

  /**
   * Replaces the record. When it returns, the new one survives a power cut; if it throws, the old
   * one is kept, and nothing is read or written until the file is opened again.
   * @throws store/disk-full, write-failed
   */
  write(record: Uint8Array): void {
    this.#refuseIfBroken();
    try {
      this.#file.change(new Map([[KEY, record]]));
      this.#file.commit();
    } catch (error) {
      this.#file.rollback();
      this.#broken = error;
      throw error;
    }
  }

  /** Lets go of the file. */
  close(): void {
    this.#file.close();
  }

  #refuseIfBroken(): void {
    if (this.#broken !== null) throw this.#broken;
  }
}
