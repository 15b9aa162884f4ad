/** The threads of the counter, each with a WebAssembly instance of its own. */
import { WorkerPool } from "../threads/index.js";
import { utilityErrors } from "./errors.js";

/** About 5 ms of work, so that the threads finish together. */
const JOB_ITEMS = 16;

/** What the threads are set up with, a secret, is handed to them and to nothing else. @throws utility/worker-failed */
export function startWorkers(module: URL, setup: unknown, threads: number): Promise<WorkerPool> {
  const failed = (message: string, cause?: unknown): Error =>
    utilityErrors.errorFrom({ key: "worker-failed", message, cause });
  return WorkerPool.start({ module, setup, threads, jobItems: JOB_ITEMS, failed });
}
