/**
 * One HTTP POST with no field but those that carry the body: no agent, no language, no cookie, no
 * redirection followed, and no second try of its own. `fetch` adds fields and takes twice the time.
 */
import { Agent, request as requestHttp, type IncomingMessage } from "node:http";
import { Agent as TlsAgent, request as requestHttps } from "node:https";
import { channelErrors } from "../errors.js";

export interface PosterOptions {
  /** Milliseconds for an answer, from its first byte to its last. */
  readonly timeout: number;
  /**
   * Connections that are kept and shared by all requests; 0: each request has a connection of its
   * own, which ends with it.
   */
  readonly connections: number;
}

export interface Posted {
  readonly status: number;
  /** Media type of the answer, without parameters; empty if it has none. */
  readonly type: string;
  readonly body: Uint8Array;
}

export interface Post {
  readonly url: string;
  /** Media type of the body. */
  readonly type: string;
  readonly body: Uint8Array;
  /** Bytes of an answer that are read; a longer one is refused. */
  readonly most: number;
}

export class Poster {
  readonly #http: Agent;
  readonly #https: TlsAgent;

  constructor(private readonly options: PosterOptions) {
    const { connections } = options;
    const pool =
      connections > 0 ? { keepAlive: true, maxSockets: connections } : { keepAlive: false };
    this.#http = new Agent(pool);
    this.#https = new TlsAgent({ ...pool, maxCachedSessions: connections > 0 ? 100 : 0 });
  }

  /** @throws channel/no-answer */
  post({ url, type, body, most }: Post): Promise<Posted> {
    const isTls = url.startsWith("https:");
    const { host } = new URL(url);
    const fail = (why: string, cause?: unknown) =>
      channelErrors.errorFrom({
        key: "no-answer",
        message: `${host} ${why}`,
        details: { host },
        cause,
      });
    return new Promise((resolve, reject) => {
      const request = (isTls ? requestHttps : requestHttp)(url, {
        method: "POST",
        agent: isTls ? this.#https : this.#http,
        headers: { "Content-Type": type, "Content-Length": body.length },
      });
      // Of the whole exchange: a peer that sends a byte now and then does not hold it open.
      const timer = setTimeout(() => {
        request.destroy(new Error("timeout"));
      }, this.options.timeout);
      request.on("error", (error) => {
        clearTimeout(timer);
        reject(fail("does not answer", error));
      });
      request.on("response", (response) => {
        readBody(response, most).then(
          (answer) => {
            clearTimeout(timer);
            const [media = ""] = (response.headers["content-type"] ?? "").split(";");
            resolve({ status: response.statusCode ?? 0, type: media.trim(), body: answer });
          },
          (error: unknown) => {
            clearTimeout(timer);
            request.destroy();
            reject(fail("breaks its answer off, or makes it too long", error));
          },
        );
      });
      request.end(body);
    });
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

async function readBody(response: IncomingMessage, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > most) throw new Error(`more than ${most} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
