/** A town's PostgreSQL: empty when the town begins, and cut off from its clients on the way. */
import { PostgresPool } from "../store/index.js";
import { townErrors } from "./errors.js";

const KIND = { isolation: "READ COMMITTED", idempotent: true } as const;

/** Ends every session of the same user but its own, in the middle of what they do. */
export async function endSessions(url: string): Promise<void> {
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
export async function checkEmpty(url: string): Promise<void> {
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
