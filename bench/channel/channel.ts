/**
 * `npm run bench:channel -- [--payments 4000] [--together 64] [--apart]`: what a payment costs in each
 * process between a wallet and its receipt: relay, gateway and utility (HTTP, coins checked in batches,
 * database, receipt, signed answer) in one process, or in two with `--apart`, and PostgreSQL. CPU time as the kernel counts it, so that other work on the
 * machine disturbs it little. Then latency at 70 % of the throughput that was measured.
 *
 * Coins and tokens are real and made beforehand. Every answer's signature is verified afterwards, and
 * the receipts with it.
 */
import { parseArgs } from "node:util";
import { createMclBn254 } from "../../src/algebra/index.js";
import { obliviousHttp, type ObliviousOptions } from "../../src/channel/ohttp/index.js";
import { hpkeKeyPair } from "../../src/channel/ohttp/index.js";
import {
  encodeRequest,
  requestHash,
  decodeAnswer,
  type Request,
} from "../../src/exchange/index.js";
import {
  addressOf,
  findBadReceipts,
  hashBoundGenerator,
  parseViewKey,
} from "../../src/sipster/index.js";
import { ANSWER_KEY, exchange, payFor } from "../../test/support/exchange.js";
import { networkOf } from "../../test/support/oblivious.js";
import { PostgresCluster } from "../../test/support/postgres.js";
import { system } from "../../test/support/settlement.js";
import { clusterUsage, startRole, type RunningRole } from "./processes.js";
import { GATEWAY_SECRET, SEED } from "./role.js";

const { values: options } = parseArgs({
  options: {
    payments: { type: "string", default: "4000" },
    together: { type: "string", default: "64" },
    apart: { type: "boolean", default: false },
  },
});
const PAYMENTS = Number(options.payments);
const TOGETHER = Number(options.together);
/** Share of the payments with which the processes warm up before they are measured. */
const WARM_UP = 0.25;

const curve = await createMclBn254();
const x = exchange(curve, { seed: SEED });
const verifier = { systemId: system.systemId, answerKey: addressOf(ANSWER_KEY) };
const generate = hashBoundGenerator({
  curve,
  systemId: system.systemId,
  viewKey: parseViewKey(new Uint8Array(32).fill(0x50)),
  keyEpoch: 1,
});
type Carry = ReturnType<typeof obliviousHttp>["carry"];
type Buy = Request & { kind: "buy" };

const cluster = await PostgresCluster.start();
const roles: RunningRole[] = [];
try {
  const gateway = await startUtility(options.apart);
  const relay = await startRole("relay", `${gateway.url}/`);
  roles.unshift(relay);
  const network = networkOf({
    relays: [`${relay.url}/`],
    gateway: `${gateway.url}/`,
    pair: hpkeKeyPair(GATEWAY_SECRET),
    keyId: 1,
  });
  const oblivious: ObliviousOptions = { network };
  const { carry } = obliviousHttp(oblivious);
  print(`making ${2 * PAYMENTS} coins and tokens`);
  const orders = await makeOrders(2 * PAYMENTS);
  const warm = Math.floor(PAYMENTS * WARM_UP);
  await payAll(carry, orders.slice(0, warm));
  const rate = await measureCost(carry, orders.slice(warm, PAYMENTS));
  await measureLatency(carry, orders.slice(PAYMENTS), 0.7 * rate);
} finally {
  for (const role of roles) role.stop();
  await cluster.stop();
}

/** Returns the process that opens requests. */
async function startUtility(apart: boolean): Promise<RunningRole> {
  if (!apart) {
    roles.push(await startRole("utility and gateway", cluster.url));
    return roles[0]!;
  }
  const utility = await startRole("utility", cluster.url);
  roles.push(await startRole("gateway", utility.url), utility);
  return roles[0]!;
}

async function makeOrders(count: number): Promise<Buy[]> {
  const orders: Buy[] = [];
  for (let from = 0; from < count; from += 250) {
    const coins = await x.coins(Array<number>(Math.min(250, count - from)).fill(1));
    for (const [i, coin] of coins.entries()) {
      const { token } = generate(BigInt(from + i), 1);
      const order = {
        token: x.world.suite.encode(token),
        payment: payFor({ exchange: x, coin, token }),
      };
      orders.push({ kind: "buy", order });
    }
  }
  return orders;
}

interface Paid {
  readonly order: Buy;
  readonly answer: Uint8Array;
}

/** So many at once, until all are paid. */
async function payAll(carry: Carry, orders: readonly Buy[]): Promise<Paid[]> {
  const paid: Paid[] = [];
  const left = orders[Symbol.iterator]();
  const payer = async (): Promise<void> => {
    for (const order of left) paid.push({ order, answer: await carry(encodeRequest(order)) });
  };
  await Promise.all(Array.from({ length: TOGETHER }, payer));
  return paid;
}

/** Prints the CPU of each process for a payment; returns payments a second. */
async function measureCost(carry: Carry, orders: readonly Buy[]): Promise<number> {
  const before = await usages();
  const start = performance.now();
  const paid = await payAll(carry, orders);
  const seconds = (performance.now() - start) / 1000;
  const after = await usages();
  check(paid);
  let total = 0;
  print(`CPU of a payment, ${orders.length} payments, ${TOGETHER} at once:`);
  for (const [name, used] of after) {
    const each = (used - before.get(name)!) / orders.length;
    if (name !== "wallets") total += each;
    print(
      `  ${name.padEnd(19)} ${each.toFixed(3)} ms${name === "wallets" ? " (not in the sum)" : ""}`,
    );
  }
  print(`  ${"in all".padEnd(19)} ${total.toFixed(3)} ms`);
  const rate = orders.length / seconds;
  print(`${rate.toFixed(0)} payments a second, wallets on the same machine`);
  for (const role of roles) {
    const { memory } = await role.usage();
    print(`  ${role.role.padEnd(19)} ${(memory / 2 ** 20).toFixed(0)} MB`);
  }
  return rate;
}

/** Payments at random times, so many a second; prints how long each waited. */
async function measureLatency(carry: Carry, orders: readonly Buy[], rate: number): Promise<void> {
  const times: number[] = [];
  const start = performance.now();
  let at = 0;
  const paid = await Promise.all(
    orders.map(async (order) => {
      // Exponential gaps: arrivals that know nothing of each other.
      at += (-Math.log(1 - uniform()) / rate) * 1000;
      const due = start + at;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      const answer = await carry(encodeRequest(order)).catch(() => null);
      times.push(performance.now() - due);
      return answer === null ? [] : [{ order, answer }];
    }),
  );
  check(paid.flat());
  const lost = orders.length - paid.flat().length;
  if (lost > 0) print(`${lost} had no answer in time: wallets send them again`);
  times.sort((a, b) => a - b);
  const of = (share: number): string => `${times[Math.floor(share * times.length)]!.toFixed(0)} ms`;
  print(
    `at ${rate.toFixed(0)} payments a second (70 %): median ${of(0.5)}, 95 % ${of(0.95)}, 99 % ${of(0.99)}`,
  );
}

async function usages(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const role of roles) found.set(role.role, (await role.usage()).cpu);
  found.set("PostgreSQL", clusterUsage(cluster.folder));
  const { user, system: kernel } = process.cpuUsage();
  found.set("wallets", (user + kernel) / 1000);
  return found;
}

/** Every answer is signed, and every receipt is the token's. */
function check(paid: readonly Paid[]): void {
  const receipts = paid.map(({ order, answer }) => {
    const decoded = decodeAnswer(verifier, requestHash(order), answer);
    if (decoded.kind !== "sold") throw new Error(`the counter answers ${decoded.kind}`);
    const point = x.world.suite.point(x.world.suite.decode(order.order.token));
    return { point, receipt: curve.g1.decode(decoded.receipt) };
  });
  if (findBadReceipts(curve, x.world.key, receipts).length > 0) throw new Error("a bad receipt");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function uniform(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
}
