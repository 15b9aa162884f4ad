/** The utility: sells one receipt for each token, for one coin. */
export { sales, type Sales } from "./binding.js";
export { utilityErrors } from "./errors.js";
export { answerWith, sellerBehind, type Transport } from "./messages.js";
export { MintWorkers } from "./mint-workers.js";
export { inThread, type ReceiptMaker } from "./receipt-maker.js";
export { ReceiptWorkers } from "./receipt-workers.js";
export type { ReceiptOrder, ReceiptSeller, Sold } from "./receipt-seller.js";
export { ReceiptService, type ReceiptServiceSetup, type ServedEpoch } from "./receipt-service.js";
