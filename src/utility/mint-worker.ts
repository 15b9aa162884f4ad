/** A thread of `MintWorkers`: holds the secrets, signs requests of one message each. */
import { workerData } from "node:worker_threads";
import { createMclBn254 } from "../algebra/index.js";
import { decodeRequest, MintMultipliers, type MintSecretKeys } from "../ecash/index.js";
import { answerJobs } from "../threads/index.js";

const multipliers = new MintMultipliers(await createMclBn254(), workerData as MintSecretKeys);
answerJobs((request) => multipliers.sign(decodeRequest(request).messages[0]!));
