/** What the utility does: receipts in one thread and in two workers, and whole payments. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMclBn254, nobleBn254, toAddress, type Bn254 } from "../../src/algebra/index.js";
import { blindBls, generateMintKeys } from "../../src/ecash/index.js";
import {
  DEFAULT_DENOMINATIONS,
  generateUtilityKey,
  hashBoundGenerator,
  hashBoundSuite,
  parseViewKey,
  ReceiptIssuer,
  settlementSystem,
  type Suite,
  type Token,
} from "../../src/sipster/index.js";
import { encodeRequest, expiryOf } from "../../src/exchange/index.js";
import { SqliteStore, MemoryStore, type Store } from "../../src/store/index.js";
import { Counter, inThread, ReceiptWorkers, StoredCounterBook } from "../../src/utility/index.js";
import { medianMs, type Benchmark } from "../harness.js";

const system = settlementSystem(31337n, `0x${"11".repeat(20)}`);
const key = generateUtilityKey("hash-bound", 1);
const payee = toAddress(new Uint8Array(20));
/** Of payments at the time of the bench, 1970. */
const EXPIRY = expiryOf(0);

function makeTokens(curve: Bn254, count: number, viewKey: number): Token[] {
  const view = parseViewKey(new Uint8Array(32).fill(viewKey));
  const generate = hashBoundGenerator({
    curve,
    systemId: system.systemId,
    viewKey: view,
    keyEpoch: 1,
  });
  return Array.from({ length: count }, (_, i) => generate(BigInt(i), 1).token);
}

async function receiptsPerSecond(curve: Bn254, count: number): Promise<number> {
  const suite = hashBoundSuite(curve, system.systemId);
  const issuer = new ReceiptIssuer(suite, key);
  const wire = makeTokens(curve, count, 1).map((token) => suite.encode(token));
  const ms = await medianMs(() => {
    for (const bytes of wire) curve.g1.encode(issuer.issue(suite.decode(bytes)));
    return count;
  });
  return 1000 / ms;
}

/** One pool and then the other, by turns, so that both meet the same machine. */
async function workers(suite: Suite, tokens: readonly Token[]): Promise<[number, number]> {
  const pools = [
    await ReceiptWorkers.start({ suite, key, count: 1 }),
    await ReceiptWorkers.start({ suite, key, count: 2 }),
  ];
  const perSecond: [number[], number[]] = [[], []];
  for (let run = 0; run < 7; run++) {
    for (const [i, pool] of pools.entries()) {
      const start = performance.now();
      await pool.issue(tokens);
      perSecond[i]!.push((1000 * tokens.length) / (performance.now() - start));
    }
  }
  await Promise.all(pools.map((pool) => pool.close()));
  const median = (values: number[]): number => values.sort((a, b) => a - b)[3]!;
  return [median(perSecond[0]), median(perSecond[1])];
}

/** Payments a second, all at once or one after the other, each with a coin and a token of its own. */
async function paymentsPerSecond({
  curve,
  count,
  runs,
  openStore,
  together,
}: {
  readonly curve: Bn254;
  readonly count: number;
  readonly runs: number;
  readonly openStore: (run: number) => Promise<Store>;
  readonly together: boolean;
}): Promise<number> {
  const suite = hashBoundSuite(curve, system.systemId);
  const ecash = blindBls(curve, system, generateMintKeys(1, DEFAULT_DENOMINATIONS));
  const tokens = makeTokens(curve, count, 2);
  const { state, request } = ecash.prepare(
    1,
    tokens.map((_, number) => ({ denomination: 1, number })),
    new Uint8Array(32).fill(4),
  );
  const coins = ecash.finish(state, await ecash.issue(request));
  const orders = tokens.map((token, i) => {
    const memo = { tokenHash: suite.hash(token), payee, keyEpoch: 1 };
    const payment = ecash.pay(coins[i]!.secret, memo, EXPIRY);
    return encodeRequest({ kind: "buy", order: { token: suite.encode(token), payment } });
  });
  const issuer = new ReceiptIssuer(suite, key);
  let run = 0;
  const ms = await medianMs(
    async () => {
      const store = await openStore(run++);
      const counter = new Counter({
        suite,
        epochs: [{ issuer, maker: inThread(issuer, suite) }],
        denominations: DEFAULT_DENOMINATIONS,
        ecash,
        refreshing: null,
        payee,
        book: new StoredCounterBook(store, ecash),
        answers: { systemId: system.systemId, answerKey: new Uint8Array(32).fill(6) },
        clock: () => 0n,
      });
      if (together) await Promise.all(orders.map((order) => counter.answer(order)));
      else for (const order of orders) await counter.answer(order);
      await store.close();
      return count;
    },
    { runs },
  );
  return 1000 / ms;
}

const benchmark: Benchmark = {
  name: "utility",
  async run() {
    const curve = await createMclBn254();
    const suite = hashBoundSuite(curve, system.systemId);
    const [one, two] = await workers(suite, makeTokens(curve, 1000, 1));
    const inMemory = async (): Promise<Store> => new MemoryStore();
    const single = await paymentsPerSecond({
      curve,
      count: 300,
      runs: 3,
      openStore: inMemory,
      together: false,
    });
    const noble = await paymentsPerSecond({
      curve: nobleBn254,
      count: 20,
      runs: 1,
      openStore: inMemory,
      together: true,
    });
    const folder = mkdtempSync(join(tmpdir(), "sipster-bench-"));
    const inFile = (run: number): Promise<Store> => SqliteStore.open(join(folder, String(run)));
    const durable = await paymentsPerSecond({
      curve,
      count: 500,
      runs: 5,
      openStore: inFile,
      together: true,
    });
    rmSync(folder, { recursive: true });
    return [
      {
        what: "receipts, from token bytes, one thread",
        value: await receiptsPerSecond(curve, 500),
        unit: "per second",
        target: "≥ 3000",
        comparedWith: { what: "noble", value: await receiptsPerSecond(nobleBn254, 20) },
      },
      {
        what: "receipts, two workers",
        value: two,
        unit: "per second",
        target: "≥ 1.8 × one",
        comparedWith: { what: "one worker", value: one },
      },
      {
        what: "payments, in memory",
        value: await paymentsPerSecond({
          curve,
          count: 500,
          runs: 5,
          openStore: inMemory,
          together: true,
        }),
        unit: "per second",
        target: "≥ 1000",
        comparedWith: { what: "noble", value: noble },
      },
      {
        what: "payments, synced to a file before the answer",
        value: durable,
        unit: "per second",
        comparedWith: { what: "one by one, in memory", value: single },
      },
    ];
  },
};
export default benchmark;
