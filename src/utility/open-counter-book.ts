/** The counter's book by where it is: a file, or a database by URL. */
import type { ECashAcceptor } from "../ecash/index.js";
import { isPostgresUrl, PostgresPool, SqliteStore } from "../store/index.js";
import { StoredCounterBook, type CounterBook } from "./counter-book.js";
import { PostgresCounterBook } from "./postgres-counter-book.js";

export interface OpenedCounterBook {
  readonly book: CounterBook;
  close(): Promise<void>;
}

/**
 * Opens the book in a file, for one instance of the counter, or in a PostgreSQL, for any number.
 * @param location the path of a file, or `postgresql://…`
 * @throws the errors of opening a store
 */
export async function openCounterBook(
  location: string,
  ecash: Pick<ECashAcceptor, "memo">,
): Promise<OpenedCounterBook> {
  if (isPostgresUrl(location)) {
    const pool = await PostgresPool.open(location);
    return { book: new PostgresCounterBook(pool, ecash), close: () => pool.close() };
  }
  const store = await SqliteStore.open(location);
  return { book: new StoredCounterBook(store, ecash), close: () => store.close() };
}
