import { expect } from "chai";
import { join } from "node:path";
import { Keyring, sealedStore } from "../../src/keystore/index.js";
import { MemoryStore, openStore, SqliteStore, type Store } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { describeWithPostgres, PostgresCluster } from "../support/postgres.js";
import { temporaryDirectory } from "../support/temporary.js";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** The laws of every store. `open` gives one with nothing in it. */
function storeLaws(open: () => Promise<Store>): void {
  let store: Store;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  const read = (key: string): Promise<Uint8Array | undefined> =>
    store.transaction((tx) => tx.get(key));

  it("keeps what a transaction puts, and forgets what it deletes", async () => {
    await store.transaction(async (tx) => {
      tx.put("a", bytes(1));
      tx.put("b", bytes());
    });
    await store.transaction(async (tx) => {
      tx.delete("a");
      expect(await tx.get("a")).to.equal(undefined);
      expect(await tx.get("b")).to.deep.equal(bytes());
    });
    expect(await read("a")).to.equal(undefined);
    expect(await read("b")).to.deep.equal(bytes());
    expect(await read("never")).to.equal(undefined);
  });

  it("lists a prefix in order, with the transaction's own changes", async () => {
    await store.transaction(async (tx) => {
      for (const key of ["x/2", "x/1", "y/1", "x"]) tx.put(key, bytes(key.length));
    });
    await store.transaction(async (tx) => {
      tx.delete("x/1");
      tx.put("x/3", bytes(9));
      tx.put("x/0", bytes(8));
      tx.put("z/0", bytes(8));
      expect(await tx.list("x/")).to.deep.equal([
        ["x/0", bytes(8)],
        ["x/2", bytes(3)],
        ["x/3", bytes(9)],
      ]);
    });
  });

  it("changes nothing if the body throws, and goes on", async () => {
    const attempt = store.transaction(async (tx) => {
      tx.put("a", bytes(1));
      throw new Error("changed my mind");
    });
    await attempt.then(
      () => expect.fail("it should throw"),
      (error: Error) => expect(error.message).to.equal("changed my mind"),
    );
    expect(await read("a")).to.equal(undefined);
  });

  it("runs a hundred transactions that are started at once as if one after the other", async () => {
    await Promise.all(
      Array.from({ length: 100 }, () =>
        store.transaction(async (tx) => {
          const before = (await tx.get("n"))?.[0] ?? 0;
          await new Promise((resolve) => setImmediate(resolve));
          tx.put("n", bytes(before + 1));
        }),
      ),
    );
    expect(await read("n")).to.deep.equal(bytes(100));
  });

  it("keeps a copy: the caller may reuse its buffer", async () => {
    const buffer = bytes(1, 2);
    await store.transaction(async (tx) => {
      tx.put("a", buffer);
    });
    buffer.fill(0);
    expect(await read("a")).to.deep.equal(bytes(1, 2));
  });

  it("refuses transactions after it is closed, and closes twice", async () => {
    await store.close();
    await store.close();
    await expectRejection(read("a"), "store/closed");
  });
}

describe("store in memory", () => {
  storeLaws(async () => new MemoryStore());
});

describe("store in a file", () => {
  const folder = temporaryDirectory();
  storeLaws(() => SqliteStore.open(join(folder(), "books")));
});

describe("store with sealed values", () => {
  const folder = temporaryDirectory();
  storeLaws(async () => {
    const keyring = await Keyring.open(join(folder(), "keyring"), "passphrase", 2 ** 10);
    return sealedStore(new MemoryStore(), keyring, "laws");
  });
});

describeWithPostgres("store of keys and values in PostgreSQL", function () {
  this.timeout(60_000);
  let cluster: PostgresCluster;
  let book = 0;
  before(async () => {
    cluster = await PostgresCluster.start();
  });
  after(() => cluster.stop());
  storeLaws(() => openStore(cluster.url, `book ${book++}`));
});
