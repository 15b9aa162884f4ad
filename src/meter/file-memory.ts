/** Non-volatile memory in a file of mode 0600, open in one process at a time. */
import { RecordFile } from "../store/index.js";
import type { NonVolatileMemory } from "./memory.js";

export class FileMemory implements NonVolatileMemory {
  readonly #file: RecordFile;

  /** @throws store/locked and the other errors of opening a store */
  constructor(path: string) {
    this.#file = RecordFile.open(path);
  }

  read(): Uint8Array | null {
    return this.#file.read();
  }

  /** When it returns, the record survives a power cut. @throws store/disk-full, write-failed */
  write(record: Uint8Array): void {
    this.#file.write(record);
  }

  /** Lets go of the file, so that another process may open it. */
  close(): void {
    this.#file.close();
  }
}
