/** The resident's device: coins, payments, receipts, and the bill ready to be settled. */
export { BACKUP_BYTES, exportBooks, importBooks, type BackupKey } from "./backup.js";
export type { EvidenceRecord, Stage } from "./books.js";
export { startOfDay, windowOf, type Days, type Window } from "./calendar.js";
export { takeTokens, type MeterLink, type NoticedEpoch } from "./from-meter.js";
export { residentErrors } from "./errors.js";
export type { OrderBoard, PostedOrder } from "./order-board.js";
export type { StepReport } from "./paying.js";
export { readBoard, type BoardState } from "./posted-orders.js";
export {
  LARGEST_WITHDRAWAL,
  Purse,
  type OpenWithdrawal,
  type PastWithdrawal,
  type PurseSettings,
  type Withdraw,
} from "./purse.js";
export type { Verification } from "./receipts.js";
export { Resident, type PeriodStatus } from "./resident.js";
export {
  COMMON_DEADLINE,
  drawAfterLast,
  drawNextWindow,
  drawPayment,
  paymentWindow,
  drawRetry,
  drawSettling,
  NEXT_MONTH,
  scheduleOf,
  uniform,
  type Draw,
  type Drawing,
  type PaymentPolicy,
  type Timetable,
} from "./schedule.js";
export { MOST_LINKAGE, whatTimesShow } from "./what-times-show.js";
export type { MeteredBill } from "./settling.js";
export type { LaterTerms, PaymentTerms, PinnedKey, ResidentSettings } from "./settings.js";
