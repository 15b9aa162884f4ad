/** Fetching what a transaction that settled bills consists of. */
import type { Provider, TransactionReceipt } from "ethers";
import { BillSettlement__factory } from "../bindings/index.js";
import type { Claim } from "./history.js";
import type { OpenedCall } from "./open-call.js";
import {
  decodeCall,
  findNestedCalls,
  traceCalls,
  type Route,
  type SettlementCall,
} from "./settlement-call.js";

export interface Evidence {
  /** Claims whose event is in the receipt of the transaction, which succeeded. */
  readonly recorded: ReadonlySet<Claim>;
  /** `null` if the node does not show what was called. */
  readonly calls: readonly OpenedCall[] | null;
  readonly route: Route | null;
}

const abi = BillSettlement__factory.createInterface();

/** @throws chain/unreachable */
export async function gatherEvidence({
  provider,
  settlement,
  transaction,
  claims,
  open,
}: {
  readonly provider: Provider;
  readonly settlement: string;
  readonly transaction: string;
  readonly claims: readonly Claim[];
  readonly open: (call: SettlementCall) => OpenedCall;
}): Promise<Evidence> {
  const [receipt, sent] = await Promise.all([
    provider.getTransactionReceipt(transaction),
    provider.getTransaction(transaction),
  ]);
  const base = {
    recorded: new Set(claims.filter((claim) => isRecorded(receipt, settlement, claim))),
  };
  if (sent === null) return { ...base, calls: null, route: null };
  if (sent.to?.toLowerCase() === settlement.toLowerCase()) {
    const call = decodeCall(sent.data);
    return { ...base, calls: call === null ? [] : [open(call)], route: "direct" };
  }
  const nested = findNestedCalls(sent.data).map(open);
  if (claims.every((claim) => nested.some((call) => carries(call, claim)))) {
    return { ...base, calls: nested, route: "nested" };
  }
  const traced = await traceCalls(provider, transaction, settlement);
  if (traced === null) return { ...base, calls: null, route: null };
  return { ...base, calls: traced.map(open), route: "traced" };
}

/** Does the call hold a bill of the claim's period and key epoch that the claim's meter signed? */
function carries({ call, signers }: OpenedCall, { meter, period, keyEpoch }: Claim): boolean {
  return call.bills.some(
    (bill, i) => bill.period === period && bill.keyEpoch === keyEpoch && signers[i] === meter,
  );
}

function isRecorded(receipt: TransactionReceipt | null, settlement: string, claim: Claim): boolean {
  if (receipt?.status !== 1) return false;
  const topics = abi.encodeFilterTopics("BillSettled", [claim.meter, claim.period, claim.keyEpoch]);
  return receipt.logs.some(
    (log) =>
      log.index === claim.logIndex &&
      log.address.toLowerCase() === settlement.toLowerCase() &&
      log.topics.every((topic, i) => topic === topics[i]),
  );
}
