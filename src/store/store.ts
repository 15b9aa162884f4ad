/**
 * Where the roles keep their books: keys and values in transactions. Written so that a database can
 * stand behind it: bodies may wait, and nothing is visible before it is durable.
 */

export interface Transaction {
  /** The value of a key, this transaction's own changes included. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Every entry whose key begins with `prefix`, ascending by key. */
  list(prefix: string): Promise<readonly (readonly [string, Uint8Array])[]>;
  put(key: string, value: Uint8Array): void;
  delete(key: string): void;
}

export interface Store {
  /**
   * Runs `body` as if alone (transactions are serialisable). If it returns, all of its changes are
   * made, and they are durable when the promise resolves; if it throws, none is. What a transaction
   * has read is durable too when its promise resolves, even if it changed nothing itself.
   * `body` must not start another transaction of the same store: it would wait for itself.
   * @throws store/closed, disk-full, write-failed, damaged, and what `body` throws
   */
  transaction<T>(body: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Waits for running transactions and lets go of the files. Later transactions are refused. */
  close(): Promise<void>;
}
