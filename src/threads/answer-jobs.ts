/** The part of a `WorkerPool` that runs in its threads. */
import { parentPort } from "node:worker_threads";
import type { Job, JobResult } from "./worker-pool.js";

/** Answers the pool's jobs, item by item. What `answer` throws fails the job it was for and no other. */
export function answerJobs(answer: (item: Uint8Array) => Uint8Array): void {
  const work = ({ id, items }: Job): JobResult => {
    try {
      return { id, answers: items.map(answer) };
    } catch (error) {
      return { id, failure: error instanceof Error ? error.message : String(error) };
    }
  };
  parentPort!.on("message", (job: Job) => {
    parentPort!.postMessage(work(job));
  });
}
