/**
 * A town's PostgreSQL: empty when the town begins, and killed on the way. One of the town's own loses its server
 * by SIGKILL, and recovers; one that the user named serves others too, so only the town's sessions end.
 */
import { PostgresPool } from "../store/index.js";
import { townErrors } from "./errors.js";
import type { TownProcess } from "./process.js";

/** What is named in place of a URL for a PostgreSQL of the town's own. */
export const OWN = "own";

export interface TownDatabase {
  readonly url: string;
  /** Resolves when it is to be had again. @returns what was done, for people */
  strike(): Promise<string>;
}

/** A PostgreSQL that the user named. @throws town/database-in-use, and the store's errors */
export async function namedDatabase(url: string): Promise<TownDatabase> {
  await checkEmpty(url);
  return {
    url,
    async strike() {
      await endSessions(url);
      return "every session with the database ended";
    },
  };
}

/** As `sipster town database` prints it, again after each start. */
export interface PrintedDatabase {
  readonly format: "sipster/town-database@1";
  readonly url: string;
  readonly pid: number;
}

/** The town's own, in the process that keeps it. */
export function ownDatabase(keeper: TownProcess): TownDatabase {
  const printed = (): PrintedDatabase =>
    keeper.documents.get("sipster/town-database@1") as unknown as PrintedDatabase;
  return {
    url: printed().url,
    async strike() {
      const { pid } = printed();
      process.kill(pid, "SIGKILL");
      await keeper.until(() => printed().pid !== pid);
      keeper.restarts++;
      return "SIGKILL the server of PostgreSQL";
    },
  };
}

const KIND = { isolation: "READ COMMITTED", idempotent: true } as const;

/** Ends every session of the same user but its own, in the middle of what they do. */
async function endSessions(url: string): Promise<void> {
  const pool = await PostgresPool.open(url);
  try {
    await pool.transaction(KIND, (query) =>
      query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()`,
      ),
    );
  } finally {
    await pool.close();
  }
}

/** @throws town/database-in-use unless it holds nothing of another utility */
async function checkEmpty(url: string): Promise<void> {
  const pool = await PostgresPool.open(url);
  try {
    const [row] = await pool.transaction(KIND, (query) =>
      query<{ used: boolean }>(
        `SELECT EXISTS (SELECT FROM sipster_token) OR EXISTS (SELECT FROM sipster_entry) AS used`,
      ),
    );
    if (row?.used !== false) {
      throw townErrors.error("database-in-use", "the database holds the books of another utility");
    }
  } finally {
    await pool.close();
  }
}
