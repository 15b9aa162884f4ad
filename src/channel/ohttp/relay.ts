/**
 * The relay of Oblivious HTTP: it sees who asks, and passes on bytes that it cannot read, in requests
 * of its own that carry nothing of the sender's. It keeps nothing: no log, no cookie, and addresses
 * only in the buckets of its rate limit, in memory.
 */
import { Hono } from "hono";
import {
  addHealth,
  answerErrors,
  anyOrigin,
  apiHeaders,
  byteRoute,
  HttpMetrics,
  requestGate,
  serveHttp,
  TrustedProxies,
  type ByteRoute,
  type Served,
  type ServeOptions,
} from "../../http/index.js";
import { channelErrors } from "../errors.js";
import { systemClock } from "../../time/system-clock.js";
import { REQUEST_TYPE, RESPONSE_TYPE } from "./encapsulation.js";
import { checkType } from "./media-type.js";
import { Poster } from "./post.js";
import { ENCAPSULATED_REQUEST_BYTES, ENCAPSULATED_RESPONSE_BYTES } from "./sizes.js";

export interface RelayOptions extends Omit<ServeOptions, "sendDate"> {
  /**
   * Where the gateway is whose key has this number, the first byte of an encapsulated request;
   * undefined if there is none.
   */
  readonly gatewayOf: (keyId: number) => string | undefined;
  /** Requests a minute of one address; 600 when absent. */
  readonly rate?: number;
  /** Addresses or ranges of the reverse proxies whose X-Forwarded-For is believed; none when absent. */
  readonly proxies?: readonly string[];
  /** Milliseconds for a gateway's answer; 15,000 when absent. */
  readonly timeout?: number;
  /** Told of failures that are in no catalogue. */
  readonly onDefect?: (error: unknown) => void;
}

/** Connections to a gateway, which all senders share. */
const CONNECTIONS = 256;

export const RELAY_STATUSES = {
  "channel/bad-message": 400,
  "channel/no-answer": 502,
} as const;

/** Serves until closed. @throws http/port-unusable, http/bad-proxy */
export async function serveOhttpRelay({
  gatewayOf,
  rate = 600,
  proxies = [],
  timeout = 15_000,
  onDefect = () => undefined,
  ...options
}: RelayOptions): Promise<Served> {
  const poster = new Poster({ timeout, connections: CONNECTIONS });
  const app = new Hono();
  const metrics = new HttpMetrics();
  const errors = { statuses: RELAY_STATUSES, onDefect };
  answerErrors(app, errors);
  metrics.watch(app);
  addHealth(app, { ready: () => Promise.resolve(null) });
  metrics.serve(app);
  // Pages of other origins ask first whether they may.
  const headers = [anyOrigin(), apiHeaders()];
  app.use(...headers);
  const gate = requestGate(rate, new TrustedProxies(proxies), systemClock);
  const route: ByteRoute = {
    path: "/",
    most: ENCAPSULATED_REQUEST_BYTES,
    type: RESPONSE_TYPE,
    admit(request) {
      gate(request);
      checkType(request);
    },
    answer(request) {
      checkLength(request);
      return forward(poster, gatewayOf(request[0]!), request);
    },
  };
  const direct = await byteRoute(route, { errors, metrics, headers });
  const served = await serveHttp(app, "the relay", { ...options, direct, sendDate: false });
  return {
    url: served.url,
    async close() {
      await served.close();
      poster.close();
    },
  };
}

function checkLength({ length: bytes }: Uint8Array): void {
  if (bytes === ENCAPSULATED_REQUEST_BYTES) return;
  const what = `an encapsulated request has ${ENCAPSULATED_REQUEST_BYTES} bytes`;
  throw channelErrors.error("bad-message", what, { bytes });
}

/** Everything that goes wrong behind the relay is one error, so that nobody learns from it what was asked. */
async function forward(
  poster: Poster,
  url: string | undefined,
  body: Uint8Array,
): Promise<Uint8Array> {
  if (url === undefined) {
    throw channelErrors.error("no-answer", "no gateway has a key of this number");
  }
  const most = ENCAPSULATED_RESPONSE_BYTES;
  const answer = await poster.post({ url, type: REQUEST_TYPE, body, most });
  const isWhole = answer.type === RESPONSE_TYPE && answer.body.length === most;
  if (answer.status === 200 && isWhole) return answer.body;
  throw channelErrors.error("no-answer", "the gateway did not open the request");
}
