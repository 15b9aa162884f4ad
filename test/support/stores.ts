/** The same tests over every store: in memory, in a SQLite file, in PostgreSQL. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore, openStore, type Store } from "../../src/store/index.js";
import { describeWithPostgres, PostgresCluster } from "./postgres.js";

export interface Stores {
  /** An empty store. */
  open(): Promise<Store>;
  /** As another instance sees the last one that was opened; the same store where one process has it. */
  beside(): Promise<Store>;
}

/** Runs the suite once over each kind of store. What it opens is closed after each test. */
export function describeOnEveryStore(title: string, body: (stores: Stores) => void): void {
  describe(`${title}, in memory`, () => {
    let last = new MemoryStore();
    body({
      open: async () => (last = new MemoryStore()),
      beside: async () => last,
    });
  });

  describe(`${title}, in a SQLite file`, () => {
    const folder = mkdtempSync(join(tmpdir(), "sipster-stores-"));
    const opened: Store[] = [];
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });
    after(() => rmSync(folder, { recursive: true, force: true }));
    let number = 0;
    body({
      async open() {
        const store = await openStore(join(folder, String(number++)), "book");
        opened.push(store);
        return store;
      },
      beside: async () => opened.at(-1)!,
    });
  });

  describeWithPostgres(`${title}, in PostgreSQL`, function () {
    this.timeout(120_000);
    let cluster: PostgresCluster;
    const opened: Store[] = [];
    before(async () => {
      cluster = await PostgresCluster.start();
    });
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });
    after(() => cluster.stop());
    let number = 0;
    const openBook = async (): Promise<Store> => {
      const store = await openStore(cluster.url, `book ${number}`);
      opened.push(store);
      return store;
    };
    body({
      open() {
        number++;
        return openBook();
      },
      beside: openBook,
    });
  });
}
