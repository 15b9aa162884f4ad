/** What every store of one process has in common: the content in memory, transactions one by one. */
import { storeErrors } from "./errors.js";
import type { Store, Transaction } from "./store.js";

/** The changes of one transaction: the new value of each key, `null` where it was deleted. */
export type Changes = ReadonlyMap<string, Uint8Array | null>;

export abstract class SerialStore implements Store {
  protected readonly entries = new Map<string, Uint8Array>();
  /** The end of the queue of transactions. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  async transaction<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      if (this.#closed) throw storeErrors.error("closed", "the store is closed");
      const tx = new PendingTransaction(this.entries);
      const result = await body(tx);
      applyChanges(this.entries, tx.changes);
      return { result, durable: this.makeDurable(tx.changes) };
    });
    // The next transaction starts while this one is being written: it sees the changes, and is
    // itself not confirmed before they are.
    this.#last = turn.catch(() => undefined);
    const { result, durable } = await turn;
    await durable;
    return result;
  }

  async close(): Promise<void> {
    const release = this.#last.then(async () => {
      if (this.#closed) return;
      this.#closed = true;
      await this.release();
    });
    this.#last = release.catch(() => undefined);
    await release;
  }

  /** Resolves when these changes, and all before them, are durable. Called in the order of commits. */
  protected abstract makeDurable(changes: Changes): Promise<void>;

  /** Lets go of what the store holds open. */
  protected abstract release(): Promise<void>;
}

export function applyChanges(entries: Map<string, Uint8Array>, changes: Changes): void {
  for (const [key, value] of changes) {
    if (value === null) entries.delete(key);
    else entries.set(key, value);
  }
}

class PendingTransaction implements Transaction {
  readonly changes = new Map<string, Uint8Array | null>();

  constructor(private readonly committed: ReadonlyMap<string, Uint8Array>) {}

  async get(key: string): Promise<Uint8Array | undefined> {
    const changed = this.changes.get(key);
    if (changed !== undefined) return changed ?? undefined;
    return this.committed.get(key);
  }

  async list(prefix: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    const found = new Map([...this.committed].filter(([key]) => key.startsWith(prefix)));
    for (const [key, value] of this.changes) {
      if (!key.startsWith(prefix)) continue;
      if (value === null) found.delete(key);
      else found.set(key, value);
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  put(key: string, value: Uint8Array): void {
    // A copy: the caller may reuse its buffer.
    this.changes.set(key, Uint8Array.from(value));
  }

  delete(key: string): void {
    this.changes.set(key, null);
  }
}
