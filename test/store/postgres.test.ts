import { expect } from "chai";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { openStore, PostgresPool, PostgresStore, type Store } from "../../src/store/index.js";
import { startScript } from "../support/child.js";
import { expectRejection } from "../support/errors.js";
import { describeWithPostgres, PostgresCluster, CuttingProxy } from "../support/postgres.js";
import { temporaryDirectory } from "../support/temporary.js";
import { join } from "node:path";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { utf8 } from "./support.js";

const CHILD = join(import.meta.dirname, "postgres-child.ts");

async function increment(store: Store, key = "n"): Promise<number> {
  return store.transaction(async (tx) => {
    const value = Number(new TextDecoder().decode(await tx.get(key)) || "0") + 1;
    tx.put(key, utf8(String(value)));
    return value;
  });
}

async function read(store: Store, key = "n"): Promise<number> {
  return store.transaction(async (tx) => Number(new TextDecoder().decode(await tx.get(key))));
}

describeWithPostgres("store in PostgreSQL", function () {
  this.timeout(120_000);
  const folder = temporaryDirectory();
  let cluster: PostgresCluster;
  let book = 0;
  before(async () => {
    cluster = await PostgresCluster.start();
  });
  after(() => cluster.stop());
  beforeEach(() => void book++);

  const open = (url = cluster.url): Promise<Store> => openStore(url, `book ${book}`);

  it("given two processes that open an empty database at once: both have its tables", async () => {
    const stores = await Promise.all(Array.from({ length: 6 }, () => open()));
    await Promise.all(stores.map((store) => increment(store)));
    expect(await read(stores[0]!)).to.equal(6);
    await Promise.all(stores.map((store) => store.close()));
  });

  it("keeps books apart that share a database", async () => {
    const [one, other] = [
      await openStore(cluster.url, "one"),
      await openStore(cluster.url, "other"),
    ];
    await increment(one);
    expect(await other.transaction((tx) => tx.list(""))).to.deep.equal([]);
    await Promise.all([one.close(), other.close()]);
  });

  it("lists prefixes that end in the highest bytes", async () => {
    const store = await open();
    const keys = ["a", "a\u00ff", "a\u{10ffff}", "a\u{10ffff}b", "b"];
    await store.transaction(async (tx) => keys.forEach((key) => tx.put(key, utf8(key))));
    const listed = async (prefix: string): Promise<string[]> =>
      (await store.transaction((tx) => tx.list(prefix))).map(([key]) => key);
    expect(await listed("a")).to.have.members(keys.slice(0, 4));
    expect(await listed("a\u{10ffff}")).to.have.members(keys.slice(2, 4));
    await store.close();
  });

  it("given processes that count at once: no increment is lost", async () => {
    const children = [1, 2, 3].map(() =>
      startScript(CHILD, ["count", cluster.url, `book ${book}`, "40"]),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).to.deep.equal([0, 0, 0]);
    const store = await open();
    expect(await read(store)).to.equal(120);
    await store.close();
  });

  it("given a process killed while it counts: what it confirmed is there, once", async () => {
    const child = startScript(CHILD, ["count", cluster.url, `book ${book}`, "100000"]);
    let confirmed = 0;
    for await (const line of createInterface(child.stdout!)) {
      confirmed = Number(line);
      if (confirmed === 50) child.kill("SIGKILL");
    }
    const store = await open();
    expect(await read(store)).to.be.within(confirmed, confirmed + 1);
    await store.close();
  });

  describe("with connections that are cut", () => {
    let proxy: CuttingProxy;
    beforeEach(async () => {
      proxy = await CuttingProxy.start(cluster);
    });
    afterEach(() => proxy.close());

    it("at any point of a transaction: it is made once, or said to be unknown and made at most once", async () => {
      const store = await open(proxy.url);
      let [made, unknown] = [0, 0];
      // A transaction sends some 400 bytes, and a new connection some 100.
      for (let bytes = 1; bytes < 900; bytes += 5) {
        proxy.cutAfter(bytes);
        try {
          await increment(store);
          made++;
        } catch (error) {
          expect(isSipsterError(error, "store/outcome-unknown"), String(error)).to.equal(true);
          unknown++;
        }
        proxy.cutAfter(Infinity);
        expect(await read(store)).to.be.within(made, made + unknown);
      }
      expect(proxy.cuts).to.be.above(20);
      expect(unknown).to.be.above(0);
      await store.close();
    });

    it("between transactions: nobody notices", async () => {
      const store = await open(proxy.url);
      for (let i = 1; i <= 5; i++) {
        expect(await increment(store)).to.equal(i);
        proxy.cut();
      }
      await store.close();
    });
  });

  it("given a PostgreSQL that is killed and started again: goes on, and has what was confirmed", async () => {
    const store = await open();
    const counted: number[] = [];
    let unknown = 0;
    let ended = false;
    const counting = (async () => {
      while (!ended) {
        await increment(store).then(
          (n) => counted.push(n),
          (error: unknown) => {
            // A server that starts slowly is not reached in time: then nothing was written.
            if (isSipsterError(error, "store/unreachable")) return;
            expect(isSipsterError(error, "store/outcome-unknown"), String(error)).to.equal(true);
            unknown++;
          },
        );
      }
    })();
    const countMore = async (): Promise<void> => {
      const enough = counted.length + 8;
      while (counted.length < enough) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    for (let kill = 0; kill < 3; kill++) {
      await countMore();
      await cluster.kill();
      await cluster.restart();
    }
    await countMore();
    ended = true;
    await counting;
    expect(new Set(counted).size).to.equal(counted.length);
    expect(await read(store)).to.be.within(counted.length, counted.length + unknown);
    await store.close();
  });

  it("given no database that answers: says so in time, without the password", async () => {
    const url = `postgresql://sipster:geheim@127.0.0.1:1/postgres`;
    const error = await expectRejection(
      PostgresPool.open(url, { patience: 200 }),
      "store/unreachable",
    );
    expect(error.message).to.contain("127.0.0.1").and.not.contain("geheim");
  });

  it("given tables of a newer version: leaves them alone", async () => {
    const pool = await PostgresPool.open(cluster.url);
    const set = (version: string) =>
      pool.transaction({ isolation: "READ COMMITTED", idempotent: true }, (query) =>
        query(`UPDATE sipster_schema SET version = ${version}`),
      );
    await set("99");
    await expectRejection(PostgresPool.open(cluster.url), "store/newer");
    await set("1");
    await pool.close();
  });

  it("given a body that throws: changes nothing, throws the same, and runs it once", async () => {
    const store = new PostgresStore(await PostgresPool.open(cluster.url), `book ${book}`);
    let runs = 0;
    const attempt = store.transaction(async (tx) => {
      runs++;
      tx.put("n", utf8("7"));
      throw new Error("the connection to my own thoughts is lost");
    });
    await attempt.then(
      () => expect.fail("it should throw"),
      (error: Error) => expect(error.message).to.contain("my own thoughts"),
    );
    expect(runs).to.equal(1);
    expect(await store.transaction((tx) => tx.get("n"))).to.equal(undefined);
    await store.close();
    await expectRejection(increment(store), "store/closed");
  });

  it("given a path: opens a file", async () => {
    const store = await openStore(join(folder(), "books"), "ignored");
    expect(await increment(store)).to.equal(1);
    await store.close();
  });
});
