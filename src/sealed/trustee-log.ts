/**
 * What a trustee has answered: a chain of entries, each with a hash over everything before it, so that
 * no entry can be taken out or altered unnoticed. It is also the trustee's memory of which readings are spent,
 * for bills and for sums of groups separately.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { bareHexField, countField, matching, readJson } from "../json/index.js";
import { sealedErrors } from "./errors.js";
import type { LogHead } from "./head-anchor.js";
import type { RequestKind } from "./sum-request.js";

/** Numbers of a meter's readings, both included; the meter's address in hex. */
export interface SpentReadings {
  readonly meter: string;
  readonly from: number;
  readonly to: number;
}

/** One answered request; plain JSON. */
export interface LogEntry {
  /** 0, 1, 2 … */
  readonly number: number;
  readonly kind: RequestKind;
  /** Digest of the request, hex. */
  readonly request: string;
  readonly spent: readonly SpentReadings[];
  /** Hash of the entry before and of this one, hex. */
  readonly head: string;
}

const hashField = matching(/^[0-9a-f]{64}$/, "is not a hash");

const entryField = v.strictObject({
  number: countField,
  kind: v.picklist(["bill", "group"]),
  request: hashField,
  spent: v.pipe(
    v.array(v.strictObject({ meter: bareHexField, from: countField, to: countField })),
    v.readonly(),
  ),
  head: hashField,
});

/** An entry as a trustee keeps it. @throws sealed/damaged-log */
export function parseLogEntry(bytes: Uint8Array): LogEntry {
  return readJson(entryField, bytes, (why, _field, cause) =>
    sealedErrors.errorFrom({ key: "damaged-log", message: `an entry of the log ${why}`, cause }),
  );
}

const START = "0".repeat(64);

function headOf(previous: string, entry: Omit<LogEntry, "head">): string {
  const { number, kind, request } = entry;
  const spent = entry.spent.map(({ meter, from, to }) => [meter, from, to]);
  const text = JSON.stringify(["sipster/sealed/log@2", previous, number, kind, request, spent]);
  return bytesToHex(keccak_256(utf8ToBytes(text)));
}

export class TrusteeLog {
  readonly #entries: LogEntry[] = [];
  readonly #requests = new Set<string>();
  readonly #spent = new Map<string, { from: number; to: number; request: string }[]>();

  /**
   * `entries` are those of an earlier life; `anchored` is what the world was told of them.
   * @throws sealed/damaged-log, sealed/log-behind-anchor
   */
  constructor(entries: readonly LogEntry[] = [], anchored: LogHead | null = null) {
    entries.forEach((entry, i) => {
      if (entry.number !== i || entry.head !== headOf(this.head.head, entry)) {
        throw sealedErrors.error(
          "damaged-log",
          `entry ${i} of the log does not follow the one before`,
          { entry: i },
        );
      }
      this.append(entry);
    });
    if (anchored === null || anchored.count === 0) return;
    if (this.#entries[anchored.count - 1]?.head !== anchored.head) {
      throw sealedErrors.error(
        "log-behind-anchor",
        `the log has ${entries.length} entries and does not reach the anchored head of entry ${anchored.count}`,
        { entries: entries.length, anchored: anchored.count },
      );
    }
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Count, and hash over the whole log: who publishes it cannot take an entry back. */
  get head(): LogHead {
    return { count: this.#entries.length, head: this.#entries.at(-1)?.head ?? START };
  }

  /** Was this very request answered before? */
  answered(request: string): boolean {
    return this.#requests.has(request);
  }

  /** The request under which one of the readings was answered before; `null` if none was. */
  spentIn(kind: RequestKind, { meter, from, to }: SpentReadings): string | null {
    const known = this.#spent.get(`${kind} ${meter}`) ?? [];
    return known.find((k) => k.from <= to && from <= k.to)?.request ?? null;
  }

  /** The next entry, which takes effect with {@link append}. */
  next(kind: RequestKind, request: string, spent: readonly SpentReadings[]): LogEntry {
    const entry = { number: this.#entries.length, kind, request, spent };
    return { ...entry, head: headOf(this.head.head, entry) };
  }

  append(entry: LogEntry): void {
    this.#entries.push(entry);
    this.#requests.add(entry.request);
    for (const { meter, from, to } of entry.spent) {
      const key = `${entry.kind} ${meter}`;
      const known = this.#spent.get(key) ?? [];
      known.push({ from, to, request: entry.request });
      this.#spent.set(key, known);
    }
  }
}
