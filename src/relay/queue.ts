/**
 * The bills a relayer has taken, in a store that survives: a bill that was confirmed to its owner is
 * settled in the end, no matter what happens to the process in between. A bill file is kept until its
 * settlement is final.
 */
import { utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { errorFromJson, errorToJson } from "../errors/error-json.js";
import { countField, errorField, readJson } from "../json/index.js";
import type { Store, Transaction } from "../store/index.js";
import { relayErrors } from "./errors.js";
import { RELAY_STATES, type RelayState, type RelayStatus } from "./protocol.js";

export interface QueuedBill {
  readonly status: RelayStatus;
  /** The bill file. Forgotten once the settlement is final, or the bill refused. */
  readonly text: string;
  /** Unix milliseconds at which it was taken, at which its settlement returned, or its end. */
  readonly since: number;
}

const entryField = v.strictObject({
  status: v.strictObject({
    id: v.string(),
    meter: v.string(),
    period: countField,
    state: v.picklist(RELAY_STATES),
    transaction: v.nullable(v.string()),
    block: v.nullable(countField),
    error: v.nullable(errorField),
  }),
  text: v.string(),
  since: countField,
});

/** Bills to be sent, bills that are settled and may be taken back, and bills at their end. */
const PLACES = { waiting: "waiting/", watched: "watched/", over: "over/" } as const;
type Place = keyof typeof PLACES;

const PLACE_OF: Readonly<Record<RelayState, Place>> = {
  queued: "waiting",
  sent: "waiting",
  included: "watched",
  safe: "watched",
  returned: "watched",
  final: "over",
  refused: "over",
};

export class RelayQueue {
  /**
   * @param capacity bills that wait at the same time, at most
   * @param memory milliseconds for which the end of a bill is remembered
   */
  constructor(
    private readonly store: Store,
    private readonly capacity: number,
    private readonly memory: number,
  ) {}

  /**
   * Takes bills, unless they wait or are watched already; returns what is known of each, in their
   * order. One that came to its end before was checked again, so it is taken again. Durable when the
   * promise resolves.
   * @returns relay/queue-full for a bill that finds no room
   */
  add(bills: readonly QueuedBill[]): Promise<(QueuedBill | Error)[]> {
    return this.store.transaction(async (tx) => {
      let waiting = (await tx.list(PLACES.waiting)).length;
      const answers: (QueuedBill | Error)[] = [];
      for (const bill of bills) {
        const known = await find(tx, bill.status.id);
        if (known !== null && PLACE_OF[known.status.state] !== "over") {
          answers.push(known);
          continue;
        }
        const waits = PLACE_OF[bill.status.state] === "waiting";
        if (waits && waiting >= this.capacity) {
          answers.push(
            relayErrors.error("queue-full", `${waiting} bills are waiting to be sent`, { waiting }),
          );
          continue;
        }
        if (waits) waiting++;
        if (known !== null) tx.delete(keyOf(known.status));
        write(tx, bill);
        answers.push(bill);
      }
      return answers;
    });
  }

  /** What is known of each id, in their order. */
  find(ids: readonly string[]): Promise<(QueuedBill | null)[]> {
    return this.store.transaction(async (tx) => {
      const found: (QueuedBill | null)[] = [];
      for (const id of ids) found.push(await find(tx, id));
      return found;
    });
  }

  /** Bills to be sent, the longest waiting first: also those that an earlier run was sending. */
  waiting(): Promise<QueuedBill[]> {
    return this.#list("waiting");
  }

  /** Bills whose settlement is not final, the oldest first. */
  watched(): Promise<QueuedBill[]> {
    return this.#list("watched");
  }

  /** Notes what became of bills. `now` in Unix milliseconds. */
  async update(changes: readonly RelayStatus[], now: number): Promise<void> {
    await this.store.transaction(async (tx) => {
      for (const status of changes) {
        const bill = await find(tx, status.id);
        if (bill === null) continue;
        tx.delete(keyOf(bill.status));
        const over = PLACE_OF[status.state] === "over";
        const moved = over || (status.state === "returned" && bill.status.state !== "returned");
        write(tx, {
          status,
          text: over ? "" : bill.text,
          since: moved ? now : bill.since,
        });
      }
    });
  }

  /** Forgets bills that came to their end long ago. `now` in Unix milliseconds. */
  async forget(now: number): Promise<void> {
    await this.store.transaction(async (tx) => {
      for (const [key, bytes] of await tx.list(PLACES.over)) {
        if (decode(bytes).since + this.memory < now) tx.delete(key);
      }
    });
  }

  #list(place: Place): Promise<QueuedBill[]> {
    return this.store.transaction(async (tx) =>
      (await tx.list(PLACES[place]))
        .map(([, bytes]) => decode(bytes))
        .toSorted((a, b) => a.since - b.since),
    );
  }
}

function keyOf({ id, state }: RelayStatus): string {
  return PLACES[PLACE_OF[state]] + id;
}

async function find(tx: Transaction, id: string): Promise<QueuedBill | null> {
  for (const place of Object.values(PLACES)) {
    const bytes = await tx.get(place + id);
    if (bytes !== undefined) return decode(bytes);
  }
  return null;
}

function write(tx: Transaction, { status, text, since }: QueuedBill): void {
  const error = status.error === null ? null : errorToJson(status.error);
  const entry = { status: { ...status, error }, text, since };
  tx.put(keyOf(status), utf8ToBytes(JSON.stringify(entry)));
}

function decode(bytes: Uint8Array): QueuedBill {
  const { status, text, since } = readJson(entryField, bytes, (why, _field, cause) =>
    relayErrors.errorFrom({
      key: "queue-damaged",
      message: `a record of the relayer's queue ${why}`,
      cause,
    }),
  );
  const error = status.error === null ? null : errorFromJson(status.error);
  return { status: { ...status, error }, text, since };
}
