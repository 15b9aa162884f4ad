/** What a power cut would show, asked of SQLite and of the file system before one happens: what is synced, and when. */
import { expect } from "chai";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { openDatabase } from "../../src/store/sqlite/database.js";
import { temporaryDirectory } from "../support/temporary.js";

/** As `PRAGMA synchronous` numbers them: from FULL on, a commit is synced before it is confirmed. */
const FULL = 2;

describe("the durability of a store in a SQLite file", () => {
  const folder = temporaryDirectory();
  const path = (): string => join(folder(), "books");

  it("given a store, new or opened again, when it commits, then SQLite syncs its log first, through the disk's cache", () => {
    for (const what of ["new", "opened again"]) {
      const database = openDatabase(path(), ["CREATE TABLE entry (key TEXT)"]);
      database.exec("INSERT INTO entry VALUES ('a')");
      const setting = (name: string): unknown =>
        Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
      expect(setting("journal_mode"), what).to.equal("wal");
      expect(setting("synchronous"), what).to.be.at.least(FULL);
      expect(setting("fullfsync"), what).to.equal(1);
      database.close();
    }
  });

  it("given a new store, when it is made, then its file and its name in the folder are synced before its first commit", () => {
    const synced: string[] = [];
    const { fsyncSync } = fs;
    fs.fsyncSync = (file) => {
      synced.push(fs.fstatSync(file).isDirectory() ? "folder" : "file");
      fsyncSync(file);
    };
    syncBuiltinESMExports();
    try {
      openDatabase(path(), []).close();
    } finally {
      fs.fsyncSync = fsyncSync;
      syncBuiltinESMExports();
    }
    // Windows has no handle on folders to sync.
    expect(synced).to.deep.equal(process.platform === "win32" ? ["file"] : ["file", "folder"]);
  });
});
