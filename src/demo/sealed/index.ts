/** A month of sealed readings in one process: meters, control centre and trustees. */
export { chainHeads, memoryHeads, type HeadsOf } from "./heads.js";
export { BATCH, type Run, type SealedBill } from "./run-result.js";
export { runSealed } from "./run.js";
