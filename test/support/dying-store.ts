/** A store whose process dies at a chosen write. */
import { MemoryStore, type Store, type Transaction } from "../../src/store/index.js";

export class Death extends Error {}

/** Dies at write transaction number `at`, either losing it or right after it is durable. */
export class DyingStore implements Store {
  writes = 0;
  withdrew = false;
  #dead = false;
  readonly #store = new MemoryStore();
  constructor(
    private readonly at: number,
    private readonly side: "before" | "after",
  ) {}

  revive(): void {
    this.#dead = false;
    // A withdrawal that was begun is found by `resume`.
    this.withdrew = this.writes > 0 && (this.at > 0 || this.side === "after");
  }

  async transaction<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.#dead) throw new Death();
    let wrote = false;
    let dies = false;
    const result = await this.#store.transaction(async (tx) => {
      const note = (): void => {
        wrote = true;
      };
      const value = await body({
        get: (key) => tx.get(key),
        list: (prefix) => tx.list(prefix),
        put: (key, v) => {
          note();
          tx.put(key, v);
        },
        delete: (key) => {
          note();
          tx.delete(key);
        },
      });
      if (wrote) dies = this.writes++ === this.at;
      if (dies && this.side === "before") {
        this.#dead = true;
        throw new Death();
      }
      return value;
    });
    if (dies) {
      this.#dead = true;
      throw new Death();
    }
    return result;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
