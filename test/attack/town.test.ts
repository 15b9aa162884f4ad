/** The attack on a town's folder: stores that the real roles write, and homes that are open to the scorer alone. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { readTown, scoreTown } from "../../src/attack/index.js";
import { townTruth } from "../../src/cli/attack/town-truth.js";
import { PostgresPool } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { createDatabase, describeWithPostgres, PostgresCluster } from "../support/postgres.js";
import { sipster } from "../support/recorded-io.js";
import { PERIOD } from "../support/wallet.js";
import { HOMES, makeTown, METER, SETTLED_AT, TOKENS } from "./a-town.js";

describe("the attack on a town's folder", function () {
  this.timeout(300_000);
  const directory = mkdtempSync(join(tmpdir(), "sipster-attack-"));
  const careful = join(directory, "careful");
  const burst = join(directory, "burst");

  before(async () => {
    await makeTown(careful);
    await makeTown(burst, { changes: { policy: { kind: "at-once" } }, isKilled: true });
  });

  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it("given careful wallets, then their payments are in the books without time or order, and no attack links them", async () => {
    const view = await readTown(careful);
    expect(view.orders).to.have.length(HOMES * TOKENS.length);
    expect(view.orders.every(({ written }) => written === null)).to.equal(true);
    expect(view.settlements).to.deep.equal([{ meter: METER, period: PERIOD, at: SETTLED_AT }]);
    expect(view.accounts.map(({ charged }) => charged)).to.deep.equal(Array(HOMES).fill(433));
    const { attacks, hasOrder } = scoreTown(view, await townTruth(careful));
    expect(hasOrder).to.equal(false);
    expect(attacks.combined!.linkage!.value).to.be.within(-0.3, 0.3);
    expect(attacks.combined!.linkage!.interval[0]).to.be.below(0.1);
    // Equal bills and equal baskets: a guess is right, and the withdrawals say nothing.
    expect(attacks.totals!.billError!.value).to.equal(0);
  });

  it("given wallets that pay in one burst and a counter that was killed, then the log of its database links nearly all", async () => {
    const { attacks, hasOrder } = scoreTown(await readTown(burst), await townTruth(burst));
    expect(hasOrder).to.equal(true);
    expect(attacks.written!.linkage!.value).to.be.above(0.8);
    expect(attacks.combined!.linkage!.value).to.be.above(0.8);
  });

  it("given a folder whose homes are gone, then the attacker sees the same, and nothing is scored", async () => {
    const bare = join(directory, "bare");
    cpSync(careful, bare, { recursive: true });
    for (const name of ["homes", "passphrase", "town.json"])
      rmSync(join(bare, name), { recursive: true });
    expect(await readTown(bare)).to.deep.equal(await readTown(careful));
    expect((await sipster("attack", "--from", bare, "--json")).json).to.include({
      code: "attack/other-town",
    });
  });

  it("given the homes of another town, or a folder that holds none, then it is refused", async () => {
    const other = join(directory, "other");
    cpSync(careful, other, { recursive: true });
    rmSync(join(other, "homes"), { recursive: true });
    cpSync(join(burst, "homes"), join(other, "homes"), { recursive: true });
    cpSync(join(burst, "passphrase"), join(other, "passphrase"));
    const run = await sipster("attack", "--from", other, "--json");
    expect(run.json).to.include({ code: "attack/other-town" });
    await expectRejection(readTown(join(directory, "nowhere")), "attack/not-a-town");
  });

  it("given a town's folder, when it is attacked, then no file in it changes, and the table names each attack", async () => {
    const read = (name: string): string => readFileSync(join(careful, name)).toString("hex");
    const files = ["utility/books", "utility/accounts", "homes/1/wallet/books"];
    const before = files.map(read);
    const { out, code } = await sipster("attack", "--from", careful);
    expect(code).to.equal(0);
    for (const name of ["totals", "fields", "withdrawals", "combined"])
      expect(out).to.contain(name);
    expect(files.map(read)).to.deep.equal(before);
  });
});

describeWithPostgres("the attack on a town over PostgreSQL", function () {
  this.timeout(300_000);
  const directory = mkdtempSync(join(tmpdir(), "sipster-attack-"));
  let cluster: PostgresCluster;

  before(async () => {
    cluster = await PostgresCluster.start();
  });

  after(async () => {
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A town over a database of its own, attacked. */
  async function attacked(name: string, policy: { kind: "at-once" } | null) {
    const database = await createDatabase(cluster, name);
    const folder = join(directory, name);
    await makeTown(folder, { database, ...(policy && { changes: { policy } }) });
    const run = await sipster("attack", "--from", folder, "--database", database, "--json");
    expect(run.code).to.equal(0);
    return { folder, database, score: run.json as unknown as ReturnType<typeof scoreTown> };
  }

  it("given wallets that pay in one burst, then the database's order of writing links nearly all, without a kill", async () => {
    const { score } = await attacked("burst", { kind: "at-once" });
    expect(score.orders).to.equal(HOMES * TOKENS.length);
    expect(score.hasOrder).to.equal(true);
    expect(score.attacks.written!.linkage!.value).to.be.above(0.8);
  });

  it("given careful wallets, then the order of writing links no payments, and reading leaves the database as it was", async () => {
    const { folder, database, score } = await attacked("careful", null);
    expect(score.attacks.written!.linkage!.interval[0]).to.be.below(0.1);
    expect(score.attacks.written!.linkage!.value).to.be.within(-0.3, 0.3);
    expect(score.attacks.totals!.billError!.value).to.equal(0);
    const view = await readTown(folder, database);
    expect(await readTown(folder, database)).to.deep.equal(view);
    // Books in files are another place: this folder has none.
    await expectRejection(readTown(folder), "attack/not-a-town");
  });

  it("given a database without books, then it is refused and stays empty", async () => {
    const url = await createDatabase(cluster, "empty");
    const folder = join(directory, "careful");
    await expectRejection(readTown(folder, url), "attack/not-a-town");
    const pool = await PostgresPool.open(url, { readOnly: true });
    const [row] = await pool.transaction(
      { isolation: "READ COMMITTED", idempotent: true },
      (query) =>
        query<{ tables: string }>(
          "SELECT count(*)::text AS tables FROM pg_class WHERE relname LIKE 'sipster%'",
        ),
    );
    await pool.close();
    expect(row!.tables).to.equal("0");
  });
});
