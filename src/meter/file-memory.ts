/** Non-volatile memory in a file of mode 0600. */
import { readFileIfPresent, replaceFile } from "../store/index.js";
import type { NonVolatileMemory } from "./memory.js";

export class FileMemory implements NonVolatileMemory {
  constructor(private readonly path: string) {}

  read(): Uint8Array | null {
    return readFileIfPresent(this.path);
  }

  /** Writes beside, syncs, renames, syncs the directory. @throws store/write-failed */
  write(record: Uint8Array): void {
    replaceFile(this.path, record);
  }
}
