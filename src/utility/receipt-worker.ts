/** The thread of a `WorkerPool`: holds the secret, answers jobs. */
import { parentPort, workerData } from "node:worker_threads";
import { createMclBn254 } from "../algebra/index.js";
import { classicSuite, hashBoundSuite, ReceiptIssuer, type SystemId } from "../sipster/index.js";
import type { Job, JobResult, WorkerSetup } from "./worker-pool.js";

const { key, systemId, tokenKey } = workerData as WorkerSetup;
const curve = await createMclBn254();
const suite =
  tokenKey === null
    ? hashBoundSuite(curve, systemId as SystemId)
    : classicSuite(curve, systemId as SystemId, tokenKey);
const issuer = new ReceiptIssuer(suite, key);

function work({ id, tokens }: Job): JobResult {
  try {
    const receipts = tokens.map((token) => curve.g1.encode(issuer.issue(suite.decode(token))));
    return { id, receipts };
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) };
  }
}

parentPort!.on("message", (job: Job) => {
  parentPort!.postMessage(work(job));
});
