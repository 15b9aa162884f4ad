/** Bills: accounts, estimates for gaps, itemised bills as JSON, CSV and PDF. */
export { Account, type CloseOptions } from "./account.js";
export type { AccountState, BillRecord, ClosedPeriod } from "./account-state.js";
export { parseAccount } from "./account-json.js";
export { estimateGaps, LONGEST_ESTIMATE_MS, type Filled } from "./estimate.js";
export { billCsv } from "./bill-csv.js";
export { billPdf } from "./bill-pdf.js";
export type { BillLine, TaxLine } from "./itemise.js";
export { detailRows, parseBillDetails, type BillDetails } from "./bill-details.js";
export { estimatedSpans, fedInGaps, type EstimatedDay } from "./estimated-days.js";
export { kilowattHours } from "./kilowatt-hours.js";
export { type Correction, type ItemisedBill, type ReadingCount } from "./itemised-bill.js";
