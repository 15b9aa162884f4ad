/**
 * The utility's HTTP service. Counter and mint can be parts of one process or of several over the same
 * books: a part that is absent is not routed. Answers carry no Date header, and nothing here logs a
 * token, a coin or an address.
 */
import { Hono, type Context } from "hono";
import {
  addHealth,
  answerErrors,
  anyOrigin,
  apiHeaders,
  HttpMetrics,
  readBytes,
  serveHttp,
  type Health,
  type Served,
  type ServeOptions,
} from "../http/index.js";
import { serviceErrors } from "./errors.js";
import { openApiDocument } from "./openapi.js";
import { OPERATIONS, type Body, type Operation, type OperationName } from "./operations.js";

/** What the service is made of. */
export interface ServiceParts {
  /** Encoded `sipster/system@1`. */
  readonly parameters: () => Promise<Uint8Array>;
  /** Canonical tariffs by their hash. */
  readonly tariffs: ReadonlyMap<string, string>;
  /** Answers a request to the counter. */
  readonly exchange?: (request: Uint8Array) => Promise<Uint8Array>;
  /** Answers an order on an account. */
  readonly withdraw?: (order: Uint8Array) => Promise<Uint8Array>;
  /** Takes a request for a deposit. */
  readonly submitDeposit?: (request: Uint8Array, id: bigint) => Promise<void>;
  readonly health: Health;
  readonly version: string;
  /** Told of failures that are in no catalogue. */
  readonly onDefect: (error: unknown) => void;
}

const STATUSES = {
  "service/no-tariff": 404,
  "service/bad-length": 400,
  "exchange/bad-request": 400,
  "ecash/bad-order": 400,
  "ecash/bad-request": 400,
  "mint/not-paid": 402,
  "mint/no-deposit": 409,
  "utility/busy": 503,
} as const;

type Handler = (c: Context, body: Uint8Array) => Promise<Response>;

/** @throws http/port-unusable */
export async function serveUtility(
  parts: ServiceParts,
  options: Omit<ServeOptions, "sendDate"> = {},
): Promise<Served> {
  return serveHttp(utilityApp(parts), "the utility", { ...options, sendDate: false });
}

function utilityApp(parts: ServiceParts): Hono {
  const app = new Hono();
  const metrics = new HttpMetrics();
  answerErrors(app, { statuses: STATUSES, onDefect: parts.onDefect });
  metrics.watch(app);
  app.use(anyOrigin(), apiHeaders());
  addHealth(app, parts.health);
  metrics.serve(app);
  app.get("/openapi.json", (c) => c.json(openApiDocument(parts.version)));
  for (const [name, handler] of Object.entries(handlers(parts))) {
    route(app, OPERATIONS[name as OperationName], handler);
  }
  return app;
}

function route(
  app: Hono,
  { method, path, parameters, request }: Operation,
  handler: Handler,
): void {
  const pattern = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    return `:${name}{${parameters[name]!.pattern}}`;
  });
  app.on(method, pattern, async (c) => handler(c, await bodyOf(c, request)));
}

async function bodyOf(c: Context, body: Body): Promise<Uint8Array> {
  if (body.kind === "none") return new Uint8Array();
  const bytes = await readBytes(c, body.most);
  if (body.kind === "bytes" && body.exactly !== undefined && bytes.length !== body.exactly) {
    const what = `the body has ${bytes.length} bytes and must have ${body.exactly}`;
    throw serviceErrors.error("bad-length", what, { length: bytes.length });
  }
  return bytes;
}

/** Handlers of the parts that are here. */
function handlers(parts: ServiceParts): Partial<Record<OperationName, Handler>> {
  const { exchange, withdraw, submitDeposit, tariffs } = parts;
  return {
    system: async (c) => json(c, await parts.parameters()),
    tariff: async (c) => {
      const hash = c.req.param("hash")!;
      const tariff = tariffs.get(hash);
      if (tariff === undefined) throw serviceErrors.error("no-tariff", `no tariff has ${hash}`);
      return Promise.resolve(json(c, new TextEncoder().encode(tariff)));
    },
    ...(exchange && { exchange: async (c, body) => bytes(c, await exchange(body)) }),
    ...(withdraw && { withdraw: async (c, body) => bytes(c, await withdraw(body)) }),
    ...(submitDeposit && {
      submitDeposit: async (c, body) => {
        await submitDeposit(body, BigInt(c.req.param("id")!));
        return c.body(null, 202);
      },
    }),
  };
}

function bytes(c: Context, body: Uint8Array): Response {
  return c.body(Uint8Array.from(body), 200, { "Content-Type": "application/octet-stream" });
}

function json(c: Context, body: Uint8Array): Response {
  return c.body(Uint8Array.from(body), 200, { "Content-Type": "application/json; charset=utf-8" });
}
