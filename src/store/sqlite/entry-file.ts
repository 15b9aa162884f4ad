/**
 * Keys and values in a SQLite file, used by one process and synchronously: what the store for
 * transactions and the file of one record have in common.
 *
 * Every row has a checksum, the store has the sum of all, and the whole is checked when it is opened:
 * a bit that flips on the disk is found, also where SQLite itself has no checksum. Each change has a
 * number; the last confirmed one is noted in the mark beside the file.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SipsterError } from "../../errors/sipster-error.js";
import { storeErrors } from "../errors.js";
import type { Changes } from "../pending-transaction.js";
import { ChecksumSum, rowChecksum } from "./checksum.js";
import { CommitMark } from "./commit-mark.js";
import { openDatabase, type Migrations } from "./database.js";
import { storeFault } from "../faults.js";

/** A file up to this size (64 MiB) is written again when something was deleted from it. */
const REWRITE_UP_TO_PAGES = 16384;

const MIGRATIONS: Migrations = [
  `CREATE TABLE entries (
     key TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL, checksum BLOB NOT NULL
   ) WITHOUT ROWID, STRICT;
   CREATE TABLE state (
     id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
     store_id BLOB NOT NULL, sequence INTEGER NOT NULL, sum BLOB NOT NULL
   ) STRICT;`,
];

interface Row {
  readonly key: string;
  readonly value: Uint8Array;
  readonly checksum: Uint8Array;
}

interface State {
  readonly storeId: Uint8Array;
  readonly sequence: number;
  readonly sum: Uint8Array;
}

export class EntryFile {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #mark: CommitMark;
  readonly #statements: Statements;
  /** What the last commit left. */
  #state: State;
  /** The sum of the checksums with the changes that are not committed yet; `null` without any. */
  #pending: ChecksumSum | null = null;
  #closed = false;
  /** True once something was deleted or replaced. */
  #mayErase = false;

  private constructor({
    path,
    database,
    mark,
    state,
  }: {
    readonly path: string;
    readonly database: DatabaseSync;
    readonly mark: CommitMark;
    readonly state: State;
  }) {
    this.#path = path;
    this.#database = database;
    this.#mark = mark;
    this.#statements = prepareStatements(database);
    this.#state = state;
  }

  /** Opens the file, or makes it, and checks all of it. @throws as `openDatabase`, store/rolled-back */
  static open(path: string): EntryFile {
    const hadLog = existsSync(`${path}-wal`);
    const database = openDatabase(path, MIGRATIONS);
    let mark: CommitMark | undefined;
    try {
      mark = new CommitMark(`${path}-mark`);
      const state = checkContent(path, database, mark);
      mark.write(state);
      const file = new EntryFile({ path, database, mark, state });
      // A process that was killed may have left in the log what it had deleted.
      if (hadLog) file.erase();
      return file;
    } catch (error) {
      mark?.close();
      database.close();
      // Columns that are missing, because the definition of a table was altered.
      if (error instanceof TypeError) throw damaged(path, "its tables are altered");
      throw storeFault(path, error);
    }
  }

  /** True if something was deleted or replaced that `erase` has not erased yet. */
  get mayErase(): boolean {
    return this.#mayErase;
  }

  /** The value of a key, uncommitted changes included. @throws store/damaged */
  get(key: string): Uint8Array | undefined {
    return this.#guarded(() => {
      const row = this.#statements.get.get(key) as unknown as Omit<Row, "key"> | undefined;
      return row === undefined ? undefined : checkedValue(this.#path, { key, ...row });
    });
  }

  /** Every entry whose key begins with `prefix`. @throws store/damaged */
  list(prefix: string): (readonly [string, Uint8Array])[] {
    return this.#guarded(() => {
      const found: (readonly [string, Uint8Array])[] = [];
      for (const row of this.#statements.from.iterate(prefix) as Iterable<unknown>) {
        const entry = row as Row;
        if (!entry.key.startsWith(prefix)) break;
        found.push([entry.key, checkedValue(this.#path, entry)]);
      }
      return found;
    });
  }

  /** Makes changes that `commit` will make durable, or `rollback` undo. */
  change(changes: Changes): void {
    this.#guarded(() => {
      if (this.#pending === null) {
        this.#database.exec("BEGIN IMMEDIATE");
        this.#pending = new ChecksumSum(this.#state.sum);
      }
      for (const [key, value] of changes) this.#changeOne(key, value, this.#pending);
    });
  }

  #changeOne(key: string, value: Uint8Array | null, sum: ChecksumSum): void {
    const old = this.#statements.checksum.get(key) as unknown as Row | undefined;
    if (old !== undefined) {
      sum.remove(old.checksum);
      this.#mayErase = true;
    }
    if (value === null) {
      this.#statements.remove.run(key);
      return;
    }
    const checksum = rowChecksum(key, value);
    sum.add(checksum);
    this.#statements.put.run(key, value, checksum);
  }

  /** When it returns, the changes survive a power cut. If it throws, none of them was made. */
  commit(): void {
    const pending = this.#pending;
    if (pending === null) return;
    const sequence = this.#state.sequence + 1;
    const sum = pending.bytes();
    try {
      this.#statements.setState.run(sequence, sum);
      this.#database.exec("COMMIT");
    } catch (error) {
      this.rollback();
      throw storeFault(this.#path, error);
    }
    this.#pending = null;
    this.#state = { ...this.#state, sequence, sum };
    try {
      this.#mark.write(this.#state);
    } catch {
      // The change is durable. Without the mark, its loss would be found with the next one only.
    }
  }

  rollback(): void {
    this.#pending = null;
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself.
    }
  }

  /**
   * Erases what was deleted or replaced: SQLite overwrites freed rows with zeros, yet leaves copies
   * where it has moved rows between pages, and in its log. So the file is written again without them
   * if it is not too large for that, and the log is moved into it and emptied. If the disk refuses,
   * everything stays as it is, and the next time tries again.
   */
  erase(): void {
    try {
      const { page_count: pages } = this.#database.prepare("PRAGMA page_count").get()!;
      if (Number(pages) <= REWRITE_UP_TO_PAGES) this.#database.exec("VACUUM");
      this.#emptyLog();
      this.#mayErase = false;
    } catch {
      // Nothing is lost: the log holds what the file does not.
    }
  }

  #emptyLog(): void {
    this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.rollback();
    if (this.#mayErase) this.erase();
    this.#database.close();
    this.#mark.close();
  }

  #guarded<T>(use: () => T): T {
    try {
      return use();
    } catch (error) {
      throw storeFault(this.#path, error);
    }
  }
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    get: prepare("SELECT value, checksum FROM entries WHERE key = ?"),
    from: prepare("SELECT key, value, checksum FROM entries WHERE key >= ? ORDER BY key"),
    checksum: prepare("SELECT checksum FROM entries WHERE key = ?"),
    put: prepare("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)"),
    remove: prepare("DELETE FROM entries WHERE key = ?"),
    setState: prepare("UPDATE state SET sequence = ?, sum = ?"),
  };
}

function checkedValue(path: string, { key, value, checksum }: Row): Uint8Array {
  if (Buffer.compare(rowChecksum(key, value), checksum) === 0) return value;
  throw damaged(path, "an entry does not fit its checksum");
}

/** Reads every row, the sum and the mark. @throws store/damaged, rolled-back */
function checkContent(path: string, database: DatabaseSync, mark: CommitMark): State {
  const sum = new ChecksumSum();
  const rows = database.prepare("SELECT key, value, checksum FROM entries").iterate();
  for (const row of rows as Iterable<unknown>) {
    checkedValue(path, row as Row);
    sum.add((row as Row).checksum);
  }
  const state = loadState(database, path);
  const marked = mark.read();
  if (marked !== null && state.sequence === 0 && marked.sequence > 0) {
    throw rolledBack(path, `it is empty, and ${marked.sequence} changes were confirmed`);
  }
  if (marked !== null && Buffer.compare(marked.storeId, state.storeId) !== 0) {
    throw rolledBack(path, "another store was used in its place");
  }
  if (marked !== null && marked.sequence > state.sequence) {
    const lost = `its last change is number ${state.sequence}, and ${marked.sequence} was confirmed`;
    throw rolledBack(path, lost);
  }
  if (Buffer.compare(sum.bytes(), state.sum) !== 0) throw damaged(path, "entries are missing");
  return state;
}

function loadState(database: DatabaseSync, path: string): State {
  const select = database.prepare("SELECT store_id AS storeId, sequence, sum FROM state");
  const found = select.get() as unknown as State | undefined;
  if (found !== undefined) return found;
  const { entries } = database.prepare("SELECT count(*) AS entries FROM entries").get()!;
  if (entries !== 0) throw damaged(path, "its state is missing");
  const state = { storeId: randomBytes(16), sequence: 0, sum: new ChecksumSum().bytes() };
  database.prepare("INSERT INTO state VALUES (1, ?, 0, ?)").run(state.storeId, state.sum);
  return state;
}

function damaged(path: string, why: string): SipsterError {
  return storeErrors.error("damaged", `${path} is damaged: ${why}`, { path });
}

function rolledBack(path: string, why: string): SipsterError {
  return storeErrors.error("rolled-back", `${path} is not the newest: ${why}`, {
    path,
    mark: `${path}-mark`,
  });
}
