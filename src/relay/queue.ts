/**
 * The bills a relayer has taken, in a store that survives: a bill that was confirmed to its owner is
 * settled in the end, whatever happens to the process in between.
 */
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { errorFromJson, errorToJson, type ErrorJson } from "../errors/error-json.js";
import type { Store, Transaction } from "../store/index.js";
import { relayErrors } from "./errors.js";
import type { RelayStatus } from "./protocol.js";

export interface QueuedBill {
  readonly status: RelayStatus;
  /** The bill file. Forgotten once the bill is settled or refused. */
  readonly text: string;
  /** Unix milliseconds at which it was taken, or came to its end. */
  readonly since: number;
}

interface Entry {
  readonly status: Omit<RelayStatus, "error"> & { readonly error: ErrorJson | null };
  readonly text: string;
  readonly since: number;
}

/** Bills that are queued or sent, and bills that are settled or refused. */
const WAITING = "waiting/";
const OVER = "over/";

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
   * Takes a bill, unless it waits or is settled already; returns what is known of it. Durable when
   * the promise resolves.
   * @throws relay/queue-full
   */
  add(bill: QueuedBill): Promise<QueuedBill> {
    const { id } = bill.status;
    return this.store.transaction(async (tx) => {
      const there = await find(tx, id);
      // What was refused for a reason that has passed may be handed in again: it was checked anew.
      if (there !== null && there.status.state !== "refused") return there;
      const waiting = (await tx.list(WAITING)).length;
      if (waiting >= this.capacity) {
        throw relayErrors.error("queue-full", `${waiting} bills are waiting to be sent`, {
          waiting,
        });
      }
      tx.delete(OVER + id);
      write(tx, bill);
      return bill;
    });
  }

  find(id: string): Promise<QueuedBill | null> {
    return this.store.transaction((tx) => find(tx, id));
  }

  /** Bills to be sent, the longest waiting first: also those that an earlier run was sending. */
  waiting(): Promise<QueuedBill[]> {
    return this.store.transaction(async (tx) =>
      (await tx.list(WAITING))
        .map(([, bytes]) => decode(bytes))
        .toSorted((a, b) => a.since - b.since),
    );
  }

  /** Notes what became of bills. `now` in Unix milliseconds. */
  async update(changes: readonly RelayStatus[], now: number): Promise<void> {
    await this.store.transaction(async (tx) => {
      for (const status of changes) {
        const bill = await find(tx, status.id);
        if (bill === null) continue;
        const over = isOver(status);
        if (over) tx.delete(WAITING + status.id);
        write(tx, over ? { status, text: "", since: now } : { ...bill, status });
      }
    });
  }

  /** Forgets bills that came to their end long ago. `now` in Unix milliseconds. */
  async forget(now: number): Promise<void> {
    await this.store.transaction(async (tx) => {
      for (const [key, bytes] of await tx.list(OVER)) {
        if (decode(bytes).since + this.memory < now) tx.delete(key);
      }
    });
  }
}

function isOver({ state }: RelayStatus): boolean {
  return state === "settled" || state === "refused";
}

async function find(tx: Transaction, id: string): Promise<QueuedBill | null> {
  const bytes = (await tx.get(WAITING + id)) ?? (await tx.get(OVER + id));
  return bytes === undefined ? null : decode(bytes);
}

function write(tx: Transaction, { status, text, since }: QueuedBill): void {
  const error = status.error === null ? null : errorToJson(status.error);
  const entry: Entry = { status: { ...status, error }, text, since };
  tx.put((isOver(status) ? OVER : WAITING) + status.id, utf8ToBytes(JSON.stringify(entry)));
}

function decode(bytes: Uint8Array): QueuedBill {
  const { status, text, since } = JSON.parse(new TextDecoder().decode(bytes)) as Entry;
  const error = status.error === null ? null : errorFromJson(status.error);
  return { status: { ...status, error }, text, since };
}
