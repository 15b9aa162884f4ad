/** Which transaction settled a bill, by the event that says so, and whether that can be taken back. */
import type { Provider } from "ethers";
import { isSipsterError } from "../../errors/sipster-error.js";
import { settlementContract, type Deployment } from "../deploy/deployment.js";
import { allEvents } from "../event-log.js";
import { finalityOf, type ChainHeads, type Finality } from "../finality.js";

export interface SettledBy {
  readonly transaction: string;
  readonly block: number;
}

interface MeterPeriod {
  readonly meter: string;
  readonly period: number;
}

/** `null` when the node does not give the events of the past. @throws chain/unreachable */
export async function findSettlement(
  provider: Provider,
  deployment: Deployment,
  { meter, period }: MeterPeriod,
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

/** A settlement as it is in the chain of now. */
export interface StandingSettlement {
  /** `null` where the node does not name the transaction. */
  readonly by: SettledBy | null;
  readonly finality: Finality;
}

/**
 * Whether a bill is settled in the chain of now, no matter who did it; `null` if it is not.
 * @throws chain/unreachable
 */
export async function standingSettlement({
  provider,
  deployment,
  bill,
  heads,
  known = null,
}: {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly bill: MeterPeriod;
  readonly heads: ChainHeads;
  /** the transaction that settled it when it was last looked at */
  readonly known?: string | null;
}): Promise<StandingSettlement | null> {
  const contract = settlementContract(deployment, { provider });
  if (!(await contract.settled(bill.meter, bill.period))) return null;
  const receipt = known === null ? null : await provider.getTransactionReceipt(known);
  const by =
    receipt?.status === 1
      ? { transaction: receipt.hash, block: receipt.blockNumber }
      : await findSettlement(provider, deployment, bill);
  if (by !== null) return { by, finality: finalityOf(by.block, heads) };
  // Without the event, it is final when the contract's bit is set in the final block.
  const isFinal =
    heads.final !== null &&
    heads.final >= deployment.block &&
    (await contract.settled(bill.meter, bill.period, { blockTag: heads.final }));
  return { by, finality: isFinal ? "final" : "included" };
}
