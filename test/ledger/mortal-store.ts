/** A role's process that ends at a write of its store, wherever that is. */
import { expect } from "chai";
import { MemoryStore, type Store, type Transaction } from "../../src/store/index.js";

export class Killed extends Error {}

/** A store whose process ends at a write: before it, or after it is durable and before anyone hears of it. */
export class MortalStore implements Store {
  /** Writes left to live. */
  life = Infinity;
  isDurable = false;
  constructor(private readonly inner: Store) {}

  async transaction<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    let writes = false;
    const spy = (tx: Transaction): Transaction => ({
      get: (key) => tx.get(key),
      list: (prefix) => tx.list(prefix),
      put: (key, value) => {
        writes = true;
        tx.put(key, value);
      },
      delete: (key) => {
        writes = true;
        tx.delete(key);
      },
    });
    const result = await this.inner.transaction(async (tx) => {
      const value = await body(spy(tx));
      if (writes && this.life === 0 && !this.isDurable) throw new Killed();
      return value;
    });
    if (writes && this.life-- === 0) throw new Killed();
    return result;
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** Runs `body` with a process that ends at write 0, 1, 2 … until one lives through it. */
export async function endedAtEveryWrite(
  body: (store: MortalStore, disk: Store) => Promise<void>,
): Promise<number> {
  let deaths = 0;
  for (const isDurable of [false, true]) {
    for (let life = 0; ; life++) {
      const disk = new MemoryStore();
      const store = new MortalStore(disk);
      Object.assign(store, { life, isDurable });
      let killed = false;
      await body(store, disk).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
        killed = true;
      });
      if (!killed) break;
      deaths++;
      expect(deaths).to.be.lessThan(100);
    }
  }
  return deaths;
}

/** Runs until the process of a store ends, if it does. */
export async function orKilled(body: () => Promise<void>): Promise<void> {
  await body().catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });
}
