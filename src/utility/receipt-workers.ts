/** Receipts made by threads. */
import type { CheckedToken, HexAddress, Suite, Token, UtilitySecretKey } from "../sipster/index.js";
import type { WorkerPool } from "../threads/index.js";
import type { ReceiptMaker } from "./receipt-maker.js";
import { startWorkers } from "./workers.js";

/** What a thread is started with. */
export interface ReceiptWorkerSetup {
  readonly key: UtilitySecretKey;
  readonly systemId: Uint8Array;
  /** Address of the classic suite's token key. */
  readonly tokenKey: HexAddress | null;
}

export class ReceiptWorkers implements ReceiptMaker {
  private constructor(
    private readonly suite: Suite,
    private readonly pool: WorkerPool,
  ) {}

  /** Starts `count` threads and waits until each can work. @throws utility/worker-failed */
  static async start({
    suite,
    key,
    count,
    tokenKey = null,
  }: {
    readonly suite: Suite;
    readonly key: UtilitySecretKey;
    readonly count: number;
    readonly tokenKey?: HexAddress | null;
  }): Promise<ReceiptWorkers> {
    const setup: ReceiptWorkerSetup = { key, systemId: suite.systemId, tokenKey };
    const module = new URL("./receipt-worker.js", import.meta.url);
    return new ReceiptWorkers(suite, await startWorkers(module, setup, count));
  }

  make(tokens: readonly CheckedToken[]): Promise<readonly Uint8Array[]> {
    return this.issue(tokens.map((t) => t.token));
  }

  /** Receipts for tokens that the threads check themselves. @throws utility/worker-failed */
  issue(tokens: readonly Token[]): Promise<readonly Uint8Array[]> {
    return this.pool.answer(tokens.map((token) => this.suite.encode(token)));
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
