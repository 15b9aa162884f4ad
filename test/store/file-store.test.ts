import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync, existsSync, readdirSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { FileStore } from "../../src/store/index.js";
import { killWhen, startScript } from "../support/child.js";
import { expectRejection } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { temporaryDirectory } from "../support/temporary.js";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("file store", () => {
  const folder = temporaryDirectory();
  const path = (): string => join(folder(), "books");

  async function put(store: FileStore, key: string, value: string): Promise<void> {
    await store.transaction(async (tx) => {
      tx.put(key, utf8(value));
      tx.put("last", utf8(key));
    });
  }

  async function content(): Promise<Record<string, string>> {
    const store = await FileStore.open(path());
    const entries = await store.transaction((tx) => tx.list(""));
    await store.close();
    return Object.fromEntries(entries.map(([k, v]) => [k, new TextDecoder().decode(v)]));
  }

  /** A journal of three frames, and where each ends. */
  async function threeFrames(): Promise<{ file: Buffer; ends: number[] }> {
    const store = await FileStore.open(path());
    const ends = [statSync(path()).size];
    for (const key of ["a", "b", "c"]) {
      await put(store, key, `value of ${key}`);
      ends.push(statSync(path()).size);
    }
    await store.close();
    return { file: readFileSync(path()), ends };
  }

  it("has everything again after it is opened again, in a file of mode 0600", async () => {
    await threeFrames();
    expect(await content()).to.deep.equal({
      a: "value of a",
      b: "value of b",
      c: "value of c",
      last: "c",
    });
    expect(statSync(path()).mode & 0o777).to.equal(0o600);
    expect(readdirSync(folder())).to.deep.equal(["books"]);
  });

  it("cut off at any byte, has exactly the transactions that are whole, and goes on", async () => {
    const { file, ends } = await threeFrames();
    for (let length = ends[0]!; length < file.length; length++) {
      writeFileSync(path(), file.subarray(0, length));
      const whole = ends.filter((end) => end <= length).length - 1;
      const store = await FileStore.open(path());
      await put(store, "d", "new");
      await store.close();
      const expected = ["a", "b", "c"].slice(0, whole).map((k) => [k, `value of ${k}`]);
      expect(await content(), `${length} bytes`).to.deep.equal(
        Object.fromEntries([...expected, ["d", "new"], ["last", "d"]]),
      );
    }
  });

  it("leaves out an unconfirmed end that is garbage or zeros", async () => {
    const { file, ends } = await threeFrames();
    const garbage = Buffer.alloc(300, 0xa7);
    for (const end of [garbage, Buffer.alloc(300), file.subarray(ends[2]! + 1, ends[3]!)]) {
      writeFileSync(path(), Buffer.concat([file.subarray(0, ends[2]), end]));
      expect(Object.keys(await content())).to.deep.equal(["a", "b", "last"]);
      expect(statSync(path()).size).to.equal(ends[2]);
    }
  });

  it("refuses a file in which a confirmed transaction was changed", async () => {
    const { file, ends } = await threeFrames();
    for (let at = 0; at < ends[2]!; at += 3) {
      const changed = Buffer.from(file);
      changed[at]! ^= 0x40;
      writeFileSync(path(), changed);
      const error = await expectRejection(FileStore.open(path()), "store/damaged");
      expect(error.message).to.contain(path());
      expect(readFileSync(path()).equals(changed), "left as it was").to.equal(true);
    }
  });

  it("refuses a file that is no store", async () => {
    writeFileSync(path(), "dear diary, today I overwrote my books with a diary");
    await expectRejection(FileStore.open(path()), "store/damaged");
  });

  it("is open in one process once", async () => {
    const store = await FileStore.open(path());
    const error = await expectRejection(FileStore.open(path()), "store/locked");
    expect(error.details.process).to.equal(process.pid);
    await store.close();
    await (await FileStore.open(path())).close();
  });

  it("takes over the lock of a dead process, and not that of a living one", async () => {
    const lock = `${path()}.lock`;
    const dead = spawnSync(process.execPath, ["--eval", ""]).pid;
    writeFileSync(lock, `${dead}\n`);
    await (await FileStore.open(path())).close();
    expect(existsSync(lock)).to.equal(false);
    writeFileSync(lock, `${process.ppid}\n`);
    await expectRejection(FileStore.open(path()), "store/locked");
    writeFileSync(lock, "not a number\n");
    await expectRejection(FileStore.open(path()), "store/locked");
  });

  it("shares one sync among transactions that arrive together", async () => {
    const store = await FileStore.open(path());
    const before = statSync(path()).size;
    await Promise.all(["a", "b", "c", "d", "e"].map((key) => put(store, key, "x")));
    const together = statSync(path()).size - before;
    await store.close();
    const other = join(folder(), "other");
    const single = await FileStore.open(other);
    for (const key of ["a", "b", "c", "d", "e"]) await put(single, key, "x");
    await single.close();
    expect(together).to.be.below(statSync(other).size - before);
  });

  it("confirms nothing once a write has failed, and has the confirmed part when opened again", async () => {
    let broken = false;
    const failing: typeof open = async (...args) => {
      const file = await open(...args);
      const sync = file.datasync.bind(file);
      file.datasync = () => (broken ? Promise.reject(new Error("EIO")) : sync());
      return file;
    };
    const store = await FileStore.open(path(), failing);
    await put(store, "a", "1");
    broken = true;
    const error = await expectRejection(put(store, "b", "2"), "store/write-failed");
    expect((error.cause as Error).message).to.equal("EIO");
    broken = false;
    await expectRejection(put(store, "c", "3"), "store/write-failed");
    // Reading would show what is not confirmed.
    await expectRejection(
      store.transaction((tx) => tx.get("b")),
      "store/write-failed",
    );
    await store.close();
    const after = await content();
    expect(after.a).to.equal("1");
    expect(after).not.to.have.property("c");
  });

  it("is rewritten without its history when that is most of it", async () => {
    const store = await FileStore.open(path());
    await put(store, "kept", "k");
    const large = "x".repeat(100_000);
    for (let i = 0; i < 12; i++) await put(store, "again", large + String(i));
    await store.close();
    expect(statSync(path()).size).to.be.above(1_200_000);
    const reopened = await FileStore.open(path());
    expect(statSync(path()).size).to.be.below(110_000);
    await put(reopened, "after", "a");
    await reopened.close();
    const after = await content();
    expect(after.kept).to.equal("k");
    expect(after.again).to.equal(`${large}11`);
    expect(after.after).to.equal("a");
  });

  it("agrees with a plain map over random transactions, some abandoned, and openings", async () => {
    const random = new TestRandom("store");
    const model = new Map<string, string>();
    let store = await FileStore.open(path());
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
      if (!abandoned) {
        for (const [key, value] of changes) {
          if (value === null) model.delete(key);
          else model.set(key, value);
        }
      }
      if (random.int(10) === 0) {
        await store.close();
        expect(await content()).to.deep.equal(Object.fromEntries(model));
        store = await FileStore.open(path());
      }
    }
    await store.close();
    expect(await content()).to.deep.equal(Object.fromEntries(model));
  });

  it("kill -9 while writing: everything confirmed is there, and every transaction is whole", async () => {
    for (const wanted of [7, 120]) {
      const child = startScript(join(import.meta.dirname, "increment-forever.ts"), [path()]);
      const lines = await killWhen(child, (l) => l.length >= wanted);
      const after = await content();
      const reached = Number(after.n);
      expect(reached).to.be.at.least(Math.max(...lines.map(Number)));
      const seen = Object.keys(after).filter((k) => k.startsWith("seen/")).length;
      expect(seen).to.equal(reached);
    }
  });
});
