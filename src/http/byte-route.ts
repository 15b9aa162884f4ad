/**
 * One POST of bytes that are answered with bytes, on Node's own requests. The application around it, which
 * makes objects of the web's from every request and its answer, takes more CPU time than all else of a
 * short one (`npm run bench:channel`). Everything else of the service stays with the application.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Hono, type MiddlewareHandler } from "hono";
import { errorAnswer, type ErrorAnswers } from "./answers.js";
import { httpErrors } from "./errors.js";
import type { HttpMetrics } from "./metrics.js";

export interface ByteRoute {
  readonly path: string;
  /** Bytes of a request, at most. */
  readonly most: number;
  /** Media type of the answer. */
  readonly type: string;
  /** Refuses a request before its body is read. @throws as {@link answer} */
  admit(request: IncomingMessage): void;
  /** What it throws is answered as the application answers errors. */
  answer(body: Uint8Array): Promise<Uint8Array>;
}

export interface ByteRouteParts {
  readonly errors: ErrorAnswers;
  readonly metrics: HttpMetrics;
  /** Set headers of every answer, without a look at the request. */
  readonly headers: readonly MiddlewareHandler[];
}

/** Serves a request, or leaves it to the application. */
export type DirectRoute = (request: IncomingMessage, response: ServerResponse) => boolean;

type Headers = Readonly<Record<string, string>>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export async function byteRoute(
  route: ByteRoute,
  { errors, metrics, headers: middlewares }: ByteRouteParts,
): Promise<DirectRoute> {
  const fixed = await headersOf(middlewares);
  const answered = async (request: IncomingMessage): Promise<Answer | null> => {
    try {
      route.admit(request);
      const asked = await readBody(request, route.most);
      if (asked === null) return null;
      const body = await route.answer(asked);
      return { status: 200, headers: { "Content-Type": route.type }, body };
    } catch (error) {
      const { status, headers, document } = errorAnswer(error, errors);
      const type = { "Content-Type": "application/json" };
      return {
        status,
        headers: { ...headers, ...type },
        body: Buffer.from(JSON.stringify(document)),
      };
    }
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const start = performance.now();
    const answer = await answered(request);
    if (answer === null) return;
    const { status, headers, body } = answer;
    metrics.count({ method: "POST", route: route.path, status, since: start });
    // The other side may be gone: there is nobody to tell.
    if (response.destroyed) return;
    response.writeHead(status, { ...fixed, ...headers, "Content-Length": body.length });
    response.end(body);
  };
  return (request, response) => {
    if (request.method !== "POST" || request.url !== route.path) return false;
    void serve(request, response);
    return true;
  };
}

/** What the application's own middlewares set, asked once. */
async function headersOf(middlewares: readonly MiddlewareHandler[]): Promise<Headers> {
  const app = new Hono();
  for (const middleware of middlewares) app.use(middleware);
  app.post("/", (c) => c.body(null));
  return Object.fromEntries((await app.request("/", { method: "POST" })).headers);
}

/** `null` if the request breaks off. @throws http/too-large */
function readBody(request: IncomingMessage, most: number): Promise<Uint8Array | null> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    let length = 0;
    const refuse = (): void => {
      // The rest is read and thrown away, so that the refusal can be sent.
      request.removeAllListeners("data").resume();
      const what = `the request has more than ${most} bytes`;
      reject(httpErrors.error("too-large", what, { limit: most }));
    };
    const end = (): void => {
      resolve(null);
    };
    request.on("error", end).on("close", end);
    if (Number(request.headers["content-length"] ?? 0) > most) {
      refuse();
      return;
    }
    request.on("data", (part: Uint8Array) => {
      length += part.length;
      if (length > most) refuse();
      else parts.push(part);
    });
    request.on("end", () => {
      resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts));
    });
  });
}
