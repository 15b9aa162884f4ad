/** A town over PostgreSQL: two instances of the utility, both relays, and kills of all of them and of its server. */
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { namedDatabase } from "../../src/town/database.js";
import { planKills } from "../../src/town/kills.js";
import { PostgresPool } from "../../src/store/index.js";
import type { TownResult } from "../../src/town/index.js";
import { startScript } from "../support/child.js";
import { expectRejection } from "../support/errors.js";
import { describeWithPostgres, PostgresCluster } from "../support/postgres.js";

/** With this seed the server of the database is killed twice, in the days in which tokens are paid. */
const SEED = "sipster 6";
const KILLS = 7;

describeWithPostgres("a town over a PostgreSQL of its own", function () {
  this.timeout(1_200_000);
  const directory = mkdtempSync(join(tmpdir(), "sipster-town-database-"));
  const folder = join(directory, "town");
  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  async function town(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const script = resolve(import.meta.dirname, "../support/sipster-child.ts");
    const child = startScript(script, ["town", ...args, "--json"], { stderr: "pipe" });
    let [out, err] = ["", ""];
    child.stdout!.on("data", (part: Buffer) => (out += part.toString()));
    child.stderr!.on("data", (part: Buffer) => (err += part.toString()));
    const [code] = (await once(child, "close")) as [number];
    return { code, out, err };
  }

  it("given two instances, both relays and the server of the database killed, when the month is over, then every unit is paid once and settled", async () => {
    const asked = ["--homes", "1", "--kill", `${KILLS}`, "--seed", SEED];
    const run = await town(...asked, "--database", "own", "--folder", folder);
    expect(run.code, run.err).to.equal(0);
    const { bills, kills, processes, totals, audit } = JSON.parse(run.out) as TownResult;
    expect(kills).to.have.length(KILLS);
    expect(kills.filter(({ role }) => role === "database")).to.have.length(2);
    expect(processes.map(({ role }) => role)).to.include.members([
      ...["utility", "utility-2", "relay", "relay-ohttp", "database"],
    ]);
    // What was killed was started again; what found no database at its start, perhaps once more.
    for (const { role, restarts } of processes) {
      expect(restarts, role).to.be.at.least(kills.filter((kill) => kill.role === role).length);
    }
    expect(bills.map(({ status }) => status)).to.deep.equal(["settled"]);
    expect(totals.unitsPaid).to.equal(totals.units);
    expect(audit).to.deep.equal({ ok: true, settled: 1, verified: 1 });
  });

  it("given its logs, none says a token, a coin or an address of a home", () => {
    for (const name of readdirSync(join(folder, "logs"))) {
      if (!/^(utility|relay-ohttp)/.test(name)) continue;
      const log = readFileSync(join(folder, "logs", name), "utf8");
      expect(log, name).to.not.match(/[0-9a-f]{64}/i);
    }
  });
});

describeWithPostgres("a town over a PostgreSQL that the user names", function () {
  this.timeout(120_000);
  let cluster: PostgresCluster;
  before(async () => {
    cluster = await PostgresCluster.start();
  });
  after(async () => {
    await cluster.stop();
  });

  it("given a transaction under way, when the database is struck, then the sessions end, the server stays, and the transaction runs again", async () => {
    const { pid } = cluster;
    const database = await namedDatabase(cluster.url);
    const pool = await PostgresPool.open(cluster.url);
    let runs = 0;
    const backends = await pool.transaction(
      { isolation: "READ COMMITTED", idempotent: true },
      async (query) => {
        runs++;
        const [before] = await query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
        if (runs === 1) await database.strike();
        const [after] = await query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
        return [before!.pid, after!.pid];
      },
    );
    await pool.close();
    expect(runs).to.be.above(1);
    expect(backends[0]).to.equal(backends[1]);
    expect(cluster.pid).to.equal(pid);
  });

  it("given a database that holds books already, when a town is begun on it, then it is refused", async () => {
    const pool = await PostgresPool.open(cluster.url);
    await pool.transaction({ isolation: "READ COMMITTED", idempotent: true }, (query) =>
      query("INSERT INTO sipster_entry VALUES ('accounts', 'key', 'value') ON CONFLICT DO NOTHING"),
    );
    await pool.close();
    await expectRejection(namedDatabase(cluster.url), "town/database-in-use");
  });
});

describe("the kills of a town over a database", () => {
  it("plans kills of every process and of the database, and of these only over a database", () => {
    const roles = (hasDatabase: boolean): Set<string> =>
      new Set(
        planKills({
          seed: "x",
          count: 200,
          homes: 2,
          between: { from: 0, to: 1e6, hasDatabase },
        }).map(({ role }) => role),
      );
    expect([...roles(true)].toSorted()).to.deep.equal([
      ...["database", "meter", "relay", "relay-ohttp", "utility", "utility-2", "wallet"],
    ]);
    expect([...roles(false)].toSorted()).to.deep.equal(["meter", "relay", "utility", "wallet"]);
  });
});
