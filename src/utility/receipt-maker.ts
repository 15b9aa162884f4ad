/** Where the utility's secret is used: in this thread, or in others (`ReceiptWorkers`). */
import type { CheckedToken, ReceiptIssuer, Suite } from "../sipster/index.js";

export interface ReceiptMaker {
  /**
   * S = a·T for each token, 64 bytes, in order. The tokens have been checked and are paid.
   * @throws utility/worker-failed
   */
  make(tokens: readonly CheckedToken[]): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

/** Makes receipts in this thread. */
export function inThread(issuer: ReceiptIssuer, suite: Suite): ReceiptMaker {
  const { g1 } = suite.curve;
  return {
    make: async (tokens) => tokens.map((token) => g1.encode(issuer.issueChecked(token))),
    close: () => Promise.resolve(),
  };
}
