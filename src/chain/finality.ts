/** How far a block is from being taken back: included, safe or final. Works in a browser. */
import type { Block, Provider } from "ethers";
import { isSipsterError } from "../errors/sipster-error.js";
import type { FinalityRule } from "../sipster/index.js";
import { chainErrors } from "./errors/errors.js";

/**
 * `included`: in a block that a reorganisation can still take away. `safe`: in a block that honest
 * validators have voted for. `final`: in a block that stays, by the rule of the deployment.
 */
export type Finality = "included" | "safe" | "final";

export interface BlockMark {
  readonly number: number;
  readonly hash: string;
}

/** The ends of the chain as a node shows them at one moment. */
export interface ChainHeads {
  readonly latest: BlockMark;
  /** Number of the last safe block; `null` where the node does not say. */
  readonly safe: number | null;
  /** Number of the last final block; `null` where the node does not say: then nothing is final. */
  readonly final: number | null;
}

export const FINALIZED: FinalityRule = { rule: "finalized" };

/** @throws chain/unreachable, chain/no-final-block */
export async function readHeads(
  provider: Provider,
  rule: FinalityRule = FINALIZED,
): Promise<ChainHeads> {
  const tagged = rule.rule === "finalized";
  const [block, safe, finalized] = await Promise.all([
    provider.getBlock("latest"),
    tagged ? blockAt(provider, "safe") : null,
    tagged ? blockAt(provider, "finalized") : null,
  ]);
  if (block === null || block.hash === null) {
    throw chainErrors.error("no-final-block", 'the node does not give the block "latest"');
  }
  const latest = { number: block.number, hash: block.hash };
  if (!tagged) {
    const final = Math.max(0, latest.number - rule.blocks);
    return { latest, safe: final, final };
  }
  // A block may be mined between the questions: nothing is final that is not in the chain shown.
  const number = (found: Block | null) =>
    found === null ? null : Math.min(found.number, latest.number);
  return { latest, safe: number(safe), final: number(finalized) };
}

/** Of a block that is in the chain. */
export function finalityOf(block: number, { safe, final }: ChainHeads): Finality {
  if (final !== null && block <= final) return "final";
  return safe !== null && block <= safe ? "safe" : "included";
}

/** `null` where the node does not know the tag. */
async function blockAt(provider: Provider, tag: "safe" | "finalized"): Promise<Block | null> {
  try {
    return await provider.getBlock(tag);
  } catch (error) {
    if (isSipsterError(error)) throw error;
    return null;
  }
}
