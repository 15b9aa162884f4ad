/** Blind signatures made by threads. */
import {
  encodeRequest,
  type BlindedMessage,
  type BlindSigner,
  type MintSecretKeys,
} from "../ecash/index.js";
import type { WorkerPool } from "../threads/index.js";
import { startWorkers } from "./workers.js";

export class MintWorkers implements BlindSigner {
  readonly mintKeyId: number;
  readonly denominations: ReadonlySet<number>;

  private constructor(
    secret: MintSecretKeys,
    private readonly pool: WorkerPool,
  ) {
    this.mintKeyId = secret.mintKeyId;
    this.denominations = new Set(secret.scalars.keys());
  }

  /** Starts `count` threads and waits until each can work. @throws utility/worker-failed */
  static async start(secret: MintSecretKeys, count: number): Promise<MintWorkers> {
    const module = new URL("./mint-worker.js", import.meta.url);
    return new MintWorkers(secret, await startWorkers(module, secret, count));
  }

  /** @throws utility/worker-failed */
  sign(messages: readonly BlindedMessage[]): Promise<readonly Uint8Array[]> {
    const { mintKeyId } = this;
    return this.pool.answer(messages.map((m) => encodeRequest({ mintKeyId, messages: [m] })));
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
