/** Serves an application over HTTP or HTTPS: bounded connections and times, and an orderly end. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import type { DirectRoute } from "./byte-route.js";
import { httpErrors } from "./errors.js";

export interface ServeOptions {
  /** 0, the default, for any that is free. */
  readonly port?: number;
  /** Address to listen on; 127.0.0.1, so that only this machine connects, when absent. */
  readonly host?: string;
  /** Certificate chain and key in PEM; plain HTTP when absent. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Connections at once; further ones are closed at once. 1,024 when absent. */
  readonly maxConnections?: number;
  /** Milliseconds in which a request has to arrive whole; 10,000 when absent. */
  readonly requestTimeout?: number;
  /** Milliseconds in which a reader has to take a part of what waits for it; 30,000 when absent. */
  readonly readTimeout?: number;
  /** Milliseconds that requests under way get to finish when the service closes; 2,000 when absent. */
  readonly drainTimeout?: number;
  /** False leaves the Date header out, where the clock of the server must not be told. */
  readonly sendDate?: boolean;
  /** Asked before the application. */
  readonly direct?: DirectRoute;
}

export interface Served {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** Takes no further connection, lets requests under way finish, and ends. */
  close(): Promise<void>;
}

type HttpServer = ReturnType<typeof createServer>;

/**
 * @param what is served, for the error: "the relayer"
 * @throws http/port-unusable
 */
export async function serveHttp(
  app: Hono,
  what: string,
  options: ServeOptions = {},
): Promise<Served> {
  const { port = 0, host = "127.0.0.1", drainTimeout = 2000 } = options;
  const server = makeServer(app, options);
  await listen({ server, what, port, host });
  const { port: actual } = server.address() as AddressInfo;
  const scheme = options.tls === undefined ? "http" : "https";
  return {
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${actual}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      // A connection whose last request has been answered is idle, and not kept for another.
      const idle = setInterval(() => {
        server.closeIdleConnections();
      }, 20);
      const timer = setTimeout(() => {
        server.closeAllConnections();
      }, drainTimeout);
      await closed;
      clearInterval(idle);
      clearTimeout(timer);
    },
  };
}

function makeServer(app: Hono, options: ServeOptions): HttpServer {
  const { requestTimeout = 10_000, maxConnections = 1024, sendDate = true, tls, direct } = options;
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  /** The last request of each connection that is being served. */
  const working = new Map<Socket, unknown>();
  const listener = (...[request, response]: Parameters<typeof answer>): void => {
    const { socket } = request as IncomingMessage;
    working.set(socket, response);
    (response as ServerResponse).once("close", () => {
      if (working.get(socket) === response) working.delete(socket);
    });
    (response as ServerResponse).sendDate = sendDate;
    if (direct?.(request as IncomingMessage, response as ServerResponse) === true) return;
    void answer(request, response);
  };
  const bounds = {
    requestTimeout,
    headersTimeout: Math.min(5000, requestTimeout),
    keepAliveTimeout: 5000,
    // Node looks every 30 seconds otherwise, and half-open requests stay as long.
    connectionsCheckingInterval: 1000,
    maxHeaderSize: 16_384,
  };
  const server =
    tls === undefined
      ? createServer(bounds, listener)
      : createTlsServer({ ...bounds, ...tls }, listener);
  server.maxConnections = maxConnections;
  // A service may think as long as it needs. A reader that takes nothing of an answer is cut off, like a
  // connection without a request: otherwise a few that never read would hold all connections.
  server.setTimeout(options.readTimeout ?? 30_000, (socket: Socket) => {
    if (socket.writableLength > 0 || !working.has(socket)) socket.destroy();
  });
  return server;
}

async function listen({
  server,
  what,
  port,
  host,
}: {
  readonly server: Server;
  readonly what: string;
  readonly port: number;
  readonly host: string;
}): Promise<void> {
  try {
    await once(server.listen(port, host), "listening");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw httpErrors.errorFrom({
      key: "port-unusable",
      message: `${what} cannot be served on port ${port} of ${host}: ${why}`,
      details: { port, host },
      cause: error,
    });
  }
}
