/**
 * `npm run bench:database -- [--writers 1,2,4,8] [--seconds 5] [--batch 256] [--rows 10000000]`:
 * how many payments a second a PostgreSQL binds, for a utility of so many instances; with --rows, in
 * tables that hold so many payments already, and how large those are. Starts a cluster of its own and
 * removes it.
 */
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { PostgresPool } from "../../src/store/index.js";
import { startScript } from "../../test/support/child.js";
import { PostgresCluster } from "../../test/support/postgres.js";

const { values: options } = parseArgs({
  options: {
    writers: { type: "string", default: "1,2,4,8" },
    seconds: { type: "string", default: "5" },
    batch: { type: "string", default: "256" },
    rows: { type: "string", default: "0" },
  },
});
const KIND = { isolation: "READ COMMITTED", idempotent: true } as const;
const CHUNK = 500_000;

const cluster = await PostgresCluster.start(["-c", "shared_buffers=1GB", "-c", "max_wal_size=8GB"]);
const pool = await PostgresPool.open(cluster.url, { statementTimeout: 900_000 });
try {
  if (Number(options.rows) > 0) await fill(Number(options.rows));
  for (const writers of options.writers.split(",").map(Number)) {
    const perSecond = await measure(writers);
    print(
      `${writers} writers, batches of ${options.batch}: ${perSecond.toFixed(0)} payments a second`,
    );
  }
} finally {
  await pool.close();
  await cluster.stop();
}

async function query<R>(sql: string): Promise<readonly R[]> {
  return pool.transaction(KIND, (run) => run<R>(sql));
}

/** Payments as large as those of the e-cash, with random keys: rows arrive in no order. */
async function fill(rows: number): Promise<void> {
  const start = performance.now();
  for (let from = 0; from < rows; from += CHUNK) {
    const numbers = `generate_series(${from + 1}, ${Math.min(from + CHUNK, rows)}) AS i`;
    const coin = "'1/' || substr(encode(sha256(('coin' || i)::bytea), 'hex'), 1, 40)";
    const part = (n: number): string => `sha256(('payment ${n}' || i)::bytea)`;
    const payment = [1, 2, 3, 4, 5, 6, 7].map(part).join(" || ");
    await query(`INSERT INTO sipster_coin SELECT ${coin}, ${payment} FROM ${numbers}`);
    await query(
      `INSERT INTO sipster_token SELECT sha256(('token' || i)::bytea), ${coin}, 1 FROM ${numbers}`,
    );
    process.stderr.write(`${from + CHUNK} rows, ${seconds(start)} s\n`);
  }
  await pool.transaction(KIND, (run) => run("ANALYZE"));
  const [size] = await query<{ coins: string; tokens: string }>(
    `SELECT pg_total_relation_size('sipster_coin')::text AS coins,
            pg_total_relation_size('sipster_token')::text AS tokens`,
  );
  const bytes = (text: string): string => `${(Number(text) / rows).toFixed(0)} bytes a payment`;
  print(`${rows} payments filled in ${seconds(start)} s`);
  print(`coins ${bytes(size!.coins)}, tokens ${bytes(size!.tokens)}, indexes included`);
  const count = performance.now();
  await query("SELECT count(*), sum(units) FROM sipster_token");
  print(`units and receipts of all of them added up in ${seconds(count)} s`);
}

/** Payments a second of so many processes together. */
async function measure(writers: number): Promise<number> {
  const script = join(import.meta.dirname, "writer.ts");
  const children = Array.from({ length: writers }, () =>
    startScript(script, [cluster.url, options.seconds, options.batch], { stdin: "pipe" }),
  );
  const lines = children.map((child) => createInterface(child.stdout!)[Symbol.asyncIterator]());
  await Promise.all(lines.map((line) => line.next()));
  for (const child of children) child.stdin!.write("go\n");
  const results = await Promise.all(lines.map((line) => line.next()));
  for (const child of children) if (child.exitCode === null) await once(child, "exit");
  return results.reduce((sum, { value }) => {
    const [bound, took] = String(value).split(" ").map(Number);
    return sum + bound! / took!;
  }, 0);
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
