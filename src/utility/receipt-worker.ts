/** A thread of `ReceiptWorkers`: holds the secret, makes a receipt of 64 bytes for each token. */
import { workerData } from "node:worker_threads";
import { createMclBn254 } from "../algebra/index.js";
import { classicSuite, hashBoundSuite, ReceiptIssuer, type SystemId } from "../sipster/index.js";
import { answerJobs } from "../threads/index.js";
import type { ReceiptWorkerSetup } from "./receipt-workers.js";

const { key, systemId, tokenKey } = workerData as ReceiptWorkerSetup;
const curve = await createMclBn254();
const suite =
  tokenKey === null
    ? hashBoundSuite(curve, systemId as SystemId)
    : classicSuite(curve, systemId as SystemId, tokenKey);
const issuer = new ReceiptIssuer(suite, key);
answerJobs((token) => curve.g1.encode(issuer.issue(suite.decode(token))));
