/** What every store of one process has in common: transactions run one after the other. */
import { storeErrors } from "./errors.js";
import type { Store, Transaction } from "./store.js";

/** The changes of one transaction: the new value of each key, `null` where it was deleted. */
export type Changes = ReadonlyMap<string, Uint8Array | null>;

/** What transactions that are done have left, durable or not. */
interface Entries {
  get(key: string): Uint8Array | undefined;
  /** Every entry whose key begins with `prefix`, in any order. */
  list(prefix: string): (readonly [string, Uint8Array])[];
}

export abstract class SerialStore implements Store {
  /** The end of the queue of transactions. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;
  readonly #entries: Entries = {
    get: (key) => this.get(key),
    list: (prefix) => this.list(prefix),
  };
  /** The failure that last undid transactions which had been run, and how many there were. */
  protected undone: { count: number; error: unknown } = { count: 0, error: undefined };

  async transaction<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      if (this.#closed) throw storeErrors.error("closed", "the store is closed");
      const before = this.undone.count;
      const tx = new PendingTransaction(this.#entries);
      const result = await body(tx);
      // What the body has read may have been undone while it waited.
      if (this.undone.count !== before) throw this.undone.error;
      return { result, durable: this.commit(tx.changes) };
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

  protected abstract get(key: string): Uint8Array | undefined;
  protected abstract list(prefix: string): (readonly [string, Uint8Array])[];

  /**
   * Makes the changes visible to the next transaction. Resolves when they, and all before them, are
   * durable. Called in the order of commits.
   */
  protected abstract commit(changes: Changes): Promise<void>;

  /** Lets go of what the store holds open. */
  protected abstract release(): Promise<void>;
}

class PendingTransaction implements Transaction {
  readonly changes = new Map<string, Uint8Array | null>();

  constructor(private readonly committed: Entries) {}

  async get(key: string): Promise<Uint8Array | undefined> {
    const changed = this.changes.get(key);
    if (changed !== undefined) return changed ?? undefined;
    return this.committed.get(key);
  }

  async list(prefix: string): Promise<readonly (readonly [string, Uint8Array])[]> {
    const found = new Map(this.committed.list(prefix));
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
