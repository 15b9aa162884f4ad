/**
 * The books of a town that keeps them in files, read from copies: opening the files themselves would
 * change them.
 *
 *     utility/books      coin → payment, token → coin and units; no times
 *     utility/books-wal  SQLite's log, if the service was killed: rows in the order of their writing
 *     utility/accounts   credits and withdrawals of each account
 *     relay/queue        bills, and when the relayer took them
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { bytesToInt } from "../../algebra/index.js";
import { SqliteStore } from "../../store/index.js";
import { attackErrors } from "../errors.js";
import type { KeptBooks, Rows } from "./kept-books.js";

/** @throws attack/not-a-town, and what opening the stores throws */
export async function booksInFiles(folder: string): Promise<KeptBooks> {
  for (const file of [join("utility", "books"), join("utility", "accounts")]) {
    if (existsSync(join(folder, file))) continue;
    const what = `${folder} has no ${file}; name the --database if its books are in one`;
    throw attackErrors.error("not-a-town", what);
  }
  const books = await rowsOf(join(folder, "utility", "books"));
  const logFile = join(folder, "utility", "books-wal");
  const log = existsSync(logFile) ? new Uint8Array(readFileSync(logFile)) : null;
  const under = (prefix: string): Rows =>
    books
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]);
  return {
    payments: under("coin/").map(([coin, payment]) => ({
      coin,
      payment,
      written: log === null ? null : frameOf(log, payment),
    })),
    tokens: under("token/").map(([token, row]) => ({
      token,
      coin: new TextDecoder().decode(row.subarray(4)),
    })),
    accounts: await rowsOf(join(folder, "utility", "accounts")),
    queue: await rowsOf(join(folder, "relay", "queue")),
  };
}

/** Every row of a store. */
async function rowsOf(path: string): Promise<Rows> {
  const copy = mkdtempSync(join(tmpdir(), "sipster-attack-"));
  try {
    for (const suffix of ["", "-wal", "-mark"]) {
      if (existsSync(path + suffix)) {
        cpSync(path + suffix, join(copy, `${basename(path)}${suffix}`));
      }
    }
    const store = await SqliteStore.open(join(copy, basename(path)));
    const rows = await store.transaction((tx) => tx.list(""));
    await store.close();
    return rows;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Of the log's format: https://sqlite.org/fileformat2.html#the_write_ahead_log. */
const WAL_HEADER = 32;
const FRAME_HEADER = 24;

/** The frame of a write-ahead log in which these bytes appear first. */
function frameOf(log: Uint8Array, bytes: Uint8Array): number | null {
  if (log.length < WAL_HEADER) return null;
  const page = bytesToInt(log.subarray(8, 12));
  const offset = Buffer.from(log.buffer, log.byteOffset, log.length).indexOf(bytes);
  return offset < 0 ? null : Math.floor((offset - WAL_HEADER) / (FRAME_HEADER + Number(page)));
}
