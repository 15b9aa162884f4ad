/** A process of its own over one PostgreSQL: counts, and prints what is confirmed. */
import { openStore } from "../../src/store/index.js";

const [what, url, book, times] = process.argv.slice(2);
if (what === "count") {
  const store = await openStore(url!, book!);
  for (let i = 0; i < Number(times); i++) {
    const n = await store.transaction(async (tx) => {
      const value = Number(new TextDecoder().decode(await tx.get("n")) || "0") + 1;
      tx.put("n", new TextEncoder().encode(String(value)));
      return value;
    });
    process.stdout.write(`${n}\n`);
  }
  await store.close();
}
