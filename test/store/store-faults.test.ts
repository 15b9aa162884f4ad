import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { SqliteStore } from "../../src/store/index.js";
import { killWhen, startScript } from "../support/child.js";
import { expectRejection } from "../support/errors.js";
import { TestRandom } from "../support/random.js";
import { temporaryDirectory } from "../support/temporary.js";
import { increment } from "./counting-child.js";
import { contentOf, putText } from "./support.js";

const CHILD = join(import.meta.dirname, "counting-child.ts");

describe("store under faults", function () {
  this.timeout(120_000);
  const folder = temporaryDirectory();
  const path = (): string => join(folder(), "books");

  /** Checks that every transaction is whole, and returns how many there are. */
  async function wholeCount(file: string): Promise<number> {
    const content = await contentOf(file);
    const n = Number(content.n ?? "0");
    const seen = Object.keys(content).filter((key) => key.startsWith("seen/"));
    const expected = [n - 2, n - 1, n].filter((i) => i > 0).map((i) => `seen/${i}`);
    expect(seen.toSorted(), file).to.deep.equal(expected.toSorted());
    return n;
  }

  it("another process has it open: refused, also if both had the same number; killed: open at once", async () => {
    const child = startScript(CHILD, ["hold", path()]);
    await once(createInterface(child.stdout!), "line");
    await expectRejection(SqliteStore.open(path()), "store/locked");
    child.kill("SIGKILL");
    await once(child, "exit");
    await (await SqliteStore.open(path())).close();
  });

  it("in a process with the same number, as in another container: refused", async () => {
    const sameNumber = `Object.defineProperty(process, "pid", { value: ${process.pid} })`;
    const imports = [`data:text/javascript,${sameNumber}`, import.meta.resolve("tsx")];
    const args = imports.flatMap((module) => ["--import", module]);
    const store = await SqliteStore.open(path());
    const command = [...args, CHILD, "hold", path()];
    const { stderr } = spawnSync(process.execPath, command, { encoding: "utf8", timeout: 60_000 });
    await store.close();
    expect(stderr).to.contain("is open in another process");
  });

  it("kill -9 while writing: everything confirmed is there, and every transaction is whole", async () => {
    for (const wanted of [7, 120]) {
      const child = startScript(CHILD, ["forever", path()]);
      const lines = await killWhen(child, (l) => l.length >= wanted);
      expect(await wholeCount(path())).to.be.at.least(Math.max(...lines.map(Number)));
    }
  });

  it("kill -9 at every statement, from opening to closing: the same", async () => {
    const numbers = Array.from({ length: 200 }, (_, at) => at).values();
    let finished = 0;
    const die = async (): Promise<void> => {
      for (let at = numbers.next(); finished === 0; at = numbers.next()) {
        const file = join(folder(), String(at.value));
        const child = startScript(CHILD, ["die", file, String(at.value)]);
        const lines: string[] = [];
        createInterface(child.stdout!).on("line", (line) => lines.push(line));
        await once(child, "close");
        if (lines.includes('"done"')) finished = at.value!;
        const confirmed = lines.filter((line) => line !== '"done"').length;
        const kept = await wholeCount(file);
        expect(kept, `death ${at.value}`).to.be.within(confirmed, confirmed + 1);
      }
    };
    await Promise.all([die(), die()]);
    expect(finished).to.be.above(40);
  });

  it("the disk fails at every write: nothing confirmed is lost, nothing is half made, and it says so", async () => {
    // The log of eight transactions is some 80 KB: limits between its writes and within them.
    const limits = Array.from({ length: 90 }, (_, i) => i * 1024 + (i % 3) * 7);
    const child = spawnSync(
      process.execPath,
      ["--import", import.meta.resolve("tsx"), CHILD, "full", folder(), ...limits.map(String)],
      { encoding: "utf8" },
    );
    expect(child.status, child.stderr).to.equal(0);
    const runs = child.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as FullDisk);
    expect(runs).to.have.length(limits.length);
    const codes = new Set<string>();
    for (const { path: file, confirmed, errors, opened, late } of runs) {
      if (opened && errors.length > 0) expect(late, file).to.deep.equal(["store/write-failed"]);
      for (const code of errors) codes.add(code);
      const last = confirmed.at(-1) ?? 0;
      expect(confirmed, file).to.deep.equal(Array.from({ length: last }, (_, i) => i + 1));
      const kept = await wholeCount(file);
      expect(kept, file).to.be.within(last, last + 1);
    }
    expect(runs.some((r) => r.confirmed.length > 0 && r.errors.length > 0)).to.equal(true);
    expect([...codes]).to.deep.equal(["store/write-failed"]);
  });

  it("the disk is full: refused, nothing changed, and it goes on when there is space again", async () => {
    const store = await SqliteStore.open(path());
    await putText(store, "a", "1");
    // SQLite's own limit ends in the same error as a full disk, at the same places.
    const exec = DatabaseSync.prototype.exec;
    const limitPages = async (pages: number): Promise<void> => {
      DatabaseSync.prototype.exec = function (sql) {
        exec.call(this, `PRAGMA max_page_count = ${pages}`);
        exec.call(this, sql);
      };
      await putText(store, "b", "2").finally(() => (DatabaseSync.prototype.exec = exec));
    };
    await limitPages(1);
    const large = "x".repeat(50_000);
    const refused = await Promise.allSettled([
      putText(store, "c", "waits for the same commit"),
      putText(store, "d", large),
    ]);
    for (const one of refused) {
      const error = one.status === "rejected" ? (one.reason as unknown) : undefined;
      expect(isSipsterError(error, "store/disk-full"), one.status).to.equal(true);
    }
    await limitPages(100_000);
    await putText(store, "e", large);
    await store.close();
    expect(Object.keys(await contentOf(path()))).to.deep.equal(["a", "b", "e", "last"]);
  });

  it("given a transaction that has read what was then undone: it is refused too", async () => {
    const store = await SqliteStore.open(path());
    const exec = DatabaseSync.prototype.exec;
    DatabaseSync.prototype.exec = function (sql) {
      if (sql !== "COMMIT") return exec.call(this, sql);
      throw Object.assign(new Error("full"), { code: "ERR_SQLITE_ERROR", errcode: 13 });
    };
    try {
      const first = putText(store, "a", "1");
      const second = store.transaction(async (tx) => {
        const seen = await tx.get("a");
        await new Promise((resolve) => setTimeout(resolve, 20));
        DatabaseSync.prototype.exec = exec;
        tx.put("b", seen!);
      });
      const third = putText(store, "c", "3");
      await expectRejection(first, "store/disk-full");
      await expectRejection(second, "store/disk-full");
      await third;
    } finally {
      DatabaseSync.prototype.exec = exec;
    }
    await store.close();
    expect(await contentOf(path())).to.deep.equal({ c: "3", last: "c" });
  });

  /** A store after five transactions as a kill leaves it: the file, its log, where each one ends. */
  async function killedStore(): Promise<{ file: Buffer; log: Buffer; ends: number[] }> {
    const store = await SqliteStore.open(path());
    const ends: number[] = [];
    const copy = join(folder(), "copy");
    for (let i = 0; i < 5; i++) {
      await increment(store);
      copyFileSync(`${path()}-wal`, copy);
      ends.push(readFileSync(copy).length);
    }
    copyFileSync(path(), copy);
    const file = readFileSync(copy);
    copyFileSync(`${path()}-wal`, copy);
    const log = readFileSync(copy);
    await store.close();
    return { file, log, ends };
  }

  /** Puts a store of these bytes in a folder of its own. */
  function place({
    name,
    file,
    log,
    mark = false,
  }: {
    readonly name: string;
    readonly file: Uint8Array;
    readonly log: Uint8Array | null;
    readonly mark?: boolean;
  }): string {
    const at = join(folder(), name);
    mkdirSync(at);
    writeFileSync(join(at, "books"), file);
    if (log !== null) writeFileSync(join(at, "books-wal"), log);
    if (mark) copyFileSync(`${path()}-mark`, join(at, "books-mark"));
    return join(at, "books");
  }

  it("power cut while the log is written: has exactly the transactions that are whole, and goes on", async () => {
    const { file, log, ends } = await killedStore();
    for (let length = 0; length <= log.length; length += 1511) {
      for (const rest of [new Uint8Array(), new Uint8Array(3000)]) {
        const cut = place({
          name: `${length}-${rest.length}`,
          file,
          log: Buffer.concat([log.subarray(0, length), rest]),
        });
        const whole = ends.filter((end) => end <= length).length;
        expect(await wholeCount(cut), `${length} bytes`).to.equal(whole);
        const store = await SqliteStore.open(cut);
        expect(await increment(store)).to.equal(whole + 1);
        await store.close();
        expect(await wholeCount(cut)).to.equal(whole + 1);
      }
    }
  });

  it("power cut while the log is moved into the file: any pages written or not, nothing is lost", async () => {
    const { file, log } = await killedStore();
    const after = readFileSync(path());
    const random = new TestRandom("checkpoint");
    const pages = after.length / 4096;
    for (let round = 0; round < 40; round++) {
      const mixed = Buffer.alloc(after.length);
      for (let page = 0; page < pages; page++) {
        const from = random.int(2) === 0 ? file : after;
        mixed.set(from.subarray(page * 4096, (page + 1) * 4096), page * 4096);
      }
      expect(await wholeCount(place({ name: String(round), file: mixed, log }))).to.equal(5);
    }
  });

  it("a bit flips anywhere in a closed store: found when it is opened, or it changes nothing", async () => {
    await killedStore();
    const file = readFileSync(path());
    const random = new TestRandom("flip");
    let found = 0;
    for (let round = 0; round < 250; round++) {
      const flipped = Buffer.from(file);
      // Every region of the file in turn: most of a page is empty, so the ends are met more often.
      const at = round < 130 ? round : file.length - 1 - random.int(file.length);
      flipped[at]! ^= 1 << random.int(8);
      const changed = place({ name: `flip-${round}`, file: flipped, log: null, mark: true });
      const outcome = await wholeCount(changed).catch((error: unknown) => error);
      if (outcome === 5) continue;
      found++;
      const known = ["damaged", "not-a-store", "newer", "rolled-back", "no-access"].map(
        (c) => `store/${c}`,
      );
      expect(
        known.some((code) => isSipsterError(outcome, code)),
        `byte ${at}: ${String(outcome)}`,
      ).to.equal(true);
    }
    expect(found).to.be.above(40);
  });

  it("a bit flips in the log of a killed store, the last confirmed change included: found", async () => {
    const { file, log, ends } = await killedStore();
    for (let at = 32; at < log.length; at += 401) {
      const flipped = Buffer.from(log);
      flipped[at]! ^= 0x10;
      const changed = place({ name: `log-${at}`, file, log: flipped, mark: true });
      await expectRejection(contentOf(changed), "store/rolled-back");
      expect(existsSync(changed)).to.equal(true);
    }
    // Without the mark the last change alone would be missing, as if its write had been cut off.
    const last = Buffer.from(log);
    last[ends[4]! - 100]! ^= 0x10;
    expect(await wholeCount(place({ name: "unmarked", file, log: last }))).to.equal(4);
  });

  it("an entry is taken out or put back while the store is closed: found", async () => {
    await killedStore();
    const copy = join(folder(), "altered");
    for (const sql of [
      "DELETE FROM entries WHERE key = 'n'",
      "UPDATE entries SET value = x'31' WHERE key = 'n'",
      "UPDATE entries SET key = 'm' WHERE key = 'n'",
      "DELETE FROM state",
    ]) {
      rmSync(copy, { force: true });
      copyFileSync(path(), copy);
      const database = new DatabaseSync(copy);
      database.exec(sql);
      database.close();
      await expectRejection(contentOf(copy), "store/damaged");
    }
  });
});

interface FullDisk {
  readonly path: string;
  readonly confirmed: readonly number[];
  readonly errors: readonly string[];
  readonly opened: boolean;
  /** The error of a transaction after the disk was well again. */
  readonly late: readonly string[];
}
