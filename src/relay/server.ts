/** The relayer's side of the protocol: HTTP with JSON, see protocol.ts. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hexlify } from "ethers";
import { systemOf } from "../chain/index.js";
import { errorToJson } from "../errors/error-json.js";
import { ExitCode, SipsterError } from "../errors/sipster-error.js";
import { relayErrors } from "./errors.js";
import { RELAY_FORMAT, statusToJson } from "./protocol.js";
import { RateLimit } from "./rate-limit.js";
import type { Relayer } from "./relayer.js";

export interface RelayServerOptions {
  /** 0, the default, for any that is free. */
  readonly port?: number;
  /** Address to listen on; 127.0.0.1 when absent. */
  readonly host?: string;
  /** Requests a minute of one address; 120 when absent. */
  readonly rate?: number;
}

export interface ServedRelay {
  readonly url: string;
  /** Stops answering and sending; a batch that is under way is followed to its end. */
  close(): Promise<void>;
}

/** No bill file comes near it. */
const MAX_BODY = 16_384;
/** Milliseconds in which a request has to arrive. */
const REQUEST_TIMEOUT = 10_000;

const HTTP_STATUS: Readonly<Record<string, number>> = {
  "relay/too-large": 413,
  "relay/too-many-requests": 429,
  "relay/queue-full": 503,
  "relay/not-ready": 503,
  "relay/bill-unknown": 404,
  "relay/no-such-address": 404,
  "relay/failed": 500,
};

/** @throws relay/port-unusable */
export async function serveRelay(
  relayer: Relayer,
  { port = 0, host = "127.0.0.1", rate = 120 }: RelayServerOptions = {},
): Promise<ServedRelay> {
  const limit = new RateLimit(rate);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
    void handle(relayer, limit, request, response);
  });
  await listen(server, port, host);
  await relayer.start();
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actual}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
      await relayer.stop();
    },
  };
}

async function handle(
  relayer: Relayer,
  limit: RateLimit,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Pages of any origin may ask: there is nothing here that is somebody's alone.
  response.setHeader("Access-Control-Allow-Origin", "*");
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("X-Content-Type-Options", "nosniff");
  if (request.method === "OPTIONS") {
    response.setHeader("Access-Control-Allow-Methods", "GET, POST");
    response.setHeader("Access-Control-Allow-Headers", "Content-Type");
    response.setHeader("Access-Control-Max-Age", "600");
    response.writeHead(204).end();
    return;
  }
  try {
    const wait = limit.take(request.socket.remoteAddress ?? "", Date.now());
    if (wait > 0) {
      response.setHeader("Retry-After", wait);
      throw relayErrors.error("too-many-requests", `too many requests: wait ${wait} seconds`, {
        seconds: wait,
      });
    }
    const [status, body] = await answer(relayer, request);
    send(response, status, body);
  } catch (error) {
    const explained = explain(error);
    send(response, statusOf(explained), errorToJson(explained));
  }
}

async function answer(relayer: Relayer, request: IncomingMessage): Promise<[number, object]> {
  const path = URL.parse(request.url ?? "/", "http://relay")?.pathname ?? "/";
  const [, id] = /^\/bills\/([0-9a-f]{64})$/.exec(path) ?? [];
  if (request.method === "POST" && path === "/bills") {
    const status = await relayer.submit(await bodyOf(request));
    return [202, statusToJson(status)];
  }
  if (request.method === "GET" && id !== undefined) {
    return [200, statusToJson(await relayer.status(id))];
  }
  if (request.method === "GET" && path === "/") return [200, await info(relayer)];
  throw relayErrors.error("no-such-address", `nothing answers ${request.method ?? ""} ${path}`);
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

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_BODY) {
      throw relayErrors.error("too-large", `the request has more than ${MAX_BODY} bytes`, {
        limit: MAX_BODY,
      });
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** What is in no catalogue is a defect here, and its words are not for strangers. */
function explain(error: unknown): SipsterError {
  if (error instanceof SipsterError) return error;
  return relayErrors.error("failed", "the relayer failed", {}, error);
}

function statusOf({ code, exitCode }: SipsterError): number {
  return HTTP_STATUS[code] ?? (exitCode === ExitCode.Unavailable ? 503 : 422);
}

function send(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    // A body that was not read to its end is not to be taken for the next request.
    ...(status === 413 ? { Connection: "close" } : {}),
  });
  response.end(text);
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    await once(server.listen(port, host), "listening");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw relayErrors.error(
      "port-unusable",
      `the relayer cannot be served on port ${port} of ${host}: ${why}`,
      { port, host },
      error,
    );
  }
}
