/**
 * What a trustee has answered: a chain of entries, each with a hash over everything before it, so that
 * no entry can be taken out or altered unnoticed. It is also the trustee's memory of which readings
 * are spent.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { sealedErrors } from "./errors.js";

/** Readings of one meter: its address, and its intervals as pairs from–to, both included. */
export interface SpentReadings {
  readonly meter: string;
  readonly intervals: readonly (readonly [from: number, to: number])[];
}

/** One answered request; plain JSON. */
export interface LogEntry {
  /** 0, 1, 2 … */
  readonly number: number;
  /** Digest of the request, hex. */
  readonly request: string;
  readonly spent: readonly SpentReadings[];
  /** Hash of the entry before and of this one, hex. */
  readonly head: string;
}

const START = "0".repeat(64);

function headOf(previous: string, { number, request, spent }: Omit<LogEntry, "head">): string {
  const text = JSON.stringify(["sipster/sealed/log@1", previous, number, request, spent]);
  return bytesToHex(keccak_256(utf8ToBytes(text)));
}

export class TrusteeLog {
  readonly #entries: LogEntry[] = [];
  readonly #requests = new Set<string>();
  readonly #spent = new Map<string, [from: number, to: number][]>();

  /** `entries` are those of an earlier life. @throws sealed/damaged-log */
  constructor(entries: readonly LogEntry[] = []) {
    entries.forEach((entry, i) => {
      const head = headOf(this.head, entry);
      if (entry.number !== i || entry.head !== head) {
        throw sealedErrors.error(
          "damaged-log",
          `entry ${i} of the log does not follow the one before`,
          {
            entry: i,
          },
        );
      }
      this.#keep(entry);
    });
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Hash over the whole log: who publishes it cannot take an entry back. */
  get head(): string {
    return this.#entries.at(-1)?.head ?? START;
  }

  /** Was this very request answered before? */
  answered(request: string): boolean {
    return this.#requests.has(request);
  }

  /** Was the reading in a sum that was answered? */
  isSpent(meter: string, interval: number): boolean {
    return (this.#spent.get(meter) ?? []).some(([from, to]) => from <= interval && interval <= to);
  }

  /** The next entry, which takes effect with {@link append}. `readings` are sorted into ranges. */
  next(request: string, readings: ReadonlyMap<string, readonly number[]>): LogEntry {
    const spent = [...readings].map(([meter, numbers]) => ({ meter, intervals: ranges(numbers) }));
    const entry = { number: this.#entries.length, request, spent };
    return { ...entry, head: headOf(this.head, entry) };
  }

  append(entry: LogEntry): void {
    this.#keep(entry);
  }

  #keep(entry: LogEntry): void {
    this.#entries.push(entry);
    this.#requests.add(entry.request);
    for (const { meter, intervals } of entry.spent) {
      const known = this.#spent.get(meter) ?? [];
      for (const [from, to] of intervals) known.push([from, to]);
      this.#spent.set(meter, known);
    }
  }
}

/** Consecutive numbers as pairs from–to. */
function ranges(numbers: readonly number[]): [from: number, to: number][] {
  const result: [number, number][] = [];
  for (const k of [...numbers].sort((a, b) => a - b)) {
    const last = result.at(-1);
    if (last !== undefined && k === last[1] + 1) last[1] = k;
    else result.push([k, k]);
  }
  return result;
}
