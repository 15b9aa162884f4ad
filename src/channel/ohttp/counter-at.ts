/** The counter of a utility that runs elsewhere, as a gateway asks it. */
import { ANSWER_BYTES, type Carrier } from "../../exchange/index.js";
import { OPERATIONS } from "../../service/index.js";
import { channelErrors } from "../errors.js";
import { Poster } from "./post.js";

const TIMEOUT = 12_000;
/** Kept, and shared by all requests. */
const CONNECTIONS = 64;

export interface CounterAt {
  readonly carry: Carrier;
  close(): void;
}

/** @param url of the utility's service, with or without a slash at the end */
export function counterAt(url: string): CounterAt {
  const poster = new Poster({ timeout: TIMEOUT, connections: CONNECTIONS });
  const { path, success } = OPERATIONS.exchange;
  const target = url.replace(/\/$/, "") + path;
  return {
    async carry(request) {
      const type = "application/octet-stream";
      const answer = await poster.post({ url: target, type, body: request, most: ANSWER_BYTES });
      if (answer.status === success && answer.body.length === ANSWER_BYTES) return answer.body;
      throw channelErrors.error("no-answer", `the utility answers with status ${answer.status}`, {
        status: answer.status,
      });
    },
    close: () => poster.close(),
  };
}
