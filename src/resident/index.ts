/** The resident's device: coins, payments, receipts, and the bill ready to be settled. */
export { residentErrors } from "./errors.js";
export { Purse, type Withdraw } from "./purse.js";
export { Resident, type PaymentResult, type ResidentSettings } from "./resident.js";
export { immediately, poisson, type Schedule } from "./schedule.js";
export type { Order, ReceiptSeller, Sale } from "./seller.js";
