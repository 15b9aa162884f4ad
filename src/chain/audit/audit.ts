/**
 * The audit: replays every settlement from the chain and verifies each again, with a library that
 * shares no code with the one that made the bills. It needs a node and a deployment record, and
 * trusts neither the contract nor the utility. It does trust the node to show the chain as it is.
 */
import { nobleBn254, type Bn254 } from "../../algebra/index.js";
import type { Provider } from "ethers";
import type { FinalityRule, SettlementSystem } from "../../sipster/index.js";
import { BillSettlement__factory } from "../bindings/index.js";
import { checkChain, systemOf, type Deployment } from "../deploy/deployment.js";
import { chainErrors } from "../errors/errors.js";
import { FINALIZED, readHeads } from "../finality.js";
import { alertsOf, type AlertInputs } from "../governance/alerts.js";
import { readGovernance, type GovernanceHistory } from "../governance/history.js";
import { mapLimit } from "../map-limit.js";
import type { ReadOptions } from "../event-log.js";
import { checkCode } from "./check-code.js";
import { checkKeys } from "./check-keys.js";
import { compareNodes } from "./compare.js";
import { checkMeters, checkNullifiers } from "./check-registries.js";
import { gatherEvidence, type Evidence } from "./evidence.js";
import { readHistory, type Claim, type History } from "./history.js";
import { findCarrier, findFalsePairings, judge, type Case } from "./judge.js";
import { openCall } from "./open-call.js";
import type { AuditedPeriod, AuditedSystem, AuditResult } from "./result.js";

export interface AuditOptions {
  /** Audit the settlements of this period only; all when absent. */
  readonly period?: number;
  /** Last block to look at; the newest when absent. */
  readonly toBlock?: number;
  /** Blocks to ask for at once; see `readEvents`. */
  readonly range?: number;
  /** When a block is final; the node's finalized block when absent. */
  readonly finality?: FinalityRule;
  /** `nobleBn254` when absent. */
  readonly curve?: Bn254;
  /** A second node, to compare blocks and events with. */
  readonly compare?: Provider;
  /** Told what happens, a sentence each. */
  readonly onProgress?: (message: string) => void;
}

/** Transactions fetched at once. */
const AT_ONCE = 16;

/**
 * Audits a deployment. What is wrong is in the result; only what prevents the audit is thrown:
 * @throws chain/wrong-chain, chain-restarted, chain-reorganised, events-refused, unreachable
 */
export async function audit(
  provider: Provider,
  deployment: Deployment,
  options: AuditOptions = {},
): Promise<AuditResult> {
  const { curve = nobleBn254, finality = FINALIZED, onProgress = () => undefined } = options;
  await checkChain(provider, deployment);
  const toBlock = options.toBlock ?? (await provider.getBlockNumber());
  const blockHash = await hashOf(provider, toBlock);
  const { final } = await readHeads(provider, finality);
  const { address } = deployment.contracts.settlement;
  const system = systemOf(deployment);
  const contract = BillSettlement__factory.connect(address, provider);

  onProgress(`reading the events of blocks ${deployment.block} to ${toBlock}`);
  const history = await readHistory({
    provider,
    settlement: address,
    fromBlock: deployment.block,
    toBlock,
    ...(options.range === undefined ? {} : { range: options.range }),
    onProgress: (block) => onProgress(`read up to block ${block} of ${toBlock}`),
  });
  const claims = history.claims.filter((c) => c.period === (options.period ?? c.period));
  const periods = periodsOf(claims, options.period);

  onProgress("reading who governs");
  const governance = await governed({ provider, deployment, history, toBlock, ...options });
  onProgress("checking contracts, keys and meters");
  const code = await checkCode(provider, deployment, toBlock);
  const keys = await checkKeys({ provider, deployment, curve, blockTag: toBlock }, history.keys);
  const meters = await checkMeters(contract, history, toBlock);
  const nullifiers = await checkNullifiers({ contract, history, periods, blockTag: toBlock });

  const evidence = await gatherAll(provider, { address, system, curve, claims, onProgress });
  onProgress(`verifying ${claims.length} settlements with ${curve.name}`);
  const cases = casesOf({ claims, history, evidence, keys, nullifiers });
  const falsePairings = findFalsePairings(curve, cases);
  const settlements = cases.map((item) => judge(item, falsePairings));

  await assertUnchanged(provider, toBlock, blockHash);
  const checks = [...code, events(history), keys.audited, meters, nullifiers.audited];
  if (options.compare !== undefined) {
    onProgress("comparing with the second node");
    const nodes = { first: provider, second: options.compare };
    checks.push(await compareNodes({ ...nodes, deployment, toBlock, ...readOptions(options) }));
  }
  return {
    chainId: deployment.chainId,
    settlement: address,
    fromBlock: deployment.block,
    toBlock,
    blockHash,
    finalBlock: final === null ? null : Math.min(final, toBlock),
    ok: isAllRight({ system: checks, settlements, alerts: governance.alerts }),
    ...governance,
    system: checks,
    keys: history.keys,
    meters: history.meters,
    periods: periods.map((period) => auditPeriod(history, period)),
    settlements,
  };
}

function isAllRight({
  system,
  settlements,
  alerts,
}: Pick<AuditResult, "system" | "settlements" | "alerts">): boolean {
  return (
    system.every((c) => c.result === "ok") &&
    settlements.every((s) => s.verdict === "verified") &&
    alerts.every(({ level }) => level !== "alarm")
  );
}

/** Each claim with what is known of it. */
function casesOf({
  claims,
  history,
  evidence,
  keys,
  nullifiers,
}: {
  readonly claims: readonly Claim[];
  readonly history: History;
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly keys: Awaited<ReturnType<typeof checkKeys>>;
  readonly nullifiers: Awaited<ReturnType<typeof checkNullifiers>>;
}): Case[] {
  const indices = new Map(history.meters.map(({ meter, index }) => [meter, index]));
  return claims.map((claim) => {
    const found = evidence.get(claim.transaction)!;
    const index = indices.get(claim.meter);
    return {
      claim,
      evidence: found,
      carrier: findCarrier(claim, found.calls ?? []),
      key: keys.usable.get(claim.keyEpoch) ?? null,
      bitIsSet: index === undefined ? null : nullifiers.bitIsSet(index, claim.period),
    };
  });
}

/** What the transactions of all claims show. */
async function gatherAll(
  provider: Provider,
  {
    address,
    system,
    curve,
    claims,
    onProgress,
  }: {
    readonly address: string;
    readonly system: SettlementSystem;
    readonly curve: Bn254;
    readonly claims: readonly Claim[];
    readonly onProgress: (message: string) => void;
  },
): Promise<Map<string, Evidence>> {
  const byTransaction = new Map<string, Claim[]>();
  for (const claim of claims) {
    const { transaction } = claim;
    byTransaction.set(transaction, [...(byTransaction.get(transaction) ?? []), claim]);
  }
  onProgress(`fetching ${byTransaction.size} transactions of ${claims.length} settlements`);
  const evidence = new Map<string, Evidence>();
  await mapLimit([...byTransaction], AT_ONCE, async ([transaction, its]) => {
    const open = (call: Parameters<typeof openCall>[2]) => openCall(curve, system, call);
    evidence.set(
      transaction,
      await gatherEvidence({ provider, settlement: address, transaction, claims: its, open }),
    );
  });
  return evidence;
}

/** @throws chain/chain-reorganised if the block is another one by now */
async function assertUnchanged(
  provider: Provider,
  block: number,
  hash: string | null,
): Promise<void> {
  if ((await hashOf(provider, block)) === hash) return;
  throw chainErrors.error("chain-reorganised", `block ${block} was replaced while the audit ran`, {
    block,
  });
}

function readOptions({ range }: AuditOptions): ReadOptions {
  return range === undefined ? {} : { range };
}

/** Who governed up to a block, and what to look at first. */
async function governed({
  provider,
  deployment,
  history,
  toBlock,
  ...options
}: {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly history: History;
  readonly toBlock: number;
} & AuditOptions): Promise<Pick<AuditResult, "governance" | "alerts">> {
  const read = { toBlock, ...readOptions(options) };
  const governance = await readGovernance(provider, deployment, read);
  const block = await provider.getBlock(toBlock);
  const now = BigInt(block?.timestamp ?? 0);
  return { governance, alerts: alertsOf(alertInputs({ deployment, governance, history, now })) };
}

/** What alerts are made of, from the histories of settling and of governing. */
export function alertInputs({
  deployment,
  governance,
  history,
  now,
}: {
  readonly deployment: Deployment;
  readonly governance: GovernanceHistory;
  readonly history: Pick<History, "meters" | "claims">;
  readonly now: bigint;
}): AlertInputs {
  return {
    deployment,
    history: governance,
    meters: history.meters,
    periods: periodsOf(history.claims, undefined).map((period) => {
      const { settled, unsettled } = auditPeriod(history, period);
      return { period, settled, meters: settled + unsettled.length };
    }),
    now,
  };
}

async function hashOf(provider: Provider, block: number): Promise<string | null> {
  return (await provider.getBlock(block))?.hash ?? null;
}

function periodsOf(claims: readonly Claim[], asked: number | undefined): number[] {
  const periods = new Set(claims.map((c) => c.period));
  if (asked !== undefined) periods.add(asked);
  return [...periods].toSorted((a, b) => a - b);
}

function events({ unreadable }: History): AuditedSystem {
  const problems = unreadable.map((hash) => `an event of transaction ${hash} cannot be read`);
  return { check: "events", result: problems.length === 0 ? "ok" : "failed", problems };
}

/** Who has settled a period, and who has not. */
export function auditPeriod(
  { meters, claims }: Pick<History, "meters" | "claims">,
  period: number,
): AuditedPeriod {
  const settled = new Set(claims.filter((c) => c.period === period).map((c) => c.meter));
  return {
    period,
    settled: settled.size,
    unsettled: meters
      .filter((m) => period >= m.validFrom && period <= m.validUntil && !settled.has(m.meter))
      .map((m) => m.meter),
  };
}
