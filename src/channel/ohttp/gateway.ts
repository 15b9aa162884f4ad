/**
 * The gateway of Oblivious HTTP: it opens requests that relays bring, asks the counter, and
 * encapsulates the answer. It sees what is asked and not who asks. It can be a part of the utility's
 * process, or a process of its own in front of it.
 */
import { Hono } from "hono";
import {
  addHealth,
  answerErrors,
  apiHeaders,
  byteRoute,
  HttpMetrics,
  serveHttp,
  type ByteRoute,
  type Health,
  type Served,
  type ServeOptions,
} from "../../http/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import type { Carrier } from "../../exchange/index.js";
import { channelErrors } from "../errors.js";
import { decapsulateRequest, RESPONSE_TYPE, type GatewayKey } from "./encapsulation.js";
import { checkType } from "./media-type.js";
import { SeenRequests } from "./seen-requests.js";
import { ENCAPSULATED_REQUEST_BYTES, plainResponseBytes } from "./sizes.js";
import { decodeTargetRequest, encodeTargetResponse } from "./target.js";

export interface GatewayParts {
  /** Newest and older, while requests to those may still come. */
  readonly keys: readonly GatewayKey[];
  /** The counter, in this process or elsewhere. */
  readonly exchange: Carrier;
  /** Told of failures that are in no catalogue. */
  readonly onDefect: (error: unknown) => void;
}

/** Errors of what is inside: told to the client alone, in an encapsulated response (RFC 9458, §5.2). */
const INNER_STATUSES: Readonly<Record<string, number>> = {
  "channel/bad-message": 400,
  "channel/other-target": 404,
  "exchange/bad-request": 400,
};

export class Gateway {
  readonly #seen = new SeenRequests();

  constructor(private readonly parts: GatewayParts) {}

  /**
   * The encapsulated response to an encapsulated request.
   * @throws channel/not-opened, replayed: answered without encapsulation, since there is none
   */
  async answer(encapsulated: Uint8Array): Promise<Uint8Array> {
    const { request, aead, enc, respond } = decapsulateRequest(this.parts.keys, encapsulated);
    if (!this.#seen.add(enc)) {
      throw channelErrors.error("replayed", "the request was opened before");
    }
    const response = await this.#ask(request);
    return respond(encodeTargetResponse(response, plainResponseBytes(aead)));
  }

  async #ask(message: Uint8Array): Promise<{ status: number; content?: Uint8Array }> {
    try {
      return { status: 200, content: await this.parts.exchange(decodeTargetRequest(message)) };
    } catch (error) {
      if (!isSipsterError(error)) this.parts.onDefect(error);
      return { status: (isSipsterError(error) && INNER_STATUSES[error.code]) || 503 };
    }
  }
}

const OUTER_STATUSES = {
  "channel/bad-message": 400,
  "channel/not-opened": 400,
  "channel/replayed": 409,
} as const;

/** Serves until closed. @throws http/port-unusable */
export async function serveGateway(
  parts: GatewayParts & { readonly health: Health },
  options: Omit<ServeOptions, "sendDate"> = {},
): Promise<Served> {
  const gateway = new Gateway(parts);
  const app = new Hono();
  const metrics = new HttpMetrics();
  const errors = { statuses: OUTER_STATUSES, onDefect: parts.onDefect };
  answerErrors(app, errors);
  metrics.watch(app);
  addHealth(app, parts.health);
  metrics.serve(app);
  const headers = [apiHeaders()];
  app.use(...headers);
  const route: ByteRoute = {
    path: "/",
    most: ENCAPSULATED_REQUEST_BYTES,
    type: RESPONSE_TYPE,
    admit: checkType,
    answer: (request) => gateway.answer(request),
  };
  const direct = await byteRoute(route, { errors, metrics, headers });
  return serveHttp(app, "the gateway", { ...options, direct, sendDate: false });
}
