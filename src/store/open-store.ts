/** A store by where it is: a file, or a database by URL. */
import { PostgresPool } from "./postgres/postgres-pool.js";
import { PostgresStore } from "./postgres/postgres-store.js";
import { SqliteStore } from "./sqlite/sqlite-store.js";
import type { Store } from "./store.js";

/** True if `location` is the URL of a PostgreSQL, and not the path of a file. */
export function isPostgresUrl(location: string): boolean {
  return /^postgres(ql)?:\/\//.test(location);
}

/**
 * Opens the store in a file, for this process alone, or in a PostgreSQL, for any number of processes.
 * @param location the path of a file, or `postgresql://…`
 * @param book which books, where several share one database
 * @throws the errors of `SqliteStore.open` or `PostgresPool.open`
 */
export async function openStore(location: string, book: string): Promise<Store> {
  if (!isPostgresUrl(location)) return SqliteStore.open(location);
  return new PostgresStore(await PostgresPool.open(location), book);
}
