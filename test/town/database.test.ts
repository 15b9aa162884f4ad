/** A town over one PostgreSQL: two instances of the utility, both relays, and kills of all of them. */
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { planKills } from "../../src/town/kills.js";
import type { TownResult } from "../../src/town/index.js";
import { startScript } from "../support/child.js";
import { describeWithPostgres, PostgresCluster } from "../support/postgres.js";

const KILLS = 6;

describeWithPostgres("a town over PostgreSQL", function () {
  this.timeout(900_000);
  const directory = mkdtempSync(join(tmpdir(), "sipster-town-database-"));
  const folder = join(directory, "town");
  let cluster: PostgresCluster;
  before(async () => {
    cluster = await PostgresCluster.start();
  });
  after(async () => {
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function town(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const script = resolve(import.meta.dirname, "../support/sipster-child.ts");
    const database = ["--database", cluster.url];
    const child = startScript(script, ["town", ...args, ...database, "--json"], { stderr: "pipe" });
    let [out, err] = ["", ""];
    child.stdout!.on("data", (part: Buffer) => (out += part.toString()));
    child.stderr!.on("data", (part: Buffer) => (err += part.toString()));
    const [code] = (await once(child, "close")) as [number];
    return { code, out, err };
  }

  it("given two instances, both relays and the database killed, when the month is over, then every unit is paid once and settled", async () => {
    const run = await town("--homes", "1", "--kill", `${KILLS}`, "--folder", folder);
    expect(run.code, run.err).to.equal(0);
    const { bills, kills, processes, totals, audit } = JSON.parse(run.out) as TownResult;
    expect(kills).to.have.length(KILLS);
    expect(processes.map(({ role }) => role)).to.include.members([
      ...["utility", "utility-2", "relay", "relay-ohttp"],
    ]);
    const restarts = processes.reduce((sum, each) => sum + each.restarts, 0);
    expect(restarts).to.equal(kills.filter(({ role }) => role !== "database").length);
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

  it("given a database that holds books already, when a town is begun on it, then it is refused", async () => {
    const run = await town("--homes", "1", "--folder", join(directory, "another"));
    expect(run.code).to.not.equal(0);
    expect(run.out).to.contain("town/database-in-use");
  });

  it("plans kills of every process and of the database, and of these only over a database", () => {
    const roles = (hasDatabase: boolean): Set<string> =>
      new Set(planKills("x", 200, 2, { from: 0, to: 1e6, hasDatabase }).map(({ role }) => role));
    expect([...roles(true)].toSorted()).to.deep.equal([
      ...["database", "meter", "relay", "relay-ohttp", "utility", "utility-2", "wallet"],
    ]);
    expect([...roles(false)].toSorted()).to.deep.equal(["meter", "relay", "utility", "wallet"]);
  });
});
