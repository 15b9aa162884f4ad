/** Which transaction settled a bill, by the event that says so. */
import type { Provider } from "ethers";
import { settlementContract, type Deployment } from "../deploy/deployment.js";
import { allEvents } from "../event-log.js";
import { isSipsterError } from "../../errors/sipster-error.js";

export interface SettledBy {
  readonly transaction: string;
  readonly block: number;
}

/** `null` when the node does not give the events of the past. @throws chain/unreachable */
export async function findSettlement(
  provider: Provider,
  deployment: Deployment,
  { meter, period }: { readonly meter: string; readonly period: number },
): Promise<SettledBy | null> {
  const { interface: abi } = settlementContract(deployment, { provider });
  try {
    const [event] = await allEvents(provider, {
      address: deployment.contracts.settlement.address,
      topics: abi.encodeFilterTopics("BillSettled", [meter, period]) as string[],
      fromBlock: deployment.block,
      toBlock: await provider.getBlockNumber(),
    });
    return event === undefined
      ? null
      : { transaction: event.transactionHash, block: event.blockNumber };
  } catch (error) {
    if (isSipsterError(error, "chain/events-refused")) return null;
    throw error;
  }
}
