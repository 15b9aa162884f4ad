/** A ledger everybody can recompute: onion reports, dynamic prices, bills. */
export {
  accountMessage,
  dueByRegister,
  isAccountRight,
  type PageName,
  type PeriodAccount,
  type SignedAccount,
} from "./account.js";
export { decodeAdmission, encodeAdmission, type Admission, type Refusal } from "./admission.js";
export { LedgerControlCentre, type ControlCentreOptions } from "./control-centre.js";
export { CurveThreads } from "./curve-threads.js";
export type { CurveWork } from "./curve-work.js";
export { EnrolmentList, Registrar, type Enrolment, type EnrolmentEntry } from "./enrolment.js";
export { ledgerErrors } from "./errors.js";
export { excerptOf, sampleRows, SAMPLED_ROWS, type PageExcerpt } from "./excerpt.js";
export {
  LedgerMeter,
  type MeterSecrets,
  type SentBundle,
  type SentReport,
  type SignedTerms,
} from "./meter.js";
export { type IntervalNumber, type Pseudonym } from "./one-time-key.js";
export { PageBook, type IntervalTerms, type PageStatements } from "./page-book.js";
export {
  leastReports,
  nextAverage,
  parcelSize,
  splitIntoParcels,
  toAverage,
  type Category,
  type Slot,
  type Split,
} from "./parcels.js";
export { Neighbourhood, type NeighbourhoodOptions } from "./neighbourhood.js";
export { LedgerAuditor, type AuditReport } from "./audit/auditor.js";
export { auditClaims } from "./audit/claims.js";
export type { Challenge, LedgerFault, OpenFault } from "./audit/fault.js";
export { IndexedPages } from "./audit/indexed-pages.js";
export type { LedgerRules, ReceiptKey } from "./audit/rules.js";
export {
  anchorBillingCall,
  anchorConsumptionCall,
  challengeCall,
  showRowCall,
  timetableArguments,
  voidUnshownCall,
  type ContractCall,
  type JudgedPages,
} from "./contract-calls.js";
export { pageArgument, type LedgerAccounts } from "./contract-arguments.js";
export {
  billingStatement,
  consumptionRows,
  consumptionStatement,
  type BillingPage,
  type ConsumptionPage,
  type IntervalPages,
} from "./pages.js";
export type { Claim } from "./receipts.js";
export type { BilledPage, RowProof } from "./row-proof.js";
export type { ConsumptionRow, ProvedRow } from "./rows.js";
export { SumTree, verifySumPath } from "./sum-tree.js";
export {
  PiecewiseLinearPrice,
  TimetablePrice,
  type PriceFunction,
  type PricePoint,
} from "./price.js";
export { auditBill, BillCounter, billOf, decodeBill, encodeBill } from "./direct/signed-bill.js";
export { ServiceProvider } from "./provider.js";
export { LedgerResident, type OwnBill } from "./resident.js";
export {
  billingStruct,
  consumptionStruct,
  ledgerId,
  StatementSigner,
  StatementVerifier,
  type BillingStatement,
  type BillStatement,
  type ConsumptionStatement,
  type LedgerDomain,
  type Signed,
} from "./statements.js";
export { encodeBundle, decodeBundle, type Report, type ReportBundle } from "./report.js";
