/** Relays and gateways in force: what the utility serves, if the contract announced these very bytes. */
import {
  finalBlock,
  networkAt,
  readAnnouncements,
  type Deployment,
  type RpcProvider,
} from "../chain/index.js";
import type { SystemNetwork, SystemParameters, SystemTerms } from "../sipster/index.js";

/**
 * The network parameters in force at the last final block; `null` if none were ever announced.
 * @throws chain/parameters-not-announced if the utility serves others
 */
export async function networkInForce({
  provider,
  deployment,
  served,
  terms: { finality },
}: {
  readonly provider: RpcProvider;
  readonly deployment: Deployment;
  readonly served: SystemParameters;
  readonly terms: Pick<SystemTerms, "finality">;
}): Promise<SystemNetwork | null> {
  const block = await finalBlock(provider, finality);
  const announced = await readAnnouncements(provider, deployment, block.number);
  if (announced.network.length === 0) return null;
  return networkAt(announced, served, block.timestamp);
}
