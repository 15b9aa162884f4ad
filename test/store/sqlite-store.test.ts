import { expect } from "chai";
import { DatabaseSync } from "node:sqlite";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SqliteStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { temporaryDirectory } from "../support/temporary.js";
import { asNobody, contentOf, putText, utf8 } from "./support.js";

describe("store in a SQLite file", () => {
  const folder = temporaryDirectory();
  const path = (): string => join(folder(), "books");

  async function abc(): Promise<void> {
    const store = await SqliteStore.open(path());
    for (const key of ["a", "b", "c"]) await putText(store, key, `value of ${key}`);
    await store.close();
  }

  it("opened again: has everything, in a file of mode 0600 with its mark and nothing else", async () => {
    await abc();
    const content = await contentOf(path());
    expect(content).to.deep.equal({ a: "value of a", b: "value of b", c: "value of c", last: "c" });
    expect(readdirSync(folder()).toSorted()).to.deep.equal(["books", "books-mark"]);
    for (const name of readdirSync(folder())) {
      expect(statSync(join(folder(), name)).mode & 0o777, name).to.equal(0o600);
    }
  });

  it("given a file that others may read: takes that right away, from the log too", async () => {
    await abc();
    chmodSync(path(), 0o644);
    const store = await SqliteStore.open(path());
    await putText(store, "d", "x");
    expect(statSync(path()).mode & 0o777).to.equal(0o600);
    expect(statSync(`${path()}-wal`).mode & 0o777).to.equal(0o600);
    await store.close();
  });

  it("open twice in one process: the second is told so, and the first goes on", async () => {
    const store = await SqliteStore.open(path());
    await putText(store, "a", "1");
    await expectRejection(SqliteStore.open(path()), "store/locked");
    await putText(store, "b", "2");
    await expectRejection(SqliteStore.open(path()), "store/locked");
    await store.close();
    expect(Object.keys(await contentOf(path()))).to.deep.equal(["a", "b", "last"]);
  });

  it("given transactions at once: they share commits", async () => {
    const store = await SqliteStore.open(path());
    const log = (): number => statSync(`${path()}-wal`).size;
    await putText(store, "0", "x");
    const before = log();
    for (const key of ["a", "b", "c", "d", "e"]) await putText(store, key, "x");
    const apart = log() - before;
    await Promise.all(["f", "g", "h", "i", "j"].map((key) => putText(store, key, "x")));
    expect(log() - before - apart).to.be.below(apart / 2);
    await store.close();
  });

  it("agrees with a plain map over random transactions, some abandoned, and openings", async () => {
    const random = new TestRandom("store");
    const model = new Map<string, string>();
    let store = await SqliteStore.open(path());
    for (let round = 0; round < 200; round++) {
      const changes = new Map<string, string | null>();
      for (let i = random.int(4); i >= 0; i--) {
        const value = random.int(4) === 0 ? null : String(random.int(1000));
        changes.set(`k${random.int(12)}`, value);
      }
      const abandoned = random.int(5) === 0;
      const attempt = store.transaction(async (tx) => {
        for (const [key, value] of changes) {
          if (value === null) tx.delete(key);
          else tx.put(key, utf8(value));
        }
        if (abandoned) throw new Error("abandoned");
      });
      await attempt.catch((error: Error) => expect(error.message).to.equal("abandoned"));
      for (const [key, value] of abandoned ? [] : changes) {
        if (value === null) model.delete(key);
        else model.set(key, value);
      }
      if (random.int(10) === 0) {
        await store.close();
        expect(await contentOf(path())).to.deep.equal(Object.fromEntries(model));
        store = await SqliteStore.open(path());
      }
    }
    await store.close();
    expect(await contentOf(path())).to.deep.equal(Object.fromEntries(model));
  });

  describe("opening what cannot be opened", () => {
    const refused = async (code: string): Promise<void> => {
      const error = await expectRejection(SqliteStore.open(path()), code);
      expect(error.message).to.contain(path());
    };

    it("no folder", async () => {
      rmSync(folder(), { recursive: true });
      await refused("store/no-folder");
    });

    it("a folder in its place", async () => {
      mkdirSync(path());
      await refused("store/not-a-store");
    });

    it("a text: it is left as it was", async () => {
      const text = "a list of things to buy, much longer than the header of a database: ".repeat(
        20,
      );
      writeFileSync(path(), text);
      await refused("store/not-a-store");
      expect(readFileSync(path(), "utf8")).to.equal(text);
    });

    it("a database of another program: it is left as it was", async () => {
      const other = new DatabaseSync(path());
      other.exec("CREATE TABLE diary (day TEXT)");
      other.close();
      const before = readFileSync(path());
      await refused("store/not-a-store");
      expect(readFileSync(path()).equals(before)).to.equal(true);
    });

    it("a store of a newer version: it is left as it was", async () => {
      await abc();
      const newer = new DatabaseSync(path());
      newer.exec("PRAGMA user_version = 99");
      newer.close();
      const before = readFileSync(path());
      await refused("store/newer");
      expect(readFileSync(path()).equals(before)).to.equal(true);
    });

    it("a folder that this user must not write", async () => {
      chmodSync(folder(), 0o555);
      await asNobody(() => refused("store/no-access"));
      chmodSync(folder(), 0o755);
    });

    it("a file that this user must not write", async () => {
      await abc();
      chmodSync(path(), 0o444);
      await asNobody(() => refused("store/no-access"));
    });
  });

  describe("an old copy in place of the newest", () => {
    it("is refused, and accepted when the mark is deleted", async () => {
      await abc();
      copyFileSync(path(), join(folder(), "old"));
      const store = await SqliteStore.open(path());
      await putText(store, "d", "spent");
      await store.close();
      copyFileSync(join(folder(), "old"), path());
      const error = await expectRejection(SqliteStore.open(path()), "store/rolled-back");
      rmSync(String(error.details.mark));
      expect(Object.keys(await contentOf(path()))).to.deep.equal(["a", "b", "c", "last"]);
    });

    it("a store that was deleted is not begun again as an empty one", async () => {
      await abc();
      rmSync(path());
      await expectRejection(SqliteStore.open(path()), "store/rolled-back");
    });

    it("another store is not taken for it", async () => {
      await abc();
      copyFileSync(`${path()}-mark`, join(folder(), "mark"));
      rmSync(path());
      rmSync(`${path()}-mark`);
      await abc();
      copyFileSync(join(folder(), "mark"), `${path()}-mark`);
      await expectRejection(SqliteStore.open(path()), "store/rolled-back");
    });
  });

  it("deleted values are nowhere in its files, in time and after closing", async () => {
    const random = new TestRandom("erased");
    const secret = (i: number): Uint8Array => utf8(`secret-${i}-`.repeat(1 + random.int(60)));
    const store = await SqliteStore.open(path(), { eraseAfter: 20 });
    const kept = new Set<number>();
    for (let i = 0; i < 400; i++) {
      await store.transaction(async (tx) => {
        tx.put(`k${i}`, secret(i));
        kept.add(i);
        for (const old of kept) {
          if (random.int(12) !== 0) continue;
          kept.delete(old);
          if (random.int(2) === 0) tx.delete(`k${old}`);
          else tx.put(`k${old}`, utf8("overwritten"));
        }
      });
    }
    const remains = (): number[] => {
      const names = ["books", "books-wal"].map((name) => join(folder(), name)).filter(existsSync);
      // Opening the file here and closing it would end the store's lock, so a copy is read.
      const text = names.map((name) => {
        copyFileSync(name, `${name}.copy`);
        return readFileSync(`${name}.copy`, "latin1");
      });
      const found = new Set([...text.join().matchAll(/secret-(\d+)-/g)].map((m) => Number(m[1])));
      return [...found].filter((i) => !kept.has(i));
    };
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(remains(), "while open").to.deep.equal([]);
    await store.close();
    expect(remains(), "after closing").to.deep.equal([]);
  });
});
