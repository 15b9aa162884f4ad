/** A typed client of the utility's service, from the same table as the server. */
import type { Carrier } from "../exchange/index.js";
import { heardErrorField, readJson } from "../json/index.js";
import { serviceErrors } from "./errors.js";
import { OPERATIONS, type Operation, type OperationName } from "./operations.js";

/** Milliseconds for one answer. */
const TIMEOUT = 20_000;

type Parameters<N extends OperationName> = Readonly<
  Record<keyof (typeof OPERATIONS)[N]["parameters"], string>
>;
type RequestOf<N extends OperationName> = (typeof OPERATIONS)[N]["request"]["kind"] extends "none"
  ? undefined
  : Uint8Array;

export class UtilityClient {
  readonly #base: string;

  /** @param url of the service, with or without a slash at the end */
  constructor(url: string) {
    this.#base = url.replace(/\/$/, "");
  }

  /**
   * Calls one operation. The answer's bytes are as long as the table says and otherwise unchecked:
   * what they mean is checked by the caller.
   * @throws service/unreachable, service/bad-answer, and the service's own errors
   */
  async call<N extends OperationName>(
    name: N,
    parameters: Parameters<N>,
    body: RequestOf<N>,
  ): Promise<Uint8Array> {
    const operation: Operation = OPERATIONS[name];
    const path = operation.path.replace(/\{(\w+)\}/g, (_, parameter: string) =>
      encodeURIComponent((parameters as Readonly<Record<string, string>>)[parameter]!),
    );
    const response = await this.#send(operation, path, body);
    const answer = await readAnswer(response, operation);
    if (response.status === operation.success) return answer;
    throw failure(response.status, answer);
  }

  /** The counter as the exchange sees it. Plain HTTP: the utility sees the sender's address. */
  readonly carrier: Carrier = (request) => this.call("exchange", {}, request);

  async #send(
    { method }: Operation,
    path: string,
    body: Uint8Array | undefined,
  ): Promise<Response> {
    try {
      return await fetch(this.#base + path, {
        method,
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT),
        ...(body === undefined
          ? {}
          : {
              body: Uint8Array.from(body),
              headers: { "Content-Type": "application/octet-stream" },
            }),
      });
    } catch (cause) {
      throw serviceErrors.errorFrom({
        key: "unreachable",
        message: `${this.#base} does not answer`,
        cause,
      });
    }
  }
}

/** Reads no more than the operation allows, though the server sends more. */
async function readAnswer(
  response: Response,
  { response: expected, success }: Operation,
): Promise<Uint8Array> {
  const most = response.status === success && expected.kind !== "none" ? expected.most : 65_536;
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of response.body ?? []) {
      length += part.length;
      if (length > most) break;
      parts.push(part);
    }
  } catch (cause) {
    throw serviceErrors.errorFrom({ key: "unreachable", message: "the answer broke off", cause });
  }
  const exactly = expected.kind === "bytes" ? expected.exactly : undefined;
  const isWrong = exactly !== undefined && response.status === success && length !== exactly;
  if (length > most || isWrong) {
    throw serviceErrors.error("bad-answer", `the answer has ${length} bytes or more`);
  }
  return Buffer.concat(parts);
}

/** The error that the utility tells. @throws service/bad-answer if it tells none */
function failure(status: number, answer: Uint8Array): Error {
  return readJson(heardErrorField, answer, (why) =>
    serviceErrors.error(
      "bad-answer",
      `the utility answers with status ${status}: its error ${why}`,
    ),
  );
}
