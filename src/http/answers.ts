/** How errors become HTTP answers: `sipster/error@1` as JSON, a status for each code. */
import type { Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { errorToJson } from "../errors/error-json.js";
import { ExitCode, SipsterError } from "../errors/sipster-error.js";
import { httpErrors } from "./errors.js";

/** Statuses of codes; a code that is absent gets 422, or 503 where a server or chain is not reachable. */
export type Statuses = Readonly<Record<string, ContentfulStatusCode>>;

const STATUSES: Statuses = {
  "http/too-large": 413,
  "http/too-many-requests": 429,
  "http/not-found": 404,
  "http/bad-json": 400,
  "http/failed": 500,
};

export interface ErrorAnswers {
  readonly statuses?: Statuses;
  /** Told of every failure that is in no catalogue: a defect of the server. */
  readonly onDefect?: (error: unknown) => void;
}

/** Answers errors and unknown addresses of `app`. What is in no catalogue is not told to strangers. */
export function answerErrors(app: Hono, { statuses = {}, onDefect }: ErrorAnswers = {}): void {
  const status = ({ code, exitCode }: SipsterError): ContentfulStatusCode =>
    statuses[code] ?? STATUSES[code] ?? (exitCode === ExitCode.Unavailable ? 503 : 422);
  app.onError((error, c) => {
    if (error instanceof SipsterError) return send(c, error, status(error));
    onDefect?.(error);
    return send(c, httpErrors.error("failed", "the server failed"), 500);
  });
  app.notFound((c) => {
    const { method, path } = c.req;
    return send(c, httpErrors.error("not-found", `nothing answers ${method} ${path}`), 404);
  });
}

function send(c: Context, error: SipsterError, status: ContentfulStatusCode): Response {
  const { seconds } = error.details;
  if (status === 429 && typeof seconds === "number") c.header("Retry-After", `${seconds}`);
  // A body that was not read to its end must not be taken for the next request.
  if (status === 413) c.header("Connection", "close");
  return c.json(errorToJson(error), status);
}
