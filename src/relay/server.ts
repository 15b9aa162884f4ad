/** The relayer's side of the protocol: HTTP with JSON, see protocol.ts. */
import { hexlify } from "ethers";
import { Hono } from "hono";
import { systemOf } from "../chain/index.js";
import {
  addHealth,
  anyOrigin,
  apiHeaders,
  answerErrors,
  rateGate,
  readJson,
  readText,
  serveHttp,
  TrustedProxies,
  type Served,
  type ServeOptions,
} from "../http/index.js";
import { systemClock } from "../time/system-clock.js";
import { relayErrors } from "./errors.js";
import { answersToJson, MAX_ASKED, MAX_HANDED_IN, RELAY_FORMAT, statusToJson } from "./protocol.js";
import type { Relayer } from "./relayer.js";

export interface RelayServerOptions extends Pick<
  ServeOptions,
  "port" | "host" | "maxConnections" | "requestTimeout"
> {
  /** Bills a minute that one address hands in; 600 when absent. */
  readonly rate?: number;
  /** Questions a minute of one address; 6,000 when absent: many homes may share an address. */
  readonly questions?: number;
  /** Addresses or ranges of the reverse proxies whose X-Forwarded-For is believed; none when absent. */
  readonly proxies?: readonly string[];
}

/** A bill file has about a thousand bytes. */
const MAX_BODY = 16_384;
const MAX_BATCH_BODY = 2_000_000;
/** An id has 64 digits. */
const MAX_QUESTION = 100_000;
const ID = /^[0-9a-f]{64}$/;

const STATUSES = {
  "relay/queue-full": 503,
  "relay/not-ready": 503,
  "relay/bill-unknown": 404,
  "relay/bad-request": 400,
} as const;

/**
 * Serves until closed. Closing stops answering and sending; a batch that is under way is followed to
 * its end.
 * @throws http/port-unusable, http/bad-proxy
 */
export async function serveRelay(
  relayer: Relayer,
  { rate = 600, questions = 6000, proxies = [], ...options }: RelayServerOptions = {},
): Promise<Served> {
  const app = relayApp(relayer, { rate, questions, proxies: new TrustedProxies(proxies) });
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

interface Limits {
  readonly rate: number;
  readonly questions: number;
  readonly proxies: TrustedProxies;
}

function relayApp(relayer: Relayer, { rate, questions, proxies }: Limits): Hono {
  const app = new Hono();
  answerErrors(app, { statuses: STATUSES });
  app.use(anyOrigin(), apiHeaders());
  addHealth(app, { ready: () => relayer.ready() });
  const handsIn = rateGate(rate, proxies, systemClock);
  const asks = rateGate(questions, proxies, systemClock);
  app.post("/bills", async (c) => {
    handsIn(c);
    return c.json(statusToJson(await relayer.submit(await readText(c, MAX_BODY))), 202);
  });
  app.post("/batches", async (c) => {
    // Once before the body is read, and then for each further bill, up to all that a minute has.
    handsIn(c);
    const bills = listOf(await readJson(c, MAX_BATCH_BODY), "bills", MAX_HANDED_IN);
    handsIn(c, Math.min(bills.length, rate) - 1);
    const texts = bills.map((bill) => JSON.stringify(bill));
    return c.json(answersToJson(await relayer.submitAll(texts)), 202);
  });
  app.get("/bills/:id{[0-9a-f]{64}}", async (c) => {
    asks(c);
    return c.json(statusToJson(await relayer.status(c.req.param("id"))));
  });
  app.post("/statuses", async (c) => {
    asks(c);
    const ids = listOf(await readJson(c, MAX_QUESTION), "ids", MAX_ASKED);
    const known = ids.filter((id): id is string => typeof id === "string" && ID.test(id));
    if (known.length !== ids.length) throw badRequest("an id is not 64 hexadecimal digits");
    return c.json(answersToJson(await relayer.statuses(known)));
  });
  app.get("/", async (c) => {
    asks(c);
    return c.json(await info(relayer));
  });
  return app;
}

/** The list in a request. @throws relay/bad-request */
function listOf(body: unknown, name: string, most: number): readonly unknown[] {
  const list = (body as Readonly<Record<string, unknown>> | null)?.[name];
  if (!Array.isArray(list) || list.length === 0 || list.length > most) {
    throw badRequest(`"${name}" is not a list of 1 to ${most}`);
  }
  return list;
}

function badRequest(why: string): Error {
  return relayErrors.error("bad-request", `the request is not one of a relayer's: ${why}`);
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
