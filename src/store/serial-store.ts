/** What every store of one process has in common: transactions run one after the other. */
import { storeErrors } from "./errors.js";
import { PendingTransaction, type Changes, type Entries } from "./pending-transaction.js";
import type { Store, Transaction } from "./store.js";

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
