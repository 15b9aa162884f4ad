/** Work in other threads. */
export { answerJobs } from "./answer-jobs.js";
export { WorkerPool, type PoolOptions } from "./worker-pool.js";
