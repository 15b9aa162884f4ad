/** The relayer's side of the protocol: HTTP with JSON, see protocol.ts. */
import { hexlify } from "ethers";
import { Hono } from "hono";
import { systemOf } from "../chain/index.js";
import {
  addHealth,
  anyOrigin,
  apiHeaders,
  answerErrors,
  limitRate,
  readText,
  serveHttp,
  TrustedProxies,
  type Served,
  type ServeOptions,
} from "../http/index.js";
import { RELAY_FORMAT, statusToJson } from "./protocol.js";
import type { Relayer } from "./relayer.js";

export interface RelayServerOptions extends Pick<ServeOptions, "port" | "host" | "maxConnections"> {
  /** Requests a minute of one address; 120 when absent. */
  readonly rate?: number;
  /** Addresses or ranges of the reverse proxies whose X-Forwarded-For is believed; none when absent. */
  readonly proxies?: readonly string[];
}

/** A bill file has about a thousand bytes. */
const MAX_BODY = 16_384;

const STATUSES = {
  "relay/queue-full": 503,
  "relay/not-ready": 503,
  "relay/bill-unknown": 404,
} as const;

/**
 * Serves until closed. Closing stops answering and sending; a batch that is under way is followed to
 * its end.
 * @throws http/port-unusable, http/bad-proxy
 */
export async function serveRelay(
  relayer: Relayer,
  { rate = 120, proxies = [], ...options }: RelayServerOptions = {},
): Promise<Served> {
  const app = relayApp(relayer, rate, new TrustedProxies(proxies));
  const served = await serveHttp(app, "the relayer", options);
  await relayer.start();
  return {
    url: served.url,
    async close() {
      await served.close();
      await relayer.stop();
    },
  };
}

function relayApp(relayer: Relayer, rate: number, proxies: TrustedProxies): Hono {
  const app = new Hono();
  answerErrors(app, { statuses: STATUSES });
  app.use(anyOrigin(), apiHeaders());
  addHealth(app, { ready: () => Promise.resolve(null) });
  app.use(limitRate(rate, proxies, Date.now));
  app.post("/bills", async (c) =>
    c.json(statusToJson(await relayer.submit(await readText(c, MAX_BODY))), 202),
  );
  app.get("/bills/:id{[0-9a-f]{64}}", async (c) =>
    c.json(statusToJson(await relayer.status(c.req.param("id")))),
  );
  app.get("/", async (c) => c.json(await info(relayer)));
  return app;
}

async function info(relayer: Relayer): Promise<object> {
  const { deployment } = relayer;
  return {
    format: RELAY_FORMAT,
    chainId: deployment.chainId.toString(),
    settlement: deployment.contracts.settlement.address,
    systemId: hexlify(systemOf(deployment).systemId),
    waiting: await relayer.waiting(),
  };
}
