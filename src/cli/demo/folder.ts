/**
 * What a demonstration keeps: in memory, or, with `--out`, a folder with what each role would hold:
 *
 *   deployment.json          which contracts (for everyone)
 *   utility/                 the receipt key, the mint's keys (secret), the books of coins and tokens
 *   homes/<home>/meter.json  the meter's memory (secret)
 *   homes/<home>/resident/   the resident's secret and books
 *   bills/<home>.json        the bill and its combined receipt, to be settled
 *   relayer/                 with `--web`: bills that wait to be sent, and what is under way
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { FileMemory, VolatileMemory, type NonVolatileMemory } from "../../meter/index.js";
import {
  SqliteStore,
  MemoryStore,
  readFileIfPresent,
  replaceFile,
  type Store,
} from "../../store/index.js";

/** Name of a home's bill file. */
export function billName(home: string): string {
  return `bills/${encodeURIComponent(home)}.json`;
}

export interface DemoFolder {
  /** Where it is; `null` if nothing is kept. */
  readonly path: string | null;
  /** The text of a file; what `make` gives, and is then written, if there is none. */
  text(name: string, make: () => string): string;
  /** The text of a file, or `null`. */
  read(name: string): string | null;
  write(name: string, text: string): void;
  memory(name: string): NonVolatileMemory;
  store(name: string): Promise<Store>;
  /** Closes every store and memory. */
  close(): Promise<void>;
}

export function inMemory(): DemoFolder {
  const files = new Map<string, string>();
  return {
    path: null,
    text(name, make) {
      const text = files.get(name) ?? make();
      files.set(name, text);
      return text;
    },
    read: (name) => files.get(name) ?? null,
    write: (name, text) => void files.set(name, text),
    memory: () => new VolatileMemory(),
    store: () => Promise.resolve(new MemoryStore()),
    close: () => Promise.resolve(),
  };
}

/** Files of mode 0600, each written whole or not at all. */
export function onDisk(path: string): DemoFolder {
  const opened: { close(): unknown }[] = [];
  const place = (name: string): string => {
    const full = join(path, name);
    mkdirSync(join(full, ".."), { recursive: true, mode: 0o700 });
    return full;
  };
  const read = (name: string): string | null => {
    const bytes = readFileIfPresent(join(path, name));
    return bytes === null ? null : new TextDecoder().decode(bytes);
  };
  const write = (name: string, text: string): void => {
    replaceFile(place(name), utf8ToBytes(text));
  };
  return {
    path,
    read,
    write,
    text(name, make) {
      const existing = read(name);
      if (existing !== null) return existing;
      const text = make();
      write(name, text);
      return text;
    },
    memory(name) {
      const memory = new FileMemory(place(name));
      opened.push(memory);
      return memory;
    },
    async store(name) {
      const store = await SqliteStore.open(place(name));
      opened.push(store);
      return store;
    },
    async close() {
      await Promise.all(opened.map((o) => o.close()));
    },
  };
}
