/**
 * The audit: replays every settlement from the chain and verifies each again, with a library that
 * shares no code with the one that made the bills. It needs a node and a deployment record, and
 * trusts neither the contract nor the utility. It does trust the node to show the chain as it is.
 */
import { nobleBn254, type Bn254 } from "../../algebra/index.js";
import type { Provider } from "ethers";
import { BillSettlement__factory } from "../bindings/index.js";
import { checkChain, systemOf, type Deployment } from "../deploy/deployment.js";
import { chainErrors } from "../errors/errors.js";
import { mapLimit } from "../map-limit.js";
import { checkCode } from "./check-code.js";
import { checkKeys } from "./check-keys.js";
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
  /** `nobleBn254` when absent. */
  readonly curve?: Bn254;
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
  const { curve = nobleBn254, onProgress = () => undefined } = options;
  await checkChain(provider, deployment);
  const toBlock = options.toBlock ?? (await provider.getBlockNumber());
  const blockHash = await hashOf(provider, toBlock);
  const { address } = deployment.contracts.settlement;
  const system = systemOf(deployment);
  const contract = BillSettlement__factory.connect(address, provider);

  onProgress(`reading the events of blocks ${deployment.block} to ${toBlock}`);
  const history = await readHistory(provider, address, deployment.block, toBlock, {
    ...(options.range === undefined ? {} : { range: options.range }),
    onProgress: (block) => onProgress(`read up to block ${block} of ${toBlock}`),
  });
  const claims = history.claims.filter((c) => c.period === (options.period ?? c.period));
  const periods = periodsOf(claims, options.period);

  onProgress("checking contracts, keys and meters");
  const code = await checkCode(provider, deployment, toBlock);
  const keys = await checkKeys({ provider, deployment, curve, blockTag: toBlock }, history.keys);
  const meters = await checkMeters(contract, history, toBlock);
  const nullifiers = await checkNullifiers(contract, history, periods, toBlock);

  const byTransaction = new Map<string, Claim[]>();
  for (const claim of claims) {
    const { transaction } = claim;
    byTransaction.set(transaction, [...(byTransaction.get(transaction) ?? []), claim]);
  }
  onProgress(`fetching ${byTransaction.size} transactions of ${claims.length} settlements`);
  const evidence = new Map<string, Evidence>();
  await mapLimit([...byTransaction], AT_ONCE, async ([transaction, its]) => {
    const open = (call: Parameters<typeof openCall>[2]) => openCall(curve, system, call);
    evidence.set(transaction, await gatherEvidence(provider, address, transaction, its, open));
  });

  onProgress(`verifying ${claims.length} settlements with ${curve.name}`);
  const indices = new Map(history.meters.map(({ meter, index }) => [meter, index]));
  const cases = claims.map((claim): Case => {
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
  const falsePairings = findFalsePairings(curve, cases);
  const settlements = cases.map((item) => judge(item, falsePairings));

  if ((await hashOf(provider, toBlock)) !== blockHash) {
    throw chainErrors.error(
      "chain-reorganised",
      `block ${toBlock} was replaced while the audit ran`,
      { block: toBlock },
    );
  }
  const checks = [...code, events(history), keys.audited, meters, nullifiers.audited];
  return {
    chainId: deployment.chainId,
    settlement: address,
    fromBlock: deployment.block,
    toBlock,
    blockHash,
    ok:
      checks.every((c) => c.result === "ok") && settlements.every((s) => s.verdict === "verified"),
    system: checks,
    keys: history.keys,
    meters: history.meters,
    periods: periods.map((period) => auditPeriod(history, period)),
    settlements,
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
