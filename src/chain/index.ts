/** Contracts on a chain: deployments, settling, auditing, explaining errors. Works in a browser. */
export { audit, type AuditOptions } from "./audit/audit.js";
export { checkProof, parseProof, proofOf, type CheckedProof } from "./audit/proof.js";
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
export { contractErrors } from "./errors/contracts/errors.js";
export { decodeError, decodeRevert } from "./errors/decode-error.js";
export {
  checkChain,
  checkContracts,
  DEPLOYMENT_FORMAT,
  genesisHash,
  parseDeployment,
  ROLES,
  checkDeployment,
  deploymentDocument,
  settlementContract,
  systemOf,
  writeDeployment,
  type ContractName,
  type DeployedContract,
  type Deployment,
  type Role,
} from "./deploy/deployment.js";
export { chainErrors } from "./errors/errors.js";
export { allEvents, readEvents, type EventQuery, type ReadOptions } from "./event-log.js";
export {
  finalityOf,
  FINALIZED,
  readHeads,
  type BlockMark,
  type ChainHeads,
  type Finality,
} from "./finality.js";
export { finalBlock, latestBlock, type BlockTime } from "./final-block.js";
export { TrusteeHeadAnchors, type HeadsPlace } from "./trustee-heads.js";
export { mapLimit } from "./map-limit.js";
export {
  answerOrder,
  BoardReader,
  postOrder,
  type BoardAnswer,
  type BoardNews,
  type BoardPlace,
  type BoardPost,
} from "./order-board.js";
export { DeploymentClock } from "./deployment-clock.js";
export { checkClock, deploymentTime, MAX_CLOCK_LEAD, type ClockTerms } from "./clock.js";
export {
  readGovernance,
  readGovernanceEvents,
  replayGovernance,
  type GovernanceAct,
  type GovernanceEvent,
  type GovernanceHistory,
  type RoleHolder,
} from "./governance/history.js";
export { alertsOf, type Alert, type AlertInputs, type AlertKind } from "./governance/alerts.js";
export { describeAct } from "./governance/sentences.js";
export {
  announceNetwork,
  announceTerms,
  networkAt,
  readAnnouncements,
  termsOfPeriod,
  type AnnouncedNetwork,
  type AnnouncedTerms,
  type Announcements,
} from "./governance/parameters.js";
export { pinTerms, type PinnedTerms, type RulingTerms } from "./governance/pinned-terms.js";
export {
  grantRole,
  pause,
  revokeRole,
  unpause,
  type GovernedContract,
  type RoleChange,
} from "./governance/roles.js";
export { readKeyEpochs, registerKey, type NoticedKey } from "./governance/key-epochs.js";
export {
  NO_LAST_PERIOD,
  registerMeters,
  retireMeters,
  type Registration,
} from "./governance/meters.js";
export { checkSystem, settleBills, type SettleOptions } from "./settle/settle.js";
export {
  findSettlement,
  standingSettlement,
  type SettledBy,
  type StandingSettlement,
} from "./settle/find-settlement.js";
export { MAX_BATCH } from "./settle/settle-batch.js";
export { explainBill, type Verdict } from "./settle/settle-one.js";
export type { SettlementOutcome } from "./settle/settlement-outcome.js";
export { connectRpc, nodeFailure, RpcProvider } from "./rpc.js";
export {
  memoryJournal,
  type PendingTransaction,
  type TransactionJournal,
} from "./transactions/transaction-journal.js";
export {
  MAX_TRANSACTION_GAS,
  TransactionSender,
  type Call,
  type SenderOptions,
} from "./transactions/transaction-sender.js";
export { DepositTree, MAX_DEPOSIT_COUNT, type DepositMessage } from "./vault/deposit-tree.js";
export {
  COLLECTED_TOGETHER,
  VaultCalls,
  type Cost,
  type EncodedMintKey,
  type MintKeySet,
} from "./vault/vault-calls.js";
export {
  VaultReader,
  type DepositFilter,
  type DepositStatus,
  type VaultDeposit,
} from "./vault/vault-reader.js";
