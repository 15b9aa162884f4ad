import { expect } from "chai";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { MemoryStore, PostgresPool, PostgresStore, SqliteStore } from "../../src/store/index.js";
import { PostgresCounterBook, StoredCounterBook } from "../../src/utility/index.js";
import { createMclBn254 } from "../../src/algebra/index.js";
import { startScript } from "../support/child.js";
import { buy, exchange, payFor, verdict } from "../support/exchange.js";
import { CuttingProxy, describeWithPostgres, PostgresCluster } from "../support/postgres.js";
import { meterPeriod } from "../support/settlement.js";
import { temporaryDirectory } from "../support/temporary.js";
import { bookLaws, ecashOfLaws, told, use } from "./book-laws.js";

const CHILD = join(import.meta.dirname, "binding-instance.ts");
const KIND = { isolation: "READ COMMITTED", idempotent: true } as const;

describe("counter's book in memory", () => {
  bookLaws(async () => new StoredCounterBook(new MemoryStore(), ecashOfLaws));
});

describe("counter's book in a SQLite file", () => {
  const folder = temporaryDirectory();
  let store: SqliteStore;
  afterEach(() => store.close());
  bookLaws(async () => {
    store = await SqliteStore.open(join(folder(), "books"));
    return new StoredCounterBook(store, ecashOfLaws);
  });
});

describeWithPostgres("counter's book in PostgreSQL", function () {
  this.timeout(120_000);
  let cluster: PostgresCluster;
  let pool: PostgresPool;
  before(async () => {
    cluster = await PostgresCluster.start();
    pool = await PostgresPool.open(cluster.url);
  });
  after(async () => {
    await pool.close();
    await cluster.stop();
  });

  async function empty(): Promise<PostgresCounterBook> {
    await pool.transaction(KIND, (query) => query("TRUNCATE sipster_coin, sipster_token"));
    return new PostgresCounterBook(pool, ecashOfLaws);
  }

  bookLaws(empty);

  describe("as a store of keys and values, serialisable", () => {
    let number = 0;
    bookLaws(async () => {
      const books = new PostgresStore(pool, `laws ${number++}`);
      return new StoredCounterBook(books, ecashOfLaws);
    });
  });

  it("given instances as processes over the same coins and tokens: no coin and no token is bound twice", async () => {
    const book = await empty();
    const children = [1, 2, 3].map((seed) => startScript(CHILD, [cluster.url, String(seed), "60"]));
    const outputs = await Promise.all(
      children.map(async (child) => {
        const lines: string[] = [];
        createInterface(child.stdout!).on("line", (line) => lines.push(line));
        const [code] = (await once(child, "close")) as [number];
        expect(code).to.equal(0);
        return lines;
      }),
    );
    const pairs = new Set(outputs.flat());
    const coins = new Set([...pairs].map((pair) => pair.split(" ")[0]));
    const tokens = new Set([...pairs].map((pair) => pair.split(" ")[1]));
    expect(pairs.size).to.be.above(50);
    expect([coins.size, tokens.size]).to.deep.equal([pairs.size, pairs.size]);
    expect(await book.sales()).to.include({ receipts: BigInt(pairs.size) });
  });

  it("given connections that are cut at any point: every batch is bound once, and nothing else", async () => {
    await empty();
    const proxy = await CuttingProxy.start(cluster);
    const cutPool = await PostgresPool.open(proxy.url);
    const book = new PostgresCounterBook(cutPool, ecashOfLaws);
    const batches = Array.from({ length: 60 }, (_, i) =>
      [1, 2, 3].map((j) => use(`c${i}-${j}`, 10 * i + j)),
    );
    for (const [i, batch] of batches.entries()) {
      proxy.cutAfter(1 + i * 29);
      expect((await book.bind(batch)).map(told)).to.deep.equal(["bound", "bound", "bound"]);
    }
    proxy.cutAfter(Infinity);
    expect(await book.sales()).to.deep.equal({ units: 180n, receipts: 180n });
    expect(proxy.cuts).to.be.above(30);
    await cutPool.close();
    await proxy.close();
  });

  it("given a PostgreSQL killed under two instances: every answer holds afterwards", async () => {
    await empty();
    const pools = [await PostgresPool.open(cluster.url), await PostgresPool.open(cluster.url)];
    let ended = false;
    let next = 0;
    const answered: string[] = [];
    const instance = async (own: PostgresPool): Promise<void> => {
      const book = new PostgresCounterBook(own, ecashOfLaws);
      while (!ended) {
        const n = next++;
        // Every second coin is shown for two tokens, in the two instances.
        const uses = [use(`c${n}`, n), use(`c${n >> 1}`, n + 1_000_000)];
        const outcomes = await book.bind(uses);
        outcomes.forEach((outcome, i) => {
          if (outcome.kind === "bound") answered.push(`${uses[i]!.coin} ${uses[i]!.token}`);
        });
      }
    };
    const running = Promise.all(pools.map((own) => instance(own)));
    const until = async (count: number): Promise<void> => {
      while (answered.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    for (let kill = 1; kill <= 3; kill++) {
      await until(20 * kill);
      await cluster.kill();
      await cluster.restart();
    }
    await until(80);
    ended = true;
    await running;
    const rows = await pool.transaction(KIND, (query) =>
      query<{ pair: string }>(
        "SELECT coin || ' ' || encode(hash, 'hex') AS pair FROM sipster_token",
      ),
    );
    const kept = new Set(rows.map(({ pair }) => pair));
    expect(answered.length).to.be.above(79);
    expect(answered.filter((pair) => !kept.has(pair))).to.deep.equal([]);
    await Promise.all(pools.map((own) => own.close()));
  });
});

describeWithPostgres("counters over one PostgreSQL", function () {
  this.timeout(120_000);
  let cluster: PostgresCluster;
  let pool: PostgresPool;
  before(async () => {
    cluster = await PostgresCluster.start();
    pool = await PostgresPool.open(cluster.url);
  });
  after(async () => {
    await pool.close();
    await cluster.stop();
  });

  it("given one coin shown for two tokens to two instances at once: one sells, the other has the proof", async () => {
    const curve = await createMclBn254();
    const x = exchange(curve, {
      seed: "two instances",
      book: (ecash) => new PostgresCounterBook(pool, ecash),
    });
    const instances = [x.counter, x.restart()];
    const tokens = meterPeriod(x.world, Array<number>(20).fill(1)).generated.map((g) => g.token);
    const coins = await x.coins(Array<number>(10).fill(1));
    const outcomes = await Promise.all(
      tokens.map(async (token, i) => {
        const payment = payFor({ exchange: x, coin: coins[i >> 1]!, token });
        return buy(instances[i % 2]!, x.world.suite.encode(token), payment);
      }),
    );
    for (let coin = 0; coin < 10; coin++) {
      const pair = [outcomes[2 * coin]!, outcomes[2 * coin + 1]!];
      expect(pair.map(verdict)).to.have.members(["sold", "coin-spent"]);
      const sold = pair.findIndex((answer) => answer.kind === "sold");
      const proof = payFor({ exchange: x, coin: coins[coin]!, token: tokens[2 * coin + sold]! });
      const refused = pair[1 - sold]!;
      expect(refused.kind === "coin-spent" && refused.proof).to.deep.equal(proof);
    }
    for (const counter of instances) {
      expect(await counter.sales()).to.deep.equal({ units: 10n, receipts: 10n });
    }
  });
});
