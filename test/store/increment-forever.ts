/** Child of file-store.test.ts: counts up in a store, five transactions at once, and prints what is confirmed. */
import { FileStore } from "../../src/store/index.js";

const store = await FileStore.open(process.argv[2]!);

async function increment(): Promise<number> {
  const next = await store.transaction(async (tx) => {
    const value = Number(new TextDecoder().decode(await tx.get("n")) || "0") + 1;
    tx.put("n", new TextEncoder().encode(String(value)));
    tx.put(`seen/${value}`, new Uint8Array(100));
    return value;
  });
  process.stdout.write(`${next}\n`);
  return next;
}

await Promise.all(
  Array.from({ length: 5 }, async () => {
    for (;;) await increment();
  }),
);
