/**
 * A file system in memory whose power is cut at a chosen operation. After the cut only what was
 * synced is certain: unsynced bytes are gone, and a rename whose directory was not synced has
 * happened or not, as the test chooses.
 */
import type { FileSystem } from "../../src/store/index.js";

interface File {
  content: Uint8Array;
  synced: Uint8Array;
}

export class PowerCut extends Error {}

export class PowerCutFs {
  #names = new Map<string, File>();
  #syncedNames = new Map<string, File>();
  readonly #open = new Map<number, File | "directory">();
  #nextDescriptor = 3;
  #operations = 0;

  /** `cutAt`: the number of the operation during which the power goes, counted from 0. */
  constructor(private readonly cutAt: number) {}

  get operations(): number {
    return this.#operations;
  }

  /** What is on disk after the cut; `renamesKept` decides about renames that were not synced. */
  afterCut(path: string, renamesKept: boolean): Uint8Array | undefined {
    return (renamesKept ? this.#names : this.#syncedNames).get(path)?.synced;
  }

  #step(): void {
    if (this.#operations++ === this.cutAt) throw new PowerCut();
  }

  readonly fs: FileSystem = {
    openSync: ((path: string, flags: string) => {
      this.#step();
      const descriptor = this.#nextDescriptor++;
      if (flags === "r") {
        this.#open.set(descriptor, "directory");
      } else {
        const file = { content: new Uint8Array(), synced: new Uint8Array() };
        this.#names.set(path, file);
        this.#open.set(descriptor, file);
      }
      return descriptor;
    }) as FileSystem["openSync"],
    fchmodSync: () => {
      this.#step();
    },
    writeSync: ((descriptor: number, bytes: Uint8Array, offset: number) => {
      this.#step();
      const file = this.#open.get(descriptor) as File;
      // Short writes, as the operating system may make them.
      const part = bytes.subarray(offset, offset + 20);
      file.content = Uint8Array.from([...file.content, ...part]);
      return part.length;
    }) as FileSystem["writeSync"],
    fsyncSync: (descriptor) => {
      this.#step();
      const file = this.#open.get(descriptor)!;
      if (file === "directory") this.#syncedNames = new Map(this.#names);
      else file.synced = file.content;
    },
    closeSync: (descriptor) => {
      this.#open.delete(descriptor);
    },
    renameSync: (from, to) => {
      this.#step();
      this.#names.set(String(to), this.#names.get(String(from))!);
      this.#names.delete(String(from));
    },
  };
}
