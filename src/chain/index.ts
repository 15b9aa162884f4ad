/** Contracts on a chain: deployments, settling, auditing, explaining errors. Works in a browser. */
export { audit, type AuditOptions } from "./audit/audit.js";
export type { RegisteredKey, RegisteredMeter } from "./audit/history.js";
export {
  AUDIT_FORMAT,
  countAudit,
  SETTLEMENT_CHECKS,
  SYSTEM_CHECKS,
  type AuditCounts,
  type AuditedPeriod,
  type AuditedSettlement,
  type AuditedSystem,
  type AuditResult,
  type CheckResult,
  type SettlementCheck,
  type SystemCheck,
} from "./audit/result.js";
export { contractErrors } from "./contract-errors/errors.js";
export { decodeError, decodeRevert } from "./decode-error.js";
export {
  checkChain,
  checkContracts,
  DEPLOYMENT_FORMAT,
  genesisHash,
  parseDeployment,
  ROLES,
  systemOf,
  writeDeployment,
  type ContractName,
  type DeployedContract,
  type Deployment,
  type Role,
} from "./deployment.js";
export { chainErrors } from "./errors.js";
export { allEvents, readEvents, type EventQuery, type ReadOptions } from "./event-log.js";
export {
  NO_LAST_PERIOD,
  registerKey,
  registerMeters,
  settlementContract,
  type Registration,
} from "./register.js";
export { checkSystem, settleBills, type SettleOptions } from "./settle.js";
export { MAX_BATCH } from "./settle-batch.js";
export { explainBill, type Verdict } from "./settle-one.js";
export type { SettlementOutcome } from "./settlement-outcome.js";
export { connectRpc, nodeFailure, RpcProvider } from "./rpc.js";
export {
  memoryJournal,
  type PendingTransaction,
  type TransactionJournal,
} from "./transaction-journal.js";
export {
  MAX_TRANSACTION_GAS,
  TransactionSender,
  type Call,
  type SenderOptions,
} from "./transaction-sender.js";
export {
  acknowledge,
  approveVault,
  deposit,
  mintTestCredit,
  registerMintKeys,
  VaultDeposits,
  type EncodedMintKey,
  type VaultDeposit,
} from "./vault.js";
