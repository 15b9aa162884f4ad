/**
 * A store of keys and values in PostgreSQL, for any number of processes at once: transactions are
 * serialisable, and one that another has interrupted is run again. So a body may run several times,
 * and must do nothing but read and write its store.
 */
import { PendingTransaction, type Changes } from "../pending-transaction.js";
import type { Store, Transaction } from "../store.js";
import type { PostgresPool, Query } from "./postgres-pool.js";
import { TogetherReads } from "./together-reads.js";

export class PostgresStore implements Store {
  /**
   * @param book which books in the database: several may share one
   * @param pool is closed with the store
   */
  constructor(
    private readonly pool: PostgresPool,
    private readonly book: string,
  ) {}

  /** @throws store/closed, unreachable, outcome-unknown, disk-full, write-failed, what `body` throws */
  transaction<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.pool.transaction(
      { isolation: "SERIALIZABLE", idempotent: false },
      async (query) => {
        const reads = new TogetherReads((keys) => this.#get(query, keys));
        const tx = new PendingTransaction({
          get: (key) => reads.get(key),
          list: (prefix) => this.#list(query, prefix),
        });
        const result = await body(tx);
        await this.#write(query, tx.changes);
        return result;
      },
    );
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  async #get(query: Query, keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const rows = await query<{ key: Buffer; value: Buffer }>(
      "SELECT key, value FROM sipster_entry WHERE book = $1 AND key = ANY($2::bytea[])",
      [this.book, keys.map(utf8)],
    );
    return new Map(rows.map((row) => [row.key.toString("utf8"), Uint8Array.from(row.value)]));
  }

  async #list(query: Query, prefix: string): Promise<(readonly [string, Uint8Array])[]> {
    const from = utf8(prefix);
    const to = after(from);
    const rows = await query<{ key: Buffer; value: Buffer }>(
      `SELECT key, value FROM sipster_entry
       WHERE book = $1 AND key >= $2 ${to === null ? "" : "AND key < $3"}`,
      to === null ? [this.book, from] : [this.book, from, to],
    );
    return rows.map(({ key, value }) => [key.toString("utf8"), Uint8Array.from(value)]);
  }

  async #write(query: Query, changes: Changes): Promise<void> {
    const put = [...changes].filter(([, value]) => value !== null);
    const deleted = [...changes].filter(([, value]) => value === null);
    if (put.length > 0) {
      await query(
        `INSERT INTO sipster_entry
         SELECT $1::text, key, value FROM unnest($2::bytea[], $3::bytea[]) AS new (key, value)
         ON CONFLICT (book, key) DO UPDATE SET value = excluded.value`,
        [this.book, put.map(([key]) => utf8(key)), put.map(([, value]) => Buffer.from(value!))],
      );
    }
    if (deleted.length > 0) {
      const sql = "DELETE FROM sipster_entry WHERE book = $1 AND key = ANY($2::bytea[])";
      await query(sql, [this.book, deleted.map(([key]) => utf8(key))]);
    }
  }
}

function utf8(text: string): Buffer {
  return Buffer.from(text, "utf8");
}

/** The first bytes that come after everything that begins with `prefix`; `null` if none do. */
function after(prefix: Buffer): Buffer | null {
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  if (last < 0) return null;
  const bytes = Buffer.from(prefix.subarray(0, last + 1));
  bytes[last]!++;
  return bytes;
}
