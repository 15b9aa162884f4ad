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

/** What answers an error, as a document in JSON. */
export interface ErrorAnswer {
  readonly status: ContentfulStatusCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly document: object;
}

/** The answer to what was thrown. What is in no catalogue is not told to strangers. */
export function errorAnswer(
  thrown: unknown,
  { statuses = {}, onDefect }: ErrorAnswers = {},
): ErrorAnswer {
  if (!(thrown instanceof SipsterError)) {
    onDefect?.(thrown);
    return answerOf(httpErrors.error("failed", "the server failed"), 500);
  }
  const { code, exitCode } = thrown;
  const otherwise = exitCode === ExitCode.Unavailable ? 503 : 422;
  return answerOf(thrown, statuses[code] ?? STATUSES[code] ?? otherwise);
}

/** Answers errors and unknown addresses of `app`. */
export function answerErrors(app: Hono, answers: ErrorAnswers = {}): void {
  const send = (c: Context, error: unknown): Response => {
    const { status, headers, document } = errorAnswer(error, answers);
    return c.json(document, status, headers);
  };
  app.onError((error, c) => send(c, error));
  app.notFound((c) => {
    const { method, path } = c.req;
    return send(c, httpErrors.error("not-found", `nothing answers ${method} ${path}`));
  });
}

function answerOf(error: SipsterError, status: ContentfulStatusCode): ErrorAnswer {
  const { seconds } = error.details;
  const waits = status === 429 && typeof seconds === "number";
  return {
    status,
    headers: {
      ...(waits && { "Retry-After": `${seconds}` }),
      // A body that was not read to its end must not be taken for the next request.
      ...(status === 413 && { Connection: "close" }),
    },
    document: errorToJson(error),
  };
}
