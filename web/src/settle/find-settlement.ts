/** Which transaction settled a bill, by the event that says so. */
import type { BillSettlement } from "../../../src/chain/bindings/index.js";
import type { Deployment } from "../../../src/chain/deploy/deployment.js";
import { allEvents } from "../../../src/chain/event-log.js";
import type { SettleableBill } from "../../../src/sipster/bill-file.js";

export interface SettledBy {
  readonly transaction: string;
  readonly block: number;
}

/** `null` when the node does not give the events of the past: settled it is all the same. */
export async function findSettlement(
  { deployment, contract }: { readonly deployment: Deployment; readonly contract: BillSettlement },
  { meter, bill }: SettleableBill,
): Promise<SettledBy | null> {
  const provider = contract.runner!.provider!;
  try {
    const [event] = await allEvents(provider, {
      address: deployment.contracts.settlement.address,
      topics: contract.interface.encodeFilterTopics("BillSettled", [
        meter,
        bill.period,
      ]) as string[],
      fromBlock: deployment.block,
      toBlock: await provider.getBlockNumber(),
    });
    return event === undefined
      ? null
      : { transaction: event.transactionHash, block: event.blockNumber };
  } catch {
    return null;
  }
}
