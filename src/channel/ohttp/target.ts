/** The one operation that goes through the channel: a request to the counter, as binary HTTP. */
import { ANSWER_BYTES, REQUEST_BYTES } from "../../exchange/index.js";
import { OPERATIONS } from "../../service/index.js";
import { channelErrors } from "../errors.js";
import {
  decodeBinaryRequest,
  decodeBinaryResponse,
  encodeBinaryRequest,
  encodeBinaryResponse,
  type BinaryRequest,
} from "./bhttp/message.js";
import { PLAIN_REQUEST_BYTES } from "./sizes.js";

const CONTENT_TYPE = ["content-type", "application/octet-stream"] as const;
const NONE = new Uint8Array();

const EMPTY_TARGET = {
  method: OPERATIONS.exchange.method,
  scheme: "https",
  /** The gateway serves one target, and nobody can name another. */
  authority: "",
  path: OPERATIONS.exchange.path,
  fields: [CONTENT_TYPE],
  trailers: [],
};

/** @param request of `REQUEST_BYTES` */
export function encodeTargetRequest(request: Uint8Array): Uint8Array {
  return encodeBinaryRequest({ ...EMPTY_TARGET, content: request }, PLAIN_REQUEST_BYTES);
}

/**
 * The counter's request inside. A field more than an honest wallet sends would be passed on for
 * nobody, and could mark it, so it is refused.
 * @throws channel/bad-message, other-target
 */
export function decodeTargetRequest(message: Uint8Array): Uint8Array {
  const request = decodeBinaryRequest(message);
  const { content } = request;
  if (!isTarget(request)) {
    throw channelErrors.error(
      "other-target",
      `the gateway does not pass on ${request.method} ${request.path} with these fields`,
    );
  }
  if (content.length !== REQUEST_BYTES) {
    throw channelErrors.error("other-target", `its content has ${content.length} bytes`);
  }
  return content;
}

function isTarget({ method, scheme, authority, path, fields, trailers }: BinaryRequest): boolean {
  const { method: wanted, path: target } = EMPTY_TARGET;
  const [field, ...more] = fields;
  const isField = field?.[0] === CONTENT_TYPE[0] && field[1] === CONTENT_TYPE[1];
  const isPlain = isField && more.length === 0 && trailers.length === 0;
  return method === wanted && scheme === "https" && authority === "" && path === target && isPlain;
}

/**
 * The counter's answer, or a refusal with a status alone.
 * @param size of the message, padding included
 */
export function encodeTargetResponse(
  { status, content = NONE }: { readonly status: number; readonly content?: Uint8Array },
  size: number,
): Uint8Array {
  const fields = content.length > 0 ? [CONTENT_TYPE] : [];
  return encodeBinaryResponse({ informational: [], status, fields, content, trailers: [] }, size);
}

/** The counter's answer, `ANSWER_BYTES`. @throws channel/bad-message, no-answer */
export function decodeTargetResponse(message: Uint8Array): Uint8Array {
  const { status, content } = decodeBinaryResponse(message);
  if (status !== OPERATIONS.exchange.success) {
    throw channelErrors.error("no-answer", `the gateway has no answer: status ${status}`, {
      status,
    });
  }
  if (content.length !== ANSWER_BYTES) {
    throw channelErrors.error("no-answer", `the counter's answer has ${content.length} bytes`);
  }
  return content;
}
