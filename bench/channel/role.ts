/** One process of channel.ts: the utility over PostgreSQL, its gateway, both in one, or a relay. */
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  counterAt,
  hpkeKeyPair,
  serveGateway,
  serveOhttpRelay,
} from "../../src/channel/ohttp/index.js";
import type { Served } from "../../src/http/index.js";
import { serveUtility } from "../../src/service/index.js";
import { encodeParameters } from "../../src/sipster/index.js";
import { PostgresPool } from "../../src/store/index.js";
import { PostgresCounterBook } from "../../src/utility/index.js";
import { exchange } from "../../test/support/exchange.js";
import { someTerms } from "../../test/support/parameters.js";

export type Role = "utility" | "gateway" | "utility and gateway" | "relay";

/** What a process has used since it began. */
export interface Usage {
  /** Milliseconds of CPU, system time included. */
  readonly cpu: number;
  /** Resident memory, in bytes. */
  readonly memory: number;
}

/** Secret of the gateway's key in benchmarks: 32 bytes. */
export const GATEWAY_SECRET = new Uint8Array(32).fill(0x47);
export const SEED = "channel";

const health = { ready: () => Promise.resolve(null) };
const onDefect = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);

/** @param target the database of the utility, the utility of the gateway, the gateway of the relay */
async function serve(role: Role, target: string): Promise<Served> {
  if (role === "relay") {
    return serveOhttpRelay({ gatewayOf: () => target, rate: 1_000_000_000, onDefect });
  }
  const keys = [{ keyId: 1, pair: hpkeKeyPair(GATEWAY_SECRET) }];
  if (role === "gateway") {
    return serveGateway({ keys, exchange: counterAt(target).carry, health, onDefect });
  }
  const pool = await PostgresPool.open(target);
  const { counter } = exchange(await createMclBn254(), {
    seed: SEED,
    book: (ecash) => new PostgresCounterBook(pool, ecash),
  });
  const answer = (request: Uint8Array) => counter.answer(request);
  // As `sipster utility serve --gateway-port` does it.
  if (role === "utility and gateway") {
    return serveGateway({ keys, exchange: answer, health, onDefect });
  }
  return serveUtility({
    parameters: () => Promise.resolve(encodeParameters({ terms: [someTerms], network: [] })),
    tariffs: new Map(),
    exchange: answer,
    health,
    version: "bench",
    onDefect,
  });
}

if (import.meta.filename === process.argv[1]) {
  const [role, target] = process.argv.slice(2);
  const { url } = await serve(role as Role, target!);
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    const usage: Usage = { cpu: (user + system) / 1000, memory: process.memoryUsage.rss() };
    process.send!(usage);
  });
  process.on("disconnect", () => process.exit());
  process.send!({ url });
}
