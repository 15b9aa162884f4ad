/**
 * The books of a town that keeps them in PostgreSQL, read without a change. Every row of a table names the
 * transaction that wrote it (https://www.postgresql.org/docs/current/ddl-system-columns.html), so the order
 * of payments is there, which the files do not have.
 */
import { PostgresPool, type Query } from "../../store/index.js";
import { attackErrors } from "../errors.js";
import type { KeptBooks, Rows } from "./kept-books.js";

const KIND = { isolation: "READ COMMITTED", idempotent: true } as const;

/**
 * @param url `postgresql://…`
 * @throws attack/not-a-town, and the errors of `PostgresPool.open`
 */
export async function booksInDatabase(url: string): Promise<KeptBooks> {
  const pool = await PostgresPool.open(url, { readOnly: true, connections: 1 });
  try {
    return await pool.transaction(KIND, async (query) => {
      const [row] = await query<{ present: boolean }>(
        "SELECT to_regclass('sipster_token') IS NOT NULL AS present",
      );
      if (row?.present !== true) {
        throw attackErrors.error("not-a-town", "the database has no table sipster_token");
      }
      // Numbers of transactions, which begin again after 2³²: a town writes fewer.
      const payments = await query<{ coin: string; payment: Buffer; written: string }>(
        `SELECT id AS coin, payment, dense_rank() OVER (ORDER BY xmin::text::bigint) AS written
         FROM sipster_coin`,
      );
      const tokens = await query<{ token: string; coin: string }>(
        "SELECT encode(hash, 'hex') AS token, coin FROM sipster_token ORDER BY hash",
      );
      return {
        payments: payments.map(({ coin, payment, written }) => ({
          coin,
          payment: Uint8Array.from(payment),
          written: Number(written),
        })),
        tokens,
        accounts: await entriesOf(query, "accounts"),
        queue: await entriesOf(query, "relay/%"),
      };
    });
  } finally {
    await pool.close();
  }
}

/** @param book as a pattern of LIKE */
async function entriesOf(query: Query, book: string): Promise<Rows> {
  const rows = await query<{ key: Buffer; value: Buffer }>(
    "SELECT key, value FROM sipster_entry WHERE book LIKE $1 ORDER BY book, key",
    [book],
  );
  return rows.map(({ key, value }) => [key.toString("utf8"), Uint8Array.from(value)]);
}
