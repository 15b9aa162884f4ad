/** JSON-RPC 2.0: requests one by one or in batches, each with an answer of its own. */
import { RpcFailure } from "./errors.js";

/** Requests in one batch, at most: what ethers sends at once. */
const MOST_IN_A_BATCH = 100;

export type Call = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** The answer to a document that was received: an object, or a list of objects. */
export async function answerRpc(document: unknown, call: Call): Promise<unknown> {
  if (!Array.isArray(document)) return answerOne(document, call);
  if (document.length === 0 || document.length > MOST_IN_A_BATCH) {
    const why = `a batch has 1 to ${MOST_IN_A_BATCH} requests`;
    return failure(null, new RpcFailure(-32600, why));
  }
  return Promise.all(document.map((request) => answerOne(request, call)));
}

async function answerOne(request: unknown, call: Call): Promise<object> {
  const { id = null, method, params = [] } = (request ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof method !== "string" || !Array.isArray(params)) {
    return failure(id, new RpcFailure(-32600, "a request has a method and a list of parameters"));
  }
  try {
    return { jsonrpc: "2.0", id, result: await call(method, params) };
  } catch (error) {
    if (error instanceof RpcFailure) return failure(id, error);
    return failure(id, new RpcFailure(-32603, "the explorer failed"));
  }
}

function failure(id: unknown, { rpcCode, message, data }: RpcFailure): object {
  const error = { code: rpcCode, message, ...(data === undefined ? {} : { data }) };
  return { jsonrpc: "2.0", id, error };
}
