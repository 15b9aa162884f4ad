/**
 * What a demonstration keeps: in memory, or, with `--out`, a folder with what each role would hold:
 *
 *   keyring.json             how the passphrase is stretched that seals the secrets
 *   deployment.json          which contracts (for everyone)
 *   utility/keys/            the receipt key, the mint's keys, the notice key: sealed, a file each
 *   utility/books            coins and tokens that were paid
 *   homes/<home>/meter.store the meter's memory, which the meter itself protects
 *   homes/<home>/resident/   the resident's secret and books: sealed
 *   bills/<home>.json        the bill and its combined receipt, to be settled
 *   relayer/                 with `--web`: bills that wait to be sent, and what is under way
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { Keyring, SealedFile, sealedStore } from "../keystore/index.js";
import { FileMemory, VolatileMemory, type NonVolatileMemory } from "../meter/index.js";
import {
  SqliteStore,
  MemoryStore,
  readFileIfPresent,
  replaceFile,
  type Store,
} from "../store/index.js";

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
  /** A secret that is kept sealed; what `make` gives, and is then kept, if there is none. */
  secret(name: string, make: () => Uint8Array): Uint8Array;
  memory(name: string): NonVolatileMemory;
  /** Books; with their values sealed if they hold money or secrets. */
  store(name: string, how?: { sealed: boolean }): Promise<Store>;
  /** Closes every store and memory. */
  close(): Promise<void>;
}

export function inMemory(): DemoFolder {
  const files = new Map<string, string>();
  const secrets = new Map<string, Uint8Array>();
  return {
    path: null,
    text(name, make) {
      const text = files.get(name) ?? make();
      files.set(name, text);
      return text;
    },
    read: (name) => files.get(name) ?? null,
    write: (name, text) => void files.set(name, text),
    secret(name, make) {
      const secret = secrets.get(name) ?? make();
      secrets.set(name, secret);
      return secret;
    },
    memory: () => new VolatileMemory(),
    store: () => Promise.resolve(new MemoryStore()),
    close: () => Promise.resolve(),
  };
}

/**
 * Files of mode 0600, each written whole or not at all, and secrets sealed under the passphrase.
 * @throws keystore/wrong-passphrase and the other errors of opening a keyring
 */
export async function onDisk(path: string, passphrase: string): Promise<DemoFolder> {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const keyring = await Keyring.open(join(path, "keyring.json"), passphrase);
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
    secret: (name, make) => new SealedFile(keyring, place(name), name).readOrCreate(make),
    async store(name, { sealed } = { sealed: false }) {
      const store = await SqliteStore.open(place(name));
      opened.push(store);
      return sealed ? sealedStore(store, keyring, name) : store;
    },
    async close() {
      await Promise.all(opened.map((o) => o.close()));
    },
  };
}
