/** Which block counts as final, by the rule of the deployment's public parameters. */
import type { Provider } from "ethers";
import type { FinalityRule } from "../sipster/index.js";
import { chainErrors } from "./errors/errors.js";

/** A block and its time in Unix seconds. */
export interface BlockTime {
  readonly number: number;
  readonly timestamp: bigint;
}

/**
 * The last block that is final: the one that the node calls finalized, or in development the latest
 * one less a number of blocks.
 * @throws chain/no-final-block
 */
export async function finalBlock(provider: Provider, rule: FinalityRule): Promise<BlockTime> {
  if (rule.rule === "finalized") return blockTime(provider, "finalized");
  const latest = await provider.getBlockNumber();
  return blockTime(provider, Math.max(0, latest - rule.blocks));
}

/** The latest block. @throws chain/no-final-block */
export async function latestBlock(provider: Provider): Promise<BlockTime> {
  return blockTime(provider, "latest");
}

async function blockTime(provider: Provider, tag: number | string): Promise<BlockTime> {
  const block = await provider.getBlock(tag);
  if (block !== null) return { number: block.number, timestamp: BigInt(block.timestamp) };
  throw chainErrors.error("no-final-block", `the node does not give the block "${tag}"`, { tag });
}
