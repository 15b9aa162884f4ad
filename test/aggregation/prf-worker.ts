/** A thread that evaluates the function on the keys and labels it is given, and answers with the results. */
import { parentPort, workerData } from "node:worker_threads";
import { parsePrfKey, prf } from "../../src/aggregation/index.js";

const { keys, context, labels } = workerData as {
  keys: Uint8Array[];
  context: Uint8Array;
  labels: bigint[];
};
parentPort!.postMessage(
  keys.flatMap((key) => labels.map((label) => prf(parsePrfKey(key), context, label))),
);
