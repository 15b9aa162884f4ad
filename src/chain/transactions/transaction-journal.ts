/**
 * What was sent and is not known to be mined. An interrupted run leaves its transactions here, so
 * that the next one waits for them and does not pay a second time.
 */

export interface PendingTransaction {
  readonly hash: string;
  readonly from: string;
  readonly nonce: number;
}

export interface TransactionJournal {
  /** Durable when the promise resolves; called before the transaction leaves, where that is possible. */
  add(transaction: PendingTransaction): Promise<void>;
  remove(hash: string): Promise<void>;
  list(): Promise<PendingTransaction[]>;
}

/** For tests, demonstrations and browsers: forgets with the process. */
export function memoryJournal(): TransactionJournal {
  const pending = new Map<string, PendingTransaction>();
  return {
    async add(transaction) {
      pending.set(transaction.hash, transaction);
    },
    async remove(hash) {
      pending.delete(hash);
    },
    async list() {
      return [...pending.values()];
    },
  };
}
