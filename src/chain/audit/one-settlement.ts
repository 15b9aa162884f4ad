/** One settlement with everything that is known of it, judged as the whole audit judges all. */
import type { Provider } from "ethers";
import { nobleBn254 } from "../../algebra/index.js";
import { decodeKey } from "./check-keys.js";
import { checkNullifiers } from "./check-registries.js";
import { gatherEvidence } from "./evidence.js";
import type { Claim, History, RegisteredKey } from "./history.js";
import { findCarrier, findFalsePairings, judge } from "./judge.js";
import { openCall } from "./open-call.js";
import type { AuditedSettlement } from "./result.js";
import type { SettlementCall } from "./settlement-call.js";
import { settlementContract, systemOf, type Deployment } from "../deploy/deployment.js";
import type { SignedBill } from "../../sipster/index.js";

export interface SettlementInFull {
  readonly claim: Claim;
  readonly audited: AuditedSettlement;
  /** `null` if the node does not show it. */
  readonly bill: SignedBill | null;
  /** The call that carried it, with its combined receipt; `null` likewise. */
  readonly call: SettlementCall | null;
  readonly key: RegisteredKey | null;
  /** Milliseconds that the pairing check took here. */
  readonly pairingTime: number;
}

/** @throws chain/unreachable, … */
export async function settlementInFull({
  provider,
  deployment,
  history,
  claim,
  upTo,
}: {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly history: History;
  readonly claim: Claim;
  readonly upTo: number;
}): Promise<SettlementInFull> {
  const system = systemOf(deployment);
  const contract = settlementContract(deployment, { provider });
  const { address } = deployment.contracts.settlement;
  const key = history.keys.find(({ keyEpoch }) => keyEpoch === claim.keyEpoch) ?? null;
  const [nullifiers, evidence] = await Promise.all([
    checkNullifiers({ contract, history, periods: [claim.period], blockTag: upTo }),
    gatherEvidence({
      provider,
      settlement: address,
      transaction: claim.transaction,
      claims: [claim],
      open: (call) => openCall(nobleBn254, system, call),
    }),
  ]);
  const index = history.meters.find(({ meter }) => meter === claim.meter)?.index;
  const carrier = findCarrier(claim, evidence.calls ?? []);
  const item = {
    claim,
    evidence,
    carrier,
    key: key === null ? null : decodeKey(nobleBn254, key),
    bitIsSet: index === undefined ? null : nullifiers.bitIsSet(index, claim.period),
  };
  const begin = performance.now();
  const falsePairings = findFalsePairings(nobleBn254, [item]);
  const pairingTime = performance.now() - begin;
  return {
    claim,
    audited: judge(item, falsePairings),
    bill: carrier === null ? null : carrier.opened.call.bills[carrier.index]!,
    call: carrier?.opened.call ?? null,
    key,
    pairingTime,
  };
}
