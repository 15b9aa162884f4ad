import { spawn } from "node:child_process";
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { Journal } from "../../src/aggregation/index.js";
import { expectError } from "./expect-error.js";

type Count = { readonly count: number };

describe("journal of states", () => {
  let folder: string;
  let path: string;
  let files = 0;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sipster-journal-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    path = join(folder, `${++files}`);
  });

  /** A file with the states 0 … last. */
  function written(last: number): Journal<Count> {
    const journal = Journal.create<Count>(path, "key", { count: 0 });
    for (let count = 1; count <= last; count++) journal.advance({ count });
    return journal;
  }
  const reopened = (): number => Journal.open<Count>(path, "key").current.count;

  it("keeps the last state, in a file that only its owner reads", () => {
    expect(written(3).current.count).to.equal(3);
    expect(reopened()).to.equal(3);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    const again = Journal.open<Count>(path, "key");
    again.advance({ count: 4 });
    expect(reopened()).to.equal(4);
  });

  it("has the state before or after a write, wherever the write was cut off", () => {
    written(2);
    const before = readFileSync(path);
    Journal.open<Count>(path, "key").advance({ count: 3 });
    const after = readFileSync(path);
    for (let length = before.length; length <= after.length; length++) {
      writeFileSync(path, after.subarray(0, length));
      const state = Journal.open<Count>(path, "key");
      expect(state.current.count).to.equal(length === after.length ? 3 : 2);
      // And it goes on from there.
      state.advance({ count: 10 });
      expect(reopened()).to.equal(10);
    }
  });

  it("refuses a file whose last whole line was altered: the mark would fall back", () => {
    written(2);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace('"count":2', '"count":1'));
    expectError("aggregation/state-damaged", reopened);
    writeFileSync(path, "");
    expectError("aggregation/state-damaged", reopened);
    writeFileSync(path, "no journal\n");
    expectError("aggregation/state-damaged", reopened);
  });

  it("refuses to begin anew over a file, and to go on without one", () => {
    written(1);
    expectError("aggregation/state-exists", () => Journal.create(path, "key", { count: 0 }));
    expect(reopened()).to.equal(1);
    expectError("aggregation/state-missing", () => Journal.open(join(folder, "none"), "key"));
  });

  it("refuses the file of another key", () => {
    written(1);
    expectError("aggregation/state-foreign", () => Journal.open(path, "other key"));
  });

  it("refuses the second of two processes that write from one state, and lets it go on after", () => {
    const first = written(1);
    const second = Journal.open<Count>(path, "key");
    first.advance({ count: 2 });
    expectError("aggregation/state-moved", () => {
      second.advance({ count: 20 });
    });
    expect(second.current.count).to.equal(2);
    expect(reopened()).to.equal(2);
    second.advance({ count: 3 });
    expectError("aggregation/state-moved", () => {
      first.advance({ count: 30 });
    });
    expect(first.current.count).to.equal(3);
    expect(reopened()).to.equal(3);
  });

  it("ignores a line that was cut off between two whole ones", () => {
    written(1);
    appendFileSync(path, '{"format":"sipster/label-jour');
    const journal = Journal.open<Count>(path, "key");
    expect(journal.current.count).to.equal(1);
    journal.advance({ count: 2 });
    expect(reopened()).to.equal(2);
  });

  it("never gives one label to two of four processes, and survives their being killed", async function () {
    this.timeout(60_000);
    Journal.create<Count>(path, "key", { count: 0 }).advance({ count: 0 });
    const script = resolve(import.meta.dirname, "journal-writer.ts");
    const claimed: number[] = [];
    const writers = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ["--import", "tsx", script, path], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let output = "";
      let alive = 0;
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        alive++;
        // Killed in the middle of its work, at no particular point.
        if (alive === 12) child.kill("SIGKILL");
      });
      return new Promise<void>((done) => {
        child.on("close", () => {
          claimed.push(...output.split("\n").filter(Boolean).map(Number));
          done();
        });
      });
    });
    await Promise.all(writers);
    expect(claimed.length).to.be.greaterThan(40);
    expect(new Set(claimed).size).to.equal(claimed.length);
    expect(reopened()).to.be.at.least(Math.max(...claimed));
  });
});
