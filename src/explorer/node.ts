/** The node behind the explorer: plain JSON-RPC, one request a call. */
import { RpcFailure } from "./errors.js";

/** Milliseconds that the node has for an answer; tracing a large transaction takes seconds. */
const NODE_TIMEOUT = 30_000;

export interface Node {
  /** @throws RpcFailure with the node's own code and message, or -32603 if it does not answer */
  send(method: string, params: readonly unknown[]): Promise<unknown>;
}

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export function httpNode(url: string): Node {
  return {
    async send(method, params) {
      const { result, error } = await ask(url, method, params);
      if (error !== undefined) throw new RpcFailure(error.code, error.message, error.data);
      return result;
    },
  };
}

async function ask(url: string, method: string, params: readonly unknown[]): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(NODE_TIMEOUT),
    });
    return (await response.json()) as Answer;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RpcFailure(-32603, `the node does not answer ${method}: ${why}`);
  }
}
