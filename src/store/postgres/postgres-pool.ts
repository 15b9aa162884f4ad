/**
 * Connections to one PostgreSQL, and transactions on them that are run again when another one, a cut
 * connection or a restart of the database has interrupted them. Any number of processes may use the
 * same database. The package `pg` is loaded when the first is opened.
 */
import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import { storeErrors } from "../errors.js";
import { systemClock } from "../../time/system-clock.js";
import { interruptionOf, postgresFault } from "./faults.js";
import { MIGRATIONS } from "./schema.js";

/** One statement of a transaction; its rows. */
export type Query = <R>(sql: string, values?: readonly unknown[]) => Promise<readonly R[]>;

export interface PostgresOptions {
  /** Connections of this process, at most. */
  readonly connections?: number;
  /** Milliseconds for which an interrupted transaction is run again. */
  readonly patience?: number;
  /** Milliseconds that one statement may take, the network included. */
  readonly statementTimeout?: number;
  /** Transactions that write are refused, and no table is made or migrated. */
  readonly readOnly?: boolean;
}

export interface TransactionKind {
  readonly isolation: "READ COMMITTED" | "SERIALIZABLE";
  /**
   * True if running the body a second time after it was committed does no harm: then it is run again
   * also where the connection ended while it was being committed.
   */
  readonly idempotent: boolean;
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;

export class PostgresPool {
  readonly #pool: Pool;
  readonly #patience: number;
  /** Host and database: what errors name. */
  readonly #name: string;
  #closed = false;

  private constructor(pool: Pool, name: string, patience: number) {
    this.#pool = pool;
    this.#name = name;
    this.#patience = patience;
    // An idle connection that ends is replaced by the next one that is wanted.
    pool.on("error", () => undefined);
  }

  /**
   * Connects, and makes or migrates the tables unless it only reads.
   * @param url `postgresql://user@host:port/database`, or a socket's folder as `?host=/folder`
   * @throws store/no-driver, unreachable, no-access, newer, disk-full, write-failed
   */
  static async open(url: string, options: PostgresOptions = {}): Promise<PostgresPool> {
    const { connections = 8, patience = 10_000, statementTimeout = 15_000 } = options;
    const { readOnly = false } = options;
    const { default: pg } = await import("pg").catch((error: unknown) => {
      throw storeErrors.errorFrom({
        key: "no-driver",
        message: "the package pg cannot be loaded",
        cause: error,
      });
    });
    const client = new pg.Client({ connectionString: url });
    const name = `the database ${client.database ?? ""} on ${client.host}`;
    const pool = new pg.Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: 5000,
      query_timeout: statementTimeout,
      keepAlive: true,
      application_name: "sipster",
      ...(readOnly && { options: "-c default_transaction_read_only=on" }),
    });
    const opened = new PostgresPool(pool, name, patience);
    try {
      await opened.transaction({ isolation: "SERIALIZABLE", idempotent: true }, (query) =>
        readOnly ? query("SELECT 1").then(() => undefined) : migrate(name, query),
      );
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  /**
   * Runs `body` in one transaction; if it is interrupted, again and again until patience ends. So
   * `body` may run several times, and only its last run counts.
   * @throws store/closed, unreachable, outcome-unknown, disk-full, write-failed, what `body` throws
   */
  async transaction<T>(kind: TransactionKind, body: (query: Query) => Promise<T>): Promise<T> {
    const deadline = systemClock() + this.#patience;
    for (let attempt = 0; ; attempt++) {
      if (this.#closed) throw storeErrors.error("closed", "the store is closed");
      const progress = { committing: false };
      try {
        return await this.#once(kind, body, progress);
      } catch (error) {
        if (error instanceof BodyFailure) throw error.thrown;
        const interruption = interruptionOf(error);
        if (interruption === null) throw postgresFault(this.#name, error);
        const unknown = interruption === "lost" && progress.committing && !kind.idempotent;
        if (unknown) {
          const what = `the connection to ${this.#name} ended during a commit`;
          throw storeErrors.errorFrom({
            key: "outcome-unknown",
            message: what,
            details: { database: this.#name },
            cause: error,
          });
        }
        if (systemClock() > deadline) throw postgresFault(this.#name, error);
        // Several instances that were interrupted together do not come back together.
        const pause = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
        await sleep((pause * randomInt(500, 1500)) / 1000);
      }
    }
  }

  async #once<T>(
    { isolation }: TransactionKind,
    body: (query: Query) => Promise<T>,
    progress: { committing: boolean },
  ): Promise<T> {
    const client = await this.#pool.connect();
    let failure: Error | undefined;
    // Without a listener, a connection that ends between two statements would end the process.
    const onError = (error: Error): void => void (failure ??= error);
    client.on("error", onError);
    try {
      await client.query(`BEGIN ISOLATION LEVEL ${isolation}`);
      const result = await body(queryOn(client)).catch((error: unknown) => {
        throw error instanceof QueryFailure ? error.thrown : new BodyFailure(error);
      });
      progress.committing = true;
      await client.query("COMMIT");
      return result;
    } catch (error) {
      if (interruptionOf(error) === "lost") failure ??= error as Error;
      else await client.query("ROLLBACK").catch((again: Error) => void (failure ??= again));
      throw error;
    } finally {
      client.removeListener("error", onError);
      client.release(failure);
    }
  }

  /** Ends the connections, when the statements under way are done. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pool.end();
  }
}

/** What the body of a transaction threw, and no database. */
class BodyFailure extends Error {
  constructor(readonly thrown: unknown) {
    super("the body of the transaction failed");
  }
}

/** What a statement of the body threw. */
class QueryFailure extends Error {
  constructor(readonly thrown: unknown) {
    super("a statement failed", { cause: thrown });
  }
}

function queryOn(client: PoolClient): Query {
  return async <R>(sql: string, values: readonly unknown[] = []) => {
    try {
      return (await client.query(sql, [...values])).rows as R[];
    } catch (error) {
      throw new QueryFailure(error);
    }
  };
}

async function migrate(name: string, query: Query): Promise<void> {
  await query(
    "CREATE TABLE IF NOT EXISTS sipster_schema (id integer PRIMARY KEY, version integer NOT NULL)",
  );
  await query("INSERT INTO sipster_schema VALUES (1, 0) ON CONFLICT DO NOTHING");
  const [row] = await query<{ version: number }>("SELECT version FROM sipster_schema FOR UPDATE");
  const { version } = row!;
  const known = MIGRATIONS.length;
  if (version > known) {
    const what = `${name} has version ${version}, and this program knows ${known}`;
    throw storeErrors.error("newer", what, { version, known });
  }
  if (version === known) return;
  for (const migration of MIGRATIONS.slice(version)) {
    for (const statement of migration.split(";").filter((s) => s.trim() !== "")) {
      await query(statement);
    }
  }
  await query("UPDATE sipster_schema SET version = $1", [known]);
}
