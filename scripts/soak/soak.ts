/**
 * `npm run soak -- [--payments 10000] [--instances 2] [--kill-every 3]`: payments by real coins through
 * several instances of the counter over one PostgreSQL, while instances and PostgreSQL are killed by
 * turns. Every answer is verified. Every tenth coin is shown for a second token as well. In the end no
 * payment is lost, none is charged twice, and no coin bought two receipts; otherwise the exit code is 1.
 */
import { parseArgs } from "node:util";
import { createMclBn254, type G1Point } from "../../src/algebra/index.js";
import {
  findBadReceipts,
  hashBoundGenerator,
  parseViewKey,
  type Token,
} from "../../src/sipster/index.js";
import { PostgresPool } from "../../src/store/index.js";
import { PostgresCounterBook } from "../../src/utility/index.js";
import { buy, exchange, payFor, verdict } from "../../test/support/exchange.js";
import { PostgresCluster } from "../../test/support/postgres.js";
import { system } from "../../test/support/settlement.js";
import { Instances } from "./instances.js";

const { values: options } = parseArgs({
  options: {
    payments: { type: "string", default: "10000" },
    instances: { type: "string", default: "2" },
    "kill-every": { type: "string", default: "3" },
  },
});
const PAYMENTS = Number(options.payments);
/** Payments under way at once: coins and tokens are made for so many. */
const TOGETHER = 250;
const SEED = "soak";

const curve = await createMclBn254();
/** The wallets' side: the same keys as the instances. */
const x = exchange(curve, { seed: SEED });
const view = parseViewKey(new Uint8Array(32).fill(0x50));
const generate = hashBoundGenerator(curve, system.systemId, view, 1);
const counts = { sold: 0, refused: 0, wrong: 0, asked: 0, databaseKills: 0 };

/** Asks until an instance that was not interrupted answers. */
async function answerTo(token: Token, payment: Uint8Array, instances: Instances) {
  for (;;) {
    counts.asked++;
    const bytes = x.world.suite.encode(token);
    const answer = await buy((request) => instances.ask(request), bytes, payment);
    if (verdict(answer) !== "utility/busy") return answer;
  }
}

async function payOne(n: number, coin: Uint8Array, instances: Instances) {
  const token = generate(BigInt(n), 1).token;
  const payment = payFor(x, coin, token);
  const answer = await answerTo(token, payment, instances);
  if (answer.kind !== "sold") {
    counts.wrong++;
    process.stderr.write(`payment ${n}: ${verdict(answer)}\n`);
    return null;
  }
  counts.sold++;
  if (n % 10 === 0) await showAgain(n, coin, payment, instances);
  const point = x.world.suite.point(token);
  return { point, receipt: curve.g1.decode(answer.receipt) };
}

/** The same coin for another token: refused, with the first payment as proof. */
async function showAgain(n: number, coin: Uint8Array, first: Uint8Array, instances: Instances) {
  const other = generate(BigInt(PAYMENTS + n), 1).token;
  const answer = await answerTo(other, payFor(x, coin, other), instances);
  const proved = answer.kind === "coin-spent" && Buffer.compare(answer.proof, first) === 0;
  if (proved) counts.refused++;
  else counts.wrong++;
}

async function payAll(instances: Instances): Promise<void> {
  const start = performance.now();
  for (let from = 0; from < PAYMENTS; from += TOGETHER) {
    const count = Math.min(TOGETHER, PAYMENTS - from);
    const coins = await x.coins(Array<number>(count).fill(1));
    const paid = await Promise.all(coins.map((coin, i) => payOne(from + i, coin, instances)));
    const receipts = paid.filter((p): p is { point: G1Point; receipt: G1Point } => p !== null);
    counts.wrong += findBadReceipts(curve, x.world.key, receipts).length;
    if ((from / TOGETHER) % 8 === 7) report(start, instances);
  }
  report(start, instances);
}

function report(start: number, { kills, largest }: Instances): void {
  const seconds = (performance.now() - start) / 1000;
  const own = process.memoryUsage.rss();
  const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;
  process.stdout.write(
    `${counts.sold} paid, ${counts.refused} double shows refused, ${counts.asked} requests in ` +
      `${seconds.toFixed(0)} s; ${kills} instances and ${counts.databaseKills} databases killed; ` +
      `largest instance ${mb(largest)}, wallets ${mb(own)}\n`,
  );
}

/** Kills instances and PostgreSQL by turns until it is told to end. */
async function killByTurns(cluster: PostgresCluster, instances: Instances, end: AbortSignal) {
  for (let turn = 0; ; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(options["kill-every"])));
    if (end.aborted) return;
    if (turn % 3 < 2) {
      await instances.killOne();
    } else {
      await cluster.kill();
      await cluster.restart();
      counts.databaseKills++;
    }
  }
}

const cluster = await PostgresCluster.start();
try {
  const instances = new Instances([cluster.url, SEED]);
  for (let i = 0; i < Number(options.instances); i++) await instances.start();
  const end = new AbortController();
  const killing = killByTurns(cluster, instances, end.signal);
  await payAll(instances);
  end.abort();
  await killing;
  instances.stop();
  const pool = await PostgresPool.open(cluster.url);
  const { units, receipts } = await new PostgresCounterBook(pool, x.ecash).sales();
  await pool.close();
  process.stdout.write(`the book has ${receipts} receipts of ${units} units\n`);
  const good = counts.wrong === 0 && counts.sold === PAYMENTS && receipts === BigInt(PAYMENTS);
  process.stdout.write(good ? "none lost, none charged twice\n" : `WRONG: ${counts.wrong}\n`);
  process.exitCode = good ? 0 : 1;
} finally {
  await cluster.stop();
}
