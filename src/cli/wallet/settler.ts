/** Who settles a wallet's bills: a relayer, or an account of its own; and what is settled already. */
import type { Bn254 } from "../../algebra/index.js";
import {
  allEvents,
  finalBlock,
  settleBills,
  settlementContract,
  type Deployment,
  type RpcProvider,
  type TransactionSender,
} from "../../chain/index.js";
import { RelayClient } from "../../relay/index.js";
import { parseBillFile, type SystemTerms } from "../../sipster/index.js";

export interface Settler {
  /** Hands a bill file over. Again: no harm. @throws relay/…, contract/…, chain/… */
  settle(billFile: string): Promise<void>;
}

/** The relayer's account pays, and no account of the resident is seen. */
export function relaySettler(url: string): Settler {
  const relay = new RelayClient(url);
  return {
    async settle(billFile) {
      const { error } = await relay.submit(billFile);
      if (error !== null) throw error;
    },
  };
}

/** The resident's own account pays: it is seen beside the meter's address. */
export function ownSettler(
  sender: TransactionSender,
  deployment: Deployment,
  curve: Bn254,
): Settler {
  return {
    async settle(billFile) {
      const bill = parseBillFile(curve, billFile);
      const [outcome] = await settleBills({
        sender,
        deployment,
        bills: [bill],
        curve,
        batch: false,
      });
      if (outcome!.status === "refused") throw outcome!.error;
    },
  };
}

/** The transaction that settled a meter's period, in a final block; `null`: none did. */
export async function settlementOf({
  provider,
  deployment,
  terms,
  meter,
  period,
}: {
  readonly provider: RpcProvider;
  readonly deployment: Deployment;
  readonly terms: Pick<SystemTerms, "finality">;
  readonly meter: string;
  readonly period: number;
}): Promise<string | null> {
  const contract = settlementContract(deployment, provider);
  const topics = contract.interface
    .encodeFilterTopics("BillSettled", [meter, period])
    .map((topic) => topic as string);
  const { number: toBlock } = await finalBlock(provider, terms.finality);
  const { address } = deployment.contracts.settlement;
  const [event] = await allEvents(provider, {
    address,
    topics,
    fromBlock: deployment.block,
    toBlock,
  });
  return event?.transactionHash ?? null;
}

/** Is the meter registered for this period? Others cannot be settled. */
export async function isRegisteredFor(
  provider: RpcProvider,
  deployment: Deployment,
  { meter, period }: { readonly meter: string; readonly period: number },
): Promise<boolean> {
  const entry = await settlementContract(deployment, provider).meterOf(meter);
  return (
    entry.registered && BigInt(period) >= entry.validFrom && BigInt(period) <= entry.validUntil
  );
}
