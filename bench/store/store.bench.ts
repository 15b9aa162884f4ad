/** What durability costs: transactions in a file beside memory, a record replaced, a store opened. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore, RecordFile, SqliteStore, type Store } from "../../src/store/index.js";
import { medianMs, type Benchmark } from "../harness.js";

const VALUE = new Uint8Array(200).fill(7);

/** Transactions a second: each reads an entry that is absent and puts two. */
async function perSecond(store: Store, count: number, together: boolean): Promise<number> {
  let next = 0;
  const one = (): Promise<void> =>
    store.transaction(async (tx) => {
      const key = `coin/${next++}`;
      if ((await tx.get(key)) !== undefined) return;
      tx.put(key, VALUE);
      tx.put(`token/${key}`, VALUE);
    });
  const ms = await medianMs(async () => {
    if (together) await Promise.all(Array.from({ length: count }, one));
    else for (let i = 0; i < count; i++) await one();
    return count;
  });
  return 1000 / ms;
}

const benchmark: Benchmark = {
  name: "store",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "sipster-bench-"));
    const path = (name: string): string => join(folder, name);
    const file = await SqliteStore.open(path("books"));
    const memory = new MemoryStore();
    const record = RecordFile.open(path("record"));
    const single = await perSecond(file, 300, false);
    const together = await perSecond(file, 256 * 8, true);
    const recordMs = await medianMs(() => {
      for (let i = 0; i < 200; i++) record.write(VALUE);
      return 200;
    });
    record.close();
    const large = await SqliteStore.open(path("large"));
    await large.transaction(async (tx) => {
      for (let i = 0; i < 100_000; i++) tx.put(`entry/${i}`, VALUE);
    });
    await large.close();
    const openMs = await medianMs(async () => (await SqliteStore.open(path("large"))).close());
    const memoryTogether = await perSecond(memory, 256 * 8, true);
    await file.close();
    rmSync(folder, { recursive: true });
    return [
      { what: "transactions in a file, one after the other", value: single, unit: "per second" },
      {
        what: "transactions in a file, 2,048 at once",
        value: together,
        unit: "per second",
        comparedWith: { what: "in memory", value: memoryTogether },
      },
      { what: "a record of 200 bytes replaced", value: recordMs, unit: "ms" },
      { what: "a store of 100,000 entries opened, every row checked", value: openMs, unit: "ms" },
    ];
  },
};
export default benchmark;
