/**
 * Packets seen before, by the hash of the secret that each shares with this node, which nobody can change
 * without the HMAC failing. Names are durable before anything of their batch goes on, so a relay that is ended and
 * started again drops what it has passed on. One whose memory is lost refuses the epoch: it cannot know.
 */
import type { Store } from "../../store/index.js";
import { sha256 } from "./sha256.js";

const NAME_BYTES = 16;
const PREFIX = "onion/seen/";

const epochKey = (epoch: number): string => `${PREFIX}${epoch.toString().padStart(10, "0")}/`;

export class SeenPackets {
  readonly #epochs = new Map<number, { readonly names: Set<string>; batches: number }>();

  private constructor(private readonly store: Store) {}

  /** Starts with what the store holds: the epochs that were entered, and what was seen in them. */
  static async open(store: Store): Promise<SeenPackets> {
    const seen = new SeenPackets(store);
    for (const [key, bytes] of await store.transaction((tx) => tx.list(PREFIX))) {
      const epoch = Number(key.slice(PREFIX.length).split("/")[0]);
      const known = seen.#epochs.get(epoch) ?? { names: new Set<string>(), batches: 0 };
      for (let at = 0; at < bytes.length; at += NAME_BYTES) known.names.add(nameAt(bytes, at));
      known.batches++;
      seen.#epochs.set(epoch, known);
    }
    return seen;
  }

  /** Was the epoch entered while this memory was there? */
  knows(epoch: number): boolean {
    return this.#epochs.has(epoch);
  }

  /** Enters an epoch that has not begun, and forgets those before the last. */
  async enter(epoch: number): Promise<void> {
    const old = [...this.#epochs.keys()].filter((e) => e < epoch - 1);
    await this.store.transaction(async (tx) => {
      if (!this.knows(epoch)) tx.put(epochKey(epoch), new Uint8Array());
      for (const e of old) for (const [key] of await tx.list(epochKey(e))) tx.delete(key);
    });
    for (const e of old) this.#epochs.delete(e);
    if (!this.knows(epoch)) this.#epochs.set(epoch, { names: new Set(), batches: 1 });
  }

  /** Which of a batch are new, in its order; they are seen, durably, when the promise resolves. */
  async add(epoch: number, secrets: readonly Uint8Array[]): Promise<boolean[]> {
    const known = this.#epochs.get(epoch)!;
    const fresh: Uint8Array[] = [];
    const isNew = secrets.map((secret) => {
      const hash = sha256(secret).subarray(0, NAME_BYTES);
      const name = nameAt(hash, 0);
      if (known.names.has(name)) return false;
      known.names.add(name);
      fresh.push(hash);
      return true;
    });
    if (fresh.length > 0) {
      const key = `${epochKey(epoch)}${(known.batches++).toString().padStart(6, "0")}`;
      await this.store.transaction(async (tx) => tx.put(key, Buffer.concat(fresh)));
    }
    return isNew;
  }
}

function nameAt(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, NAME_BYTES).toString("latin1");
}
