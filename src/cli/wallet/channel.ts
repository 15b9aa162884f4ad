/** How a wallet's payments travel. */
import { obliviousHttp, plainHttp, type Channel } from "../../channel/index.js";
import { channelErrors } from "../../channel/index.js";
import type { WalletConfig } from "./folder.js";
import type { Pinned } from "./pinned.js";

/**
 * What the wallet was told to use; without that, Oblivious HTTP when the chain has relays. The chain
 * decides, not the utility's answer, so that nobody can take a wallet's relays away.
 * @throws channel/no-network, bad-key-config
 */
export function channelOf(
  { utility, channel, relay }: Pick<WalletConfig, "utility" | "channel" | "relay">,
  { network }: Pick<Pinned, "network">,
): Channel {
  const wanted = channel ?? (network === null ? "plain" : "ohttp");
  if (wanted === "plain") return plainHttp(utility);
  if (network === null) {
    throw channelErrors.error("no-network", "the chain has no relays and no gateway");
  }
  return obliviousHttp({ network, ...(relay !== undefined && { relay }) });
}
