/**
 * `npm run soak -- [--payments 10000] [--minutes 0] [--instances 2] [--kill-every 10]`: payments by real coins
 * through several instances of the counter over one PostgreSQL, while instances and the server of PostgreSQL
 * are killed by SIGKILL by turns. With minutes it ends when they are over, or the payments are made.
 *
 * Of each batch every twentieth answer is verified, signature and receipt, and its coin shown for a second
 * token as well; of all others the kind is read. In the end SQL over all rows says that none was lost (as many
 * tokens as were acknowledged), none charged twice (as many coins, each for one token, by a payment for that
 * token) and no coin bought two receipts; otherwise the exit code is 1.
 */
import { parseArgs } from "node:util";
import { createMclBn254, type G1Point } from "../../src/algebra/index.js";
import { decodeAnswer, requestHash, type Answer } from "../../src/exchange/index.js";
import { addressOf, findBadReceipts, publicKeyOf } from "../../src/sipster/index.js";
import { ANSWER_KEY, seededKeys, verdict } from "../../test/support/exchange.js";
import { PostgresCluster } from "../../test/support/postgres.js";
import { system } from "../../test/support/settlement.js";
import { readBooks } from "./books.js";
import { Instances } from "./instances.js";
import { orderMaker, type MadeOrder } from "./orders.js";

const { values: options } = parseArgs({
  options: {
    payments: { type: "string", default: "10000" },
    minutes: { type: "string", default: "0" },
    instances: { type: "string", default: "2" },
    "kill-every": { type: "string", default: "10" },
  },
});
const PAYMENTS = Number(options.payments);
const INSTANCES = Number(options.instances);
const SEED = "soak";
const BATCH = 128;
/** Of so many payments one is verified whole. */
const SAMPLE = 20;
const REPORT_EVERY_MS = 30_000;
/** Where an answer has its kind, behind the version. */
const KIND_AT = 1;

const curve = await createMclBn254();
const make = orderMaker(curve, SEED);
const key = publicKeyOf(curve, seededKeys("hash-bound", SEED).utility);
const verifier = { systemId: system.systemId, answerKey: addressOf(ANSWER_KEY) };
const counts = { sold: 0, refused: 0, wrong: 0, busy: 0, databaseKills: 0 };
/** The byte of a good answer, from the first that was verified. */
let soldByte = -1;

const decode = ({ request }: MadeOrder, answer: Uint8Array): Answer =>
  decodeAnswer(verifier, requestHash(request), answer);

/** Asks until no answer of the batch is that the counter is busy, since its database is away. */
async function answersTo(
  orders: readonly MadeOrder[],
  instances: Instances,
): Promise<readonly Uint8Array[]> {
  const answers: Uint8Array[] = [];
  let open = orders.map((_, i) => i);
  while (open.length > 0) {
    const got = await instances.ask(open.map((i) => orders[i]!.bytes));
    const again: number[] = [];
    open.forEach((i, at) => {
      answers[i] = got[at]!;
      const isSold = answers[i][KIND_AT] === soldByte;
      if (!isSold && verdict(decode(orders[i]!, answers[i])) === "utility/busy") again.push(i);
    });
    counts.busy += again.length;
    open = again;
  }
  return answers;
}

async function payBatch(from: number, size: number, instances: Instances): Promise<void> {
  const orders = Array.from({ length: size }, (_, i) => make(from + i, from + i));
  const answers = await answersTo(orders, instances);
  const receipts: { point: G1Point; receipt: G1Point }[] = [];
  const shown: number[] = [];
  for (const [i, order] of orders.entries()) {
    if (soldByte === answers[i]![KIND_AT] && i % SAMPLE !== 0) {
      counts.sold++;
      continue;
    }
    const answer = decode(order, answers[i]!);
    if (answer.kind !== "sold") {
      counts.wrong++;
      process.stderr.write(`payment ${from + i}: ${verdict(answer)}\n`);
      continue;
    }
    soldByte = answers[i]![KIND_AT]!;
    counts.sold++;
    receipts.push({ point: order.point, receipt: curve.g1.decode(answer.receipt) });
    shown.push(i);
  }
  counts.wrong += findBadReceipts(curve, key, receipts).length;
  await showAgain(
    shown.map((i) => ({ number: from + i, first: orders[i]! })),
    instances,
  );
}

/** The same coins for other tokens: refused, each with the first payment as proof. */
async function showAgain(
  shown: readonly { readonly number: number; readonly first: MadeOrder }[],
  instances: Instances,
): Promise<void> {
  const orders = shown.map(({ number }) => make(number, PAYMENTS + number));
  const answers = await answersTo(orders, instances);
  shown.forEach(({ first }, i) => {
    const answer = decode(orders[i]!, answers[i]!);
    const { payment } = first.request.order;
    const proved = answer.kind === "coin-spent" && Buffer.compare(answer.proof, payment) === 0;
    if (proved) counts.refused++;
    else counts.wrong++;
  });
}

/** A batch more under way than there are instances twice: none waits for work. */
async function payAll(instances: Instances): Promise<void> {
  const start = performance.now();
  const until = Number(options.minutes) > 0 ? start + 60_000 * Number(options.minutes) : Infinity;
  let [next, told] = [0, start];
  const lane = async (): Promise<void> => {
    while (next < PAYMENTS && performance.now() < until) {
      const from = next;
      next = Math.min(PAYMENTS, from + BATCH);
      await payBatch(from, next - from, instances);
      if (performance.now() < told + REPORT_EVERY_MS) continue;
      told = performance.now();
      report(start, instances);
    }
  };
  await Promise.all(Array.from({ length: 2 * INSTANCES + 1 }, lane));
  report(start, instances);
}

function report(start: number, instances: Instances): void {
  const seconds = (performance.now() - start) / 1000;
  const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;
  process.stdout.write(
    `${counts.sold} paid, ${counts.refused} double shows refused, ${instances.sentAgain} sent again, ` +
      `${counts.busy} told to come back, in ${seconds.toFixed(0)} s (${(counts.sold / seconds).toFixed(0)} a second); ` +
      `${instances.kills} instances and ${counts.databaseKills} databases killed; ` +
      `largest instance since the last line ${mb(instances.largest)}\n`,
  );
  instances.largest = 0;
}

/** Kills instances and the server of PostgreSQL by turns until it is told to end. */
async function killByTurns(cluster: PostgresCluster, instances: Instances, end: AbortSignal) {
  for (let turn = 0; ; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(options["kill-every"])));
    if (end.aborted) return;
    if (turn % 3 < 2) {
      await instances.killOne();
    } else {
      await cluster.kill("SIGKILL");
      await cluster.restart();
      counts.databaseKills++;
    }
  }
}

const cluster = await PostgresCluster.start();
try {
  const instances = new Instances([cluster.url, SEED]);
  for (let i = 0; i < INSTANCES; i++) await instances.start();
  const end = new AbortController();
  const killing = killByTurns(cluster, instances, end.signal);
  await payAll(instances);
  end.abort();
  await killing;
  instances.stop();
  const { tokens, payers, units, coins, wrong } = await readBooks(cluster.url);
  process.stdout.write(
    `the books have ${tokens} tokens of ${units} units paid by ${payers} of ${coins} coins, ${wrong} by a payment for another token\n`,
  );
  const sold = BigInt(counts.sold);
  const good =
    counts.wrong === 0 && wrong === 0n && [tokens, payers, units, coins].every((n) => n === sold);
  process.stdout.write(good ? "none lost, none charged twice\n" : `WRONG: ${counts.wrong}\n`);
  process.exitCode = good ? 0 : 1;
} finally {
  await cluster.stop();
}
