/**
 * Opening a SQLite file for one process: its lock, its settings, its version. SQLite's exclusive lock
 * is the lock: the kernel holds it for the process and ends it with the process, so that no number
 * of a process is ever compared and two containers on one machine exclude each other too.
 *
 * The kernel also ends the lock when the process closes any other descriptor of the same file
 * (https://sqlite.org/howtocorrupt.html, 2.2): never open a store's file by other means while it
 * is open here.
 */
import { chmodSync, closeSync, fsyncSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { storeErrors } from "../errors.js";
import { syncDirectory } from "../replace-file.js";
import { storeFault } from "../faults.js";

/** "Sips": marks a SQLite file as one of this program's. */
const APPLICATION_ID = 0x53697073;

/**
 * `locking_mode` first: it must be set before the file is first read. FULL syncs the log at every
 * commit. Deleted content is overwritten with zeros, and no temporary file holds any.
 */
const SETTINGS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA secure_delete = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA trusted_schema = OFF;
  PRAGMA cell_size_check = ON;
`;

/** Each entry takes the tables from the version that is its index to the next one. Only ever append. */
export type Migrations = readonly string[];

/**
 * Opens the file `path`, or makes it with mode 0600, and takes its lock.
 * @throws store/locked, no-folder, no-access, disk-full, not-a-store, newer, damaged, write-failed
 */
export function openDatabase(path: string, migrations: Migrations): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    makeFile(path);
    // Loaded here: a program that opens no store does not load SQLite.
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    database = new DatabaseSync(path, { timeout: 0 });
    prepareDatabase(path, database, migrations);
    return database;
  } catch (error) {
    database?.close();
    throw storeFault(path, error);
  }
}

/** SQLite would make the file with the rights of the umask. */
function makeFile(path: string): void {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (statSync(path).isDirectory()) {
      throw storeErrors.error("not-a-store", `${path} is a folder`, { path });
    }
    chmodSync(path, 0o600);
    return;
  }
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncDirectory(dirname(path));
}

function prepareDatabase(path: string, database: DatabaseSync, migrations: Migrations): void {
  database.exec(SETTINGS);
  // Nothing is written into a file that is not ours, not even the journal mode.
  const tables = numberOf(database.prepare("SELECT count(*) FROM sqlite_schema"));
  const application = numberOf(database.prepare("PRAGMA application_id"));
  const version = numberOf(database.prepare("PRAGMA user_version"));
  if (tables > 0 && application !== APPLICATION_ID) {
    throw storeErrors.error("not-a-store", `${path} is a database of another program`, { path });
  }
  if (version > migrations.length) {
    const known = migrations.length;
    const what = `${path} has version ${version}, and this program knows ${known}`;
    throw storeErrors.error("newer", what, { path, version, known });
  }
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("BEGIN IMMEDIATE");
  checkStructure(path, database);
  if (tables === 0) database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  for (const migration of migrations.slice(version)) database.exec(migration);
  database.exec(`PRAGMA user_version = ${migrations.length}`);
  database.exec("COMMIT");
}

function checkStructure(path: string, database: DatabaseSync): void {
  const found = Object.values(database.prepare("PRAGMA integrity_check(1)").get() ?? {})[0];
  if (found === "ok") return;
  throw storeErrors.error("damaged", `${path} is damaged: ${String(found)}`, { path });
}

function numberOf(statement: StatementSync): number {
  return Number(Object.values(statement.get() ?? {})[0]);
}
