import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { CreditVault__factory } from "../../src/chain/bindings/index.js";
import { writeDeployment } from "../../src/chain/index.js";
import { serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { MintBooks } from "../../src/mint/mint-books.js";
import { openStore } from "../../src/store/index.js";
import { startScript } from "../support/child.js";
import { describeWithPostgres, PostgresCluster } from "../support/postgres.js";
import { temporaryDirectory } from "../support/temporary.js";
import { VaultWorld } from "../support/vault-world.js";
import type { DeathPoint, MintProcess } from "./mint-process.js";

const SCRIPT = join(import.meta.dirname, "mint-process.ts");

describe("processes of the mint", function () {
  this.timeout(600_000);
  const folder = temporaryDirectory();
  let chain: ServedChain;
  let world: VaultWorld;
  before(async () => {
    chain = await serveLocalChain();
    world = await VaultWorld.on(chain, "mint processes");
    await world.appointMint(4);
    await world.save();
  });
  after(() => chain.close());
  beforeEach(() => world.restore());

  interface Deposited {
    readonly id: bigint;
    readonly depositHash: string;
    readonly request: Uint8Array;
  }

  async function deposits(...sizes: readonly (readonly number[])[]): Promise<Deposited[]> {
    const made: Deposited[] = [];
    for (const denominations of sizes) {
      const request = world.newRequest(denominations);
      made.push({ ...(await world.deposit(request)), request });
    }
    return made;
  }

  let book = 0;
  beforeEach(() => void book++);
  let processes = 0;
  /** Runs a process to its end; its exit code or the signal that killed it. */
  async function run(
    location: string,
    made: readonly Deposited[],
    other: Partial<MintProcess> = {},
  ): Promise<number | string> {
    const settings: MintProcess = {
      rpc: chain.url,
      deployment: writeDeployment(world.deployment),
      location,
      book: `deposits ${book}`,
      scalars: [...world.secret.scalars].map(([d, b]) => [d, b.toString()]),
      account: 0,
      requests: made.map(({ id, request }) => ({
        id: id.toString(),
        request: Buffer.from(request).toString("hex"),
      })),
      passes: 3,
      death: null,
      ...other,
    };
    const file = join(folder(), `process-${processes++}.json`);
    writeFileSync(file, JSON.stringify(settings));
    const child = startScript(SCRIPT, [file], { stderr: "pipe" });
    let errors = "";
    child.stderr!.on("data", (part: Buffer) => (errors += part.toString()));
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    return signal ?? (code === 0 ? 0 : errors);
  }

  /** Each deposit has one acknowledgement with the right signatures, and one decision that is over. */
  async function expectAnsweredOnce(location: string, made: readonly Deposited[]): Promise<void> {
    const { address } = world.deployment.contracts.vault;
    const vault = CreditVault__factory.connect(address, chain.provider);
    const store = await openStore(location, `deposits ${book}`);
    try {
      for (const { id, depositHash, request } of made) {
        const deposit = await world.reader.deposit(id);
        expect(deposit.status).to.equal("acknowledged");
        const events = await vault.queryFilter(vault.filters.Acknowledged(id));
        expect(events.length).to.equal(1);
        const answer = await world.reader.signatures(deposit, (await world.latest()).number);
        expect(answer).to.deep.equal(await world.issuer.issue(request));
        const record = await store.transaction((tx) => new MintBooks(tx).decision(depositHash));
        expect(record?.decision.kind).to.equal("acknowledge");
        expect(record?.stage).to.equal("done");
      }
    } finally {
      await store.close();
    }
  }

  const everyPoint: DeathPoint[] = [
    ...Array.from({ length: 7 }, (_, number): DeathPoint[] =>
      (["before", "after"] as const).map((side) => ({ at: "write", number, side })),
    ).flat(),
    { at: "transaction", number: 0, side: "before" },
    { at: "transaction", number: 0, side: "after" },
  ];

  /** Dies at each point in turn, and is started again: over one store. */
  async function killedAt(points: readonly DeathPoint[], location: string): Promise<void> {
    const all: Deposited[] = [];
    for (const death of points) {
      const made = await deposits([100, 10]);
      all.push(...made);
      const what = `${death.side} ${death.at} ${death.number}`;
      expect(await run(location, made, { death }), what).to.equal("SIGKILL");
      expect(await run(location, made), what).to.equal(0);
    }
    await expectAnsweredOnce(location, all);
  }

  it("given SIGKILL at every write and transaction, over SQLite: each deposit is answered once", async () => {
    await killedAt(everyPoint, join(folder(), "deposits"));
  });

  it("given two processes over one SQLite file: the second is refused, and the first answers", async () => {
    const location = join(folder(), "deposits");
    const made = await deposits([100], [10], [1]);
    const held = await openStore(location, `deposits ${book}`);
    expect(await run(location, made, { account: 4 })).to.include("store/locked");
    await held.close();
    expect(await run(location, made)).to.equal(0);
    await expectAnsweredOnce(location, made);
  });

  describeWithPostgres("over PostgreSQL", function () {
    let cluster: PostgresCluster;
    before(async () => {
      cluster = await PostgresCluster.start();
    });
    after(() => cluster.stop());

    it("given SIGKILL around the decision and around sending: each deposit is answered once", async () => {
      const around = everyPoint.filter((p) => p.at === "transaction" || [3, 4].includes(p.number));
      await killedAt(around, cluster.url);
    });

    it("given two processes that race: one decision and one acknowledgement for each deposit", async () => {
      const made = await deposits(...Array.from({ length: 12 }, (_, i) => [[1, 10, 100][i % 3]!]));
      const ends = await Promise.all([
        run(cluster.url, made, { passes: 4 }),
        run(cluster.url, made, { account: 4, passes: 4 }),
      ]);
      expect(ends).to.deep.equal([0, 0]);
      expect(await run(cluster.url, [])).to.equal(0);
      await expectAnsweredOnce(cluster.url, made);
    });
  });
});
