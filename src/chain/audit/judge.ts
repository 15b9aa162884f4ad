/** Judging settlements: every check of the contract again, from the evidence on the chain. */
import { batchVerify, bisect, type Bn254, type G2Point } from "../../algebra/index.js";
import type { Evidence } from "./evidence.js";
import type { Claim } from "./history.js";
import type { OpenedCall } from "./open-call.js";
import {
  SETTLEMENT_CHECKS,
  type AuditedSettlement,
  type CheckResult,
  type SettlementCheck,
} from "./result.js";

/** A key of the utility that passed its own checks. */
export interface UsableKey {
  readonly a2: G2Point;
}

/** A claim with all that is known about it. */
export interface Case {
  readonly claim: Claim;
  readonly evidence: Evidence;
  /** The call that carries the bill, and the bill's place in it; `null` if there is none. */
  readonly carrier: { readonly opened: OpenedCall; readonly index: number } | null;
  /** `null` if the epoch has no usable key. */
  readonly key: UsableKey | null;
  /** `null` if the node does not say. */
  readonly bitIsSet: boolean | null;
}

/**
 * The call and the bill that a claim rests on: the meter's own bill where there is one, else any of
 * the same period and key epoch, so that the signature check can fail.
 */
export function findCarrier(claim: Claim, opened: readonly OpenedCall[]): Case["carrier"] {
  let other: Case["carrier"] = null;
  for (const call of opened) {
    for (const [index, bill] of call.call.bills.entries()) {
      if (bill.period !== claim.period || bill.keyEpoch !== claim.keyEpoch) continue;
      if (call.signers[index] === claim.meter) return { opened: call, index };
      other ??= { opened: call, index };
    }
  }
  return other;
}

/**
 * The pairing claims that are false, of all cases together: one check with random weights for each
 * key, and halving to find the false ones. Calls without a usable key or valid points are left out.
 */
export function findFalsePairings(curve: Bn254, cases: readonly Case[]): Set<OpenedCall> {
  const byKey = new Map<UsableKey, Set<OpenedCall>>();
  for (const { carrier, key } of cases) {
    if (carrier === null || key === null || carrier.opened.pairing === null) continue;
    byKey.set(key, (byKey.get(key) ?? new Set()).add(carrier.opened));
  }
  const wrong = new Set<OpenedCall>();
  for (const [key, calls] of byKey) {
    const all = [...calls];
    const claims = all.map((call) => call.pairing!);
    const bad = bisect(claims, (part) => batchVerify(curve, part, key.a2));
    bad.forEach((i) => wrong.add(all[i]!));
  }
  return wrong;
}

type Finding = readonly [result: CheckResult, problem: string];
const OK: Finding = ["ok", ""];

export function judge(item: Case, falsePairings: ReadonlySet<OpenedCall>): AuditedSettlement {
  const { claim, evidence, carrier } = item;
  const findings: Record<SettlementCheck, Finding> = {
    recorded: evidence.recorded.has(claim)
      ? OK
      : ["failed", "no receipt of a successful transaction holds this event"],
    carried: carried(item),
    ...signed(item),
    registration:
      claim.meterStatus === "valid" ? OK : ["failed", `the meter was ${claim.meterStatus}`],
    key: key(item),
    ...paid(item, falsePairings),
    nullifier: nullifier(item),
    once: claim.repeated ? ["failed", "an earlier event settled the same period"] : OK,
  };
  const names = Object.keys(SETTLEMENT_CHECKS) as SettlementCheck[];
  const results = names.map((name) => findings[name][0]);
  return {
    meter: claim.meter,
    period: claim.period,
    keyEpoch: claim.keyEpoch,
    transaction: claim.transaction,
    block: claim.block,
    method: carrier?.opened.call.method ?? null,
    route: evidence.route,
    verdict: results.includes("failed")
      ? "failed"
      : results.includes("unknown")
        ? "unverifiable"
        : "verified",
    checks: Object.fromEntries(names.map((name) => [name, findings[name][0]])) as Record<
      SettlementCheck,
      CheckResult
    >,
    problems: names.flatMap((name) =>
      findings[name][0] === "ok" ? [] : [`${name}: ${findings[name][1]}`],
    ),
  };
}

function carried({ evidence, carrier }: Case): Finding {
  if (carrier !== null) return OK;
  if (evidence.calls !== null) return ["failed", "the transaction settles no such bill"];
  return [
    "unknown",
    "the bill went through another contract, and the node does not trace transactions",
  ];
}

/** What a check says that needs the bill, where there is none. */
function withoutBill({ evidence }: Case): Finding {
  return [evidence.calls === null ? "unknown" : "failed", "there is no bill to check"];
}

function signed(item: Case): { signature: Finding } {
  const { carrier, claim } = item;
  if (carrier === null) return { signature: withoutBill(item) };
  const signer = carrier.opened.signers[carrier.index];
  if (signer === claim.meter) return { signature: OK };
  return {
    signature: ["failed", `the bill is signed by ${signer ?? "nobody"}, not by the meter`],
  };
}

function key({ claim, key: usable }: Case): Finding {
  if (claim.keyWas !== "of the period") return ["failed", `the key was ${claim.keyWas}`];
  if (usable === null) return ["failed", "the key of the epoch is not a key"];
  return OK;
}

function paid(
  item: Case,
  falsePairings: ReadonlySet<OpenedCall>,
): { points: Finding; receipt: Finding } {
  const { carrier, key: usable } = item;
  if (carrier === null) return { points: withoutBill(item), receipt: withoutBill(item) };
  if (carrier.opened.pairing === null) {
    return {
      points: ["failed", "a point is not on the curve, or is the identity"],
      receipt: ["failed", "there are no points to check"],
    };
  }
  if (usable === null) return { points: OK, receipt: ["failed", "there is no key to check with"] };
  if (!falsePairings.has(carrier.opened)) return { points: OK, receipt: OK };
  return { points: OK, receipt: ["failed", "the combined receipt does not pay the bill"] };
}

function nullifier({ bitIsSet }: Case): Finding {
  if (bitIsSet === null) return ["unknown", "the meter has no number, or the node no answer"];
  return bitIsSet ? OK : ["failed", "the contract's bit is not set"];
}
