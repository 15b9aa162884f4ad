/** A transaction that is under way: what it has changed, over what is committed. */
import type { Transaction } from "./store.js";

/** The changes of one transaction: the new value of each key, `null` where it was deleted. */
export type Changes = ReadonlyMap<string, Uint8Array | null>;

/** What transactions that are done have left. */
export interface Entries {
  get(key: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Every entry whose key begins with `prefix`, in any order. */
  list(prefix: string): Listed | Promise<Listed>;
}
type Listed = readonly (readonly [string, Uint8Array])[];

export class PendingTransaction implements Transaction {
  readonly changes = new Map<string, Uint8Array | null>();

  constructor(private readonly committed: Entries) {}

  async get(key: string): Promise<Uint8Array | undefined> {
    const changed = this.changes.get(key);
    if (changed !== undefined) return changed ?? undefined;
    return this.committed.get(key);
  }

  async list(prefix: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    const found = new Map(await this.committed.list(prefix));
    for (const [key, value] of this.changes) {
      if (!key.startsWith(prefix)) continue;
      if (value === null) found.delete(key);
      else found.set(key, value);
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  put(key: string, value: Uint8Array): void {
    // A copy: the caller may reuse its buffer. (`from` goes byte by byte.)
    this.changes.set(key, new Uint8Array(value));
  }

  delete(key: string): void {
    this.changes.set(key, null);
  }
}
