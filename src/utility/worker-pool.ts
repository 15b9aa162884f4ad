/**
 * Receipts made by worker threads, each with a WebAssembly instance of its own. The secret is handed
 * to the workers and to nothing else in this process.
 */
import { Worker } from "node:worker_threads";
import type { CheckedToken, HexAddress, Suite, Token, UtilitySecretKey } from "../sipster/index.js";
import { utilityErrors } from "./errors.js";
import type { ReceiptMaker } from "./receipt-maker.js";

/** What a worker is started with. */
export interface WorkerSetup {
  readonly key: UtilitySecretKey;
  readonly systemId: Uint8Array;
  /** Address of the classic suite's token key. */
  readonly tokenKey: HexAddress | null;
}

/** Tokens to a worker, one after the other, each as `Suite.encode` gives it. */
export interface Job {
  readonly id: number;
  readonly tokens: readonly Uint8Array[];
}

/** Receipts from a worker: 64 bytes for each token, or why there are none. */
export type JobResult =
  | { readonly id: number; readonly receipts: readonly Uint8Array[] }
  | { readonly id: number; readonly failure: string };

/** Tokens of one job: about 5 ms of work, so that workers finish together. */
const JOB_TOKENS = 16;

interface Running {
  readonly resolve: (receipts: readonly Uint8Array[]) => void;
  readonly reject: (error: Error) => void;
}

interface Member {
  readonly thread: Worker;
  jobs: number;
}

export class WorkerPool implements ReceiptMaker {
  readonly #members: Member[] = [];
  readonly #running = new Map<number, Running>();
  #nextId = 0;
  #failure: Error | null = null;

  private constructor(private readonly suite: Suite) {}

  /** Starts `count` workers and waits until each can work. @throws utility/worker-failed */
  static async start(
    suite: Suite,
    key: UtilitySecretKey,
    count: number,
    tokenKey: HexAddress | null = null,
  ): Promise<WorkerPool> {
    const pool = new WorkerPool(suite);
    const setup: WorkerSetup = { key, systemId: suite.systemId, tokenKey };
    for (let i = 0; i < count; i++) pool.#add(setup);
    try {
      await Promise.all(pool.#members.map((member) => pool.#run(member, [])));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  make(tokens: readonly CheckedToken[]): Promise<readonly Uint8Array[]> {
    return this.issue(tokens.map((t) => t.token));
  }

  /** Receipts for tokens that the workers check themselves. @throws utility/worker-failed */
  async issue(tokens: readonly Token[]): Promise<readonly Uint8Array[]> {
    const encoded = tokens.map((token) => this.suite.encode(token));
    const jobs: Promise<readonly Uint8Array[]>[] = [];
    for (let at = 0; at < encoded.length; at += JOB_TOKENS) {
      const idlest = this.#members.reduce((a, b) => (b.jobs < a.jobs ? b : a));
      jobs.push(this.#run(idlest, encoded.slice(at, at + JOB_TOKENS)));
    }
    return (await Promise.all(jobs)).flat();
  }

  async close(): Promise<void> {
    this.#failure ??= utilityErrors.error("worker-failed", "the workers were stopped");
    await Promise.all(this.#members.map((m) => m.thread.terminate()));
  }

  #add(setup: WorkerSetup): void {
    const thread = startWorker(setup);
    const member: Member = { thread, jobs: 0 };
    thread.on("message", (result: JobResult) => {
      const running = this.#running.get(result.id);
      if (running === undefined) return;
      this.#running.delete(result.id);
      member.jobs--;
      if ("receipts" in result) running.resolve(result.receipts);
      else running.reject(utilityErrors.error("worker-failed", result.failure));
    });
    thread.on("error", (error) => {
      this.#fail("a worker failed", error);
    });
    thread.on("exit", () => {
      this.#fail("a worker ended");
    });
    this.#members.push(member);
  }

  #run(member: Member, tokens: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      const id = this.#nextId++;
      this.#running.set(id, { resolve, reject });
      member.jobs++;
      const job: Job = { id, tokens };
      member.thread.postMessage(job);
    });
  }

  #fail(why: string, cause?: unknown): void {
    this.#failure ??= utilityErrors.error("worker-failed", why, {}, cause);
    for (const { reject } of this.#running.values()) reject(this.#failure);
    this.#running.clear();
  }
}

function startWorker(workerData: WorkerSetup): Worker {
  // Run from its source, the worker needs the loader that runs TypeScript.
  const fromSource = import.meta.url.endsWith(".ts");
  const file = new URL(fromSource ? "./receipt-worker.ts" : "./receipt-worker.js", import.meta.url);
  const execArgv = fromSource ? ["--import", import.meta.resolve("tsx")] : [];
  return new Worker(file, { workerData, execArgv });
}
