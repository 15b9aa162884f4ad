/** What the tests of stores share. */
import { SqliteStore, type Store } from "../../src/store/index.js";

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** One transaction of two entries. */
export async function putText(store: Store, key: string, value: string): Promise<void> {
  await store.transaction(async (tx) => {
    tx.put(key, utf8(value));
    tx.put("last", utf8(key));
  });
}

/** Opens a store, reads all of it as text, and closes it. */
export async function contentOf(path: string): Promise<Record<string, string>> {
  const store = await SqliteStore.open(path);
  try {
    const entries = await store.transaction((tx) => tx.list(""));
    return Object.fromEntries(entries.map(([k, v]) => [k, new TextDecoder().decode(v)]));
  } finally {
    await store.close();
  }
}

const NOBODY = 65534;

/** Runs `body` without the rights of root, which no file mode binds. */
export async function asNobody(body: () => Promise<void>): Promise<void> {
  if (process.geteuid!() !== 0) return body();
  process.seteuid!(NOBODY);
  try {
    await body();
  } finally {
    process.seteuid!(0);
  }
}
