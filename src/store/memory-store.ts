/** A store that lives as long as its process: for tests and demonstrations. */
import type { Changes } from "./pending-transaction.js";
import { SerialStore } from "./serial-store.js";

export class MemoryStore extends SerialStore {
  readonly #entries = new Map<string, Uint8Array>();

  protected get(key: string): Uint8Array | undefined {
    return this.#entries.get(key);
  }

  protected list(prefix: string): (readonly [string, Uint8Array])[] {
    return [...this.#entries].filter(([key]) => key.startsWith(prefix));
  }

  protected commit(changes: Changes): Promise<void> {
    for (const [key, value] of changes) {
      if (value === null) this.#entries.delete(key);
      else this.#entries.set(key, value);
    }
    return Promise.resolve();
  }

  protected release(): Promise<void> {
    return Promise.resolve();
  }
}
