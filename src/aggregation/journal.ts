/**
 * `DurableState` in a file to which lines are only ever added: one JSON line a state, with its
 * number and a checksum. A line counts when it is whole, so a kill while writing leaves the state
 * before. Two processes that write at once both see the file's order: the first line with a number
 * wins, the other process is refused.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, randomBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { DurableState, StateRecord } from "./durable-state.js";
import { aggregationErrors } from "./errors.js";

const FORMAT = "sipster/label-journal@1";

interface Line<S> {
  /** Number of the state: 0 for the initial one, then one more each. */
  readonly n: number;
  readonly state: S;
  /** Chance value of the process that wrote the line. */
  readonly writer: string;
}

export class Journal<S extends StateRecord> implements DurableState<S> {
  readonly #writer = bytesToHex(randomBytes(8));
  /** Bytes of the file that are already taken into account. */
  #read = 0;
  #latest: Line<S>;

  private constructor(
    private readonly path: string,
    private readonly id: string,
    first: Line<S> | undefined,
  ) {
    if (first === undefined) {
      this.#latest = { n: -1, state: {} as S, writer: "" };
      const text = readText(path);
      // What stands after the last newline was cut off while it was written, and never counted.
      const whole = text.slice(0, text.lastIndexOf("\n") + 1);
      this.#take(whole);
      this.#read = Buffer.byteLength(whole);
      if (this.#latest.n < 0) throw damaged(path, "it holds no state");
    } else {
      this.#latest = first;
    }
  }

  /**
   * A new file for the key `id`, with this state. Refuses a path where a file is, since a mark
   * that is started anew lets labels be used twice.
   * @throws aggregation/state-exists
   */
  static create<S extends StateRecord>(path: string, id: string, initial: S): Journal<S> {
    const first = { n: 0, state: initial, writer: "" };
    const text = sealLine(id, first);
    let file: number;
    try {
      file = openSync(path, "wx", 0o600);
    } catch (error) {
      throw aggregationErrors.error(
        "state-exists",
        `the file ${path} exists or cannot be created`,
        { path },
        error,
      );
    }
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    syncFolder(path);
    const journal = new Journal<S>(path, id, first);
    journal.#read = Buffer.byteLength(text);
    return journal;
  }

  /**
   * The file of the key `id`, as the last process left it.
   * @throws aggregation/state-missing, state-foreign, state-damaged
   */
  static open<S extends StateRecord>(path: string, id: string): Journal<S> {
    return new Journal<S>(path, id, undefined);
  }

  get current(): S {
    return this.#latest.state;
  }

  advance(next: S): void {
    const line = { n: this.#latest.n + 1, state: next, writer: this.#writer };
    const file = openSync(this.path, "a+");
    try {
      const size = fstatSync(file).size;
      // A line that was cut off is closed first so that it cannot swallow this one, and spoiled in
      // case only its newline was missing: it did not count before, so it must not count now.
      const lead = size > 0 && readRange(file, size - 1, size) !== "\n" ? "~\n" : "";
      writeSync(file, lead + sealLine(this.id, line));
      fsyncSync(file);
      const since = readRange(file, this.#read, fstatSync(file).size);
      const whole = since.slice(0, since.lastIndexOf("\n") + 1);
      this.#take(whole);
      this.#read += Buffer.byteLength(whole);
    } finally {
      closeSync(file);
    }
    if (this.#latest.n !== line.n || this.#latest.writer !== this.#writer) {
      throw aggregationErrors.error(
        "state-moved",
        `another process has written to ${this.path} since it was read`,
        { path: this.path },
      );
    }
  }

  /** Applies whole lines in the file's order. Only the first line with the next number counts. */
  #take(text: string): void {
    let bad = false;
    for (const raw of text.split("\n")) {
      if (raw === "") continue;
      const line = openLine<S>(this.id, raw, this.path);
      bad = line === null;
      if (line !== null && line.n === this.#latest.n + 1) this.#latest = line;
    }
    // A damaged line is harmless when a whole one follows: it was cut off and then closed.
    if (bad) throw damaged(this.path, "its last line does not match its checksum");
  }
}

function sealLine<S>(id: string, line: Line<S>): string {
  const body = JSON.stringify({ format: FORMAT, key: id, ...line });
  return `${body} ${checksum(body)}\n`;
}

/** `null` for a line that does not match its checksum. */
function openLine<S>(id: string, raw: string, path: string): Line<S> | null {
  const cut = raw.lastIndexOf(" ");
  const body = raw.slice(0, cut);
  if (cut < 0 || checksum(body) !== raw.slice(cut + 1)) return null;
  const { format, key, ...line } = JSON.parse(body) as Line<S> & { format: string; key: string };
  if (format !== FORMAT || key !== id) {
    throw aggregationErrors.error("state-foreign", `the file ${path} is the state of another key`, {
      path,
      expected: id,
      got: key,
    });
  }
  return line as Line<S>;
}

function checksum(body: string): string {
  return bytesToHex(sha256(utf8ToBytes(body)).subarray(0, 8));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw aggregationErrors.error(
      "state-missing",
      `the file ${path} cannot be read`,
      { path },
      error,
    );
  }
}

function readRange(file: number, from: number, to: number): string {
  const bytes = Buffer.alloc(to - from);
  const length = readSync(file, bytes, 0, bytes.length, from);
  return bytes.subarray(0, length).toString("utf8");
}

function syncFolder(path: string): void {
  // Windows has no handle on a folder, and needs none: its file creation is journalled.
  if (process.platform === "win32") return;
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function damaged(path: string, why: string): Error {
  return aggregationErrors.error("state-damaged", `the file ${path} is damaged: ${why}`, { path });
}
