import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const explorerErrors = defineErrors("explorer", {
  "no-traces": {
    consequence: "The explorer cannot show what a transaction did inside, and does not start.",
    cure: "Use a node that answers debug_traceTransaction: Hardhat's node, anvil, or a node with its debug API on.",
    exit: ExitCode.Unavailable,
  },
  "node-unreachable": {
    consequence: "The explorer has no chain to show.",
    cure: "Start the node, and check the address given with --rpc.",
    exit: ExitCode.Unavailable,
  },
  "no-otterscan": {
    consequence: "The explorer did not start.",
    cure: "Name the folder of a built Otterscan, which contains index.html, or leave --otterscan out.",
    exit: ExitCode.Usage,
  },
});

/** An answer of JSON-RPC that is an error. */
export class RpcFailure extends Error {
  constructor(
    readonly rpcCode: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

export const invalidParams = (what: string) => new RpcFailure(-32602, `invalid params: ${what}`);
