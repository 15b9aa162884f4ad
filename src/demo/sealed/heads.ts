/** Where the trustees of a run anchor their logs: in memory, or in a contract of a node's chain. */
import type { JsonRpcSigner } from "ethers";
import {
  TrusteeHeadAnchors,
  chainErrors,
  TransactionSender,
  type RpcProvider,
} from "../../chain/index.js";
import { TrusteeHeads__factory } from "../../chain/bindings/index.js";
import type { HeadAnchor } from "../../sealed/index.js";
import type { FinalityRule } from "../../sipster/index.js";
import { MemoryHeads } from "./memory-heads.js";

/** The anchor of a trustee by its number from 1. */
export type HeadsOf = (trustee: number) => Promise<HeadAnchor>;

export const memoryHeads: HeadsOf = () => Promise.resolve(new MemoryHeads());

/**
 * Each trustee anchors from an account of the node: trustee 1 from the first one.
 * @param contract address of `TrusteeHeads`; deployed by the first account if absent
 */
export async function chainHeads(
  provider: RpcProvider,
  finality: FinalityRule,
  contract?: string,
): Promise<{ readonly address: string; readonly heads: HeadsOf }> {
  const accounts = await provider.listAccounts();
  const signerOf = (trustee: number): JsonRpcSigner => {
    const signer = accounts[trustee - 1];
    if (signer !== undefined) return signer;
    throw chainErrors.error("unknown-account", `the node holds no account for trustee ${trustee}`, {
      trustee,
    });
  };
  const deploy = async (): Promise<string> => {
    const deployed = await new TrusteeHeads__factory(signerOf(1)).deploy();
    return (await deployed.waitForDeployment()).getAddress();
  };
  const address = contract ?? (await deploy());
  const heads: HeadsOf = async (trustee) => {
    const sender = await TransactionSender.create(signerOf(trustee));
    return new TrusteeHeadAnchors({ address, sender, finality, pollMs: 250 });
  };
  return { address, heads };
}
