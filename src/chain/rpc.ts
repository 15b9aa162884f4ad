/** JSON-RPC over HTTP, with failures of the connection as errors of the catalogue. */
import {
  FetchRequest,
  JsonRpcProvider,
  Network,
  type JsonRpcPayload,
  type JsonRpcResult,
} from "ethers";
import { SipsterError } from "../errors/sipster-error.js";
import { decodeError } from "./errors/decode-error.js";
import { chainErrors } from "./errors/errors.js";

/** Milliseconds to wait for one answer. */
const ANSWER_TIMEOUT = 30_000;
/** Milliseconds to wait for the first answer: a wrong address should not keep anyone waiting. */
const HELLO_TIMEOUT = 10_000;

/** A node that fails to answer throws `chain/unreachable`, no matter what was asked. */
export class RpcProvider extends JsonRpcProvider {
  readonly url: string;

  constructor(url: string, chainId: bigint) {
    const request = new FetchRequest(url);
    request.timeout = ANSWER_TIMEOUT;
    super(request, chainId, {
      staticNetwork: Network.from(chainId),
      cacheTimeout: -1,
      // What is asked in one turn goes in one request; ten milliseconds more would delay every question.
      batchStallTime: 0,
      pollingInterval: 500,
    });
    this.url = url;
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    try {
      return await super._send(payload);
    } catch (error) {
      throw unreachable(this.url, error);
    }
  }
}

/**
 * Connects to a node and asks it for its chain.
 * @param url http:// or https://
 * @throws chain/bad-url, chain/unreachable
 */
export async function connectRpc(url: string): Promise<RpcProvider> {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) {
    throw chainErrors.error("bad-url", `"${withoutSecrets(url)}" is not an http or https address`);
  }
  const hello = new FetchRequest(url);
  hello.timeout = HELLO_TIMEOUT;
  hello.body = { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] };
  let chainId: bigint;
  try {
    const response = await hello.send();
    response.assertOk();
    chainId = BigInt((response.bodyJson as { result: string }).result);
  } catch (error) {
    throw unreachable(url, error);
  }
  return new RpcProvider(url, chainId);
}

/**
 * What a node or ethers threw, as an error of the catalogues; errors that are neither of a contract
 * nor of a node stay what they are.
 */
export function nodeFailure(error: unknown): unknown {
  if (error instanceof SipsterError) return error;
  const revert = decodeError(error);
  if (revert !== null) return revert;
  if (!(error instanceof Error) || !("code" in error) || !("shortMessage" in error)) return error;
  return chainErrors.errorFrom({
    key: "node-refused",
    message: `the node refused: ${wordsOfTheNode(error)}`,
    cause: error,
  });
}

/**
 * Without the request that ethers adds: it may be a transaction of many thousand characters, and has the
 * node's whole address.
 */
function wordsOfTheNode(error: Error): string {
  const root = rootCause(error) as Error & { shortMessage?: string; error?: { message?: unknown } };
  const { message } = root.error ?? {};
  return typeof message === "string" ? message : (root.shortMessage ?? root.message);
}

function unreachable(url: string, error: unknown): SipsterError {
  const reason = error instanceof Error ? wordsOfTheNode(error) : String(error);
  return chainErrors.errorFrom({
    key: "unreachable",
    message: `no usable answer from ${withoutSecrets(url)}: ${reason}`,
    details: { url: withoutSecrets(url) },
    cause: error,
  });
}

function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}

/** Node operators put access tokens into paths and queries: messages and logs name the host only. */
function withoutSecrets(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? url : `${parsed.protocol}//${parsed.host}`;
}
