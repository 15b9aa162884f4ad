/** The arithmetic of lists and reports in other threads: for those whose homes are many. */
import type { HintedPoint } from "../algebra/index.js";
import { WorkerPool } from "../threads/index.js";
import {
  checkAnswer,
  checkRequest,
  fitsRequest,
  tweakAnswer,
  tweakRequest,
} from "./curve-messages.js";
import { localCurve, type CurveWork, type TweakedKey } from "./curve-work.js";
import { ledgerErrors } from "./errors.js";
import type { SchnorrItem } from "./schnorr.js";

/** Fewer are done in this thread: 64 signatures took 4.4 ms. */
const LEAST = 50;

export class CurveThreads implements CurveWork {
  private constructor(private readonly pool: WorkerPool) {}

  /** Starts the threads and waits until each can work. @throws ledger/worker-failed */
  static async start(threads: number): Promise<CurveThreads> {
    const failed = (message: string, cause?: unknown): Error =>
      ledgerErrors.errorFrom({ key: "worker-failed", message, cause });
    const module = new URL("./curve-worker.js", import.meta.url);
    return new CurveThreads(await WorkerPool.start({ module, threads, jobItems: 1, failed }));
  }

  /** @throws ledger/worker-failed */
  async tweakedKeys(of: readonly TweakedKey[]): Promise<HintedPoint[][]> {
    const tweaks = of[0]?.tweaks.length ?? 0;
    const isUniform = of.every((one) => one.tweaks.length === tweaks);
    if (of.length * tweaks < LEAST || !isUniform) return localCurve.tweakedKeys(of);
    const shares = this.#shares(of);
    const answers = await this.pool.answer(shares.map(({ items }) => tweakRequest(items)));
    return answers.flatMap((answer) => tweakAnswer(answer, tweaks));
  }

  /** @throws ledger/worker-failed */
  async wrongSignatures(items: readonly SchnorrItem[]): Promise<number[]> {
    const length = items[0]?.message.length;
    const isUniform = items.every((item) => item.message.length === length && fitsRequest(item));
    if (items.length < LEAST || !isUniform) return localCurve.wrongSignatures(items);
    const shares = this.#shares(items);
    const answers = await this.pool.answer(shares.map((share) => checkRequest(share.items)));
    return answers.flatMap((answer, i) => checkAnswer(answer).map((at) => shares[i]!.first + at));
  }

  async stop(): Promise<void> {
    await this.pool.close();
  }

  /** One share for each thread. */
  #shares<T>(all: readonly T[]): { readonly first: number; readonly items: readonly T[] }[] {
    const size = Math.ceil(all.length / this.pool.threads);
    return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => ({
      first: i * size,
      items: all.slice(i * size, (i + 1) * size),
    }));
  }
}
