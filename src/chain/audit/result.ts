/** What an audit finds: `sipster/audit@1`. */
import type { HexAddress } from "../../sipster/index.js";
import type { Alert } from "../governance/alerts.js";
import type { GovernanceHistory } from "../governance/history.js";
import type { RegisteredKey, RegisteredMeter } from "./history.js";
import type { Route, SettlementCall } from "./settlement-call.js";

export const AUDIT_FORMAT = "sipster/audit@1";

/** What is checked of each settlement. */
export const SETTLEMENT_CHECKS = {
  recorded: "the receipt of a successful transaction holds the event, from the settlement contract",
  carried: "the transaction carries a bill of this period and key epoch",
  signature: "that bill is signed by this meter, with s in the lower half",
  registration: "the meter was registered before, and valid for the period",
  key: "the utility's key of that epoch was registered before, is that of the period, and is consistent",
  points: "R and the combined receipt are points of the curve, and not the identity",
  receipt: "the combined receipt pays the bill: e(σ, P2) = e(R, A2), in a batch with its weights",
  nullifier: "the contract's bit of this meter and period is set",
  once: "no earlier event settled this meter's period",
} as const;
export type SettlementCheck = keyof typeof SETTLEMENT_CHECKS;

/** What is checked of the system as a whole. */
export const SYSTEM_CHECKS = {
  "settlement-code":
    "the settlement contract was created from this version of its source, and its code is unchanged",
  "vault-code":
    "the vault was created from this version of its source, for this settlement contract and token",
  "order-board-code":
    "the order board was created from this version of its source, and its code is unchanged",
  events: "every event of the settlement contract can be read",
  keys: "keys are numbered without gaps, consistent, unchanged, of one epoch each, none of the mint's, announced with the lead, under notices of the notice signer",
  meters: "the registered meters are those of the events",
  "second-node": "a second node shows the same blocks and the same events",
  nullifiers: "the contract's bits are those of the events, for every period with a settlement",
} as const;
export type SystemCheck = keyof typeof SYSTEM_CHECKS;

/** `unknown`: the node does not give what is needed to tell. */
export type CheckResult = "ok" | "failed" | "unknown";

export interface AuditedSettlement {
  readonly meter: HexAddress;
  readonly period: number;
  readonly keyEpoch: number;
  readonly transaction: string;
  readonly block: number;
  readonly method: SettlementCall["method"] | null;
  readonly route: Route | null;
  /** `failed` if any check failed, else `unverifiable` if any is unknown. */
  readonly verdict: "verified" | "failed" | "unverifiable";
  readonly checks: Readonly<Record<SettlementCheck, CheckResult>>;
  /** What is wrong or unknown, a sentence each. */
  readonly problems: readonly string[];
}

export interface AuditedSystem {
  readonly check: SystemCheck;
  readonly result: CheckResult;
  readonly problems: readonly string[];
}

export function toAudited(check: SystemCheck, problems: readonly string[]): AuditedSystem {
  return { check, result: problems.length === 0 ? "ok" : "failed", problems };
}

export interface AuditedPeriod {
  readonly period: number;
  readonly settled: number;
  /** Registered meters that are valid for the period and have not settled it. */
  readonly unsettled: readonly HexAddress[];
}

export interface AuditResult {
  readonly chainId: bigint;
  readonly settlement: string;
  readonly fromBlock: number;
  /** The last block looked at: the audit is of the chain as it was then. */
  readonly toBlock: number;
  readonly blockHash: string | null;
  /** Last final block at or before it; `null` where the node does not say. */
  readonly finalBlock: number | null;
  /**
   * Every check of the system and of every settlement holds, and nothing alarms about who governs it.
   * Unsettled bills are not a fault.
   */
  readonly ok: boolean;
  /** What to look at first, the alarms before the rest. */
  readonly alerts: readonly Alert[];
  /** Who governed the deployment, and how, from the chain. */
  readonly governance: GovernanceHistory;
  readonly system: readonly AuditedSystem[];
  readonly keys: readonly RegisteredKey[];
  readonly meters: readonly RegisteredMeter[];
  readonly periods: readonly AuditedPeriod[];
  readonly settlements: readonly AuditedSettlement[];
}

export interface AuditCounts {
  readonly settled: number;
  readonly verified: number;
  readonly failed: number;
  readonly unverifiable: number;
  readonly unsettled: number;
}

export function countAudit({ settlements, periods }: AuditResult): AuditCounts {
  const count = (verdict: AuditedSettlement["verdict"]) =>
    settlements.filter((s) => s.verdict === verdict).length;
  return {
    settled: settlements.length,
    verified: count("verified"),
    failed: count("failed"),
    unverifiable: count("unverifiable"),
    unsettled: periods.reduce((sum, p) => sum + p.unsettled.length, 0),
  };
}
