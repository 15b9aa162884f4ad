/**
 * Two nodes side by side. A node that hides an event, or shows a chain of its own, differs from one
 * that does not. Works in a browser.
 */
import { id, type Log, type Provider } from "ethers";
import type { Deployment } from "../deploy/deployment.js";
import { allEvents, type ReadOptions } from "../event-log.js";
import { toAudited, type AuditedSystem } from "./result.js";

/** Differences of events that are named. */
const NAMED = 5;

/** Compares blocks and events up to a block, or up to the second node's last if that is earlier. */
export async function compareNodes({
  first,
  second,
  deployment,
  toBlock,
  ...options
}: {
  readonly first: Provider;
  readonly second: Provider;
  readonly deployment: Deployment;
  readonly toBlock: number;
} & ReadOptions): Promise<AuditedSystem> {
  const last = Math.min(toBlock, await second.getBlockNumber());
  const hash = async (node: Provider, block: number) => (await node.getBlock(block))?.hash ?? null;
  const problems: string[] = [];
  if (last < deployment.block) problems.push(`the second node shows no block after ${last}`);
  for (const block of new Set([0, last])) {
    const [here, there] = [await hash(first, block), await hash(second, block)];
    if (here === there) continue;
    problems.push(
      `block ${block} is ${here ?? "unknown"} here, ${there ?? "unknown"} at the second node`,
    );
  }
  for (const contract of ["settlement", "vault"] as const) {
    const { address } = deployment.contracts[contract];
    const query = { address, topics: [], fromBlock: deployment.block, toBlock: last };
    const [here, there] = await Promise.all(
      [first, second].map(
        async (node) => new Map((await allEvents(node, query, options)).map(named)),
      ),
    );
    problems.push(...missing(here!, there!, `${contract}, and the second node does not show it`));
    problems.push(...missing(there!, here!, `${contract}, and this node does not show it`));
  }
  return toAudited("second-node", problems);
}

/** All that an event says, as one name, with its transaction. */
function named(log: Log): readonly [string, string] {
  const { address, topics, data, blockHash, transactionHash, index } = log;
  const all = [address, ...topics, data, blockHash, transactionHash, index].join().toLowerCase();
  return [id(all), transactionHash];
}

function missing(
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
  what: string,
): string[] {
  const all = [...expected]
    .filter(([name]) => !found.has(name))
    .map(([, transaction]) => transaction);
  const rest = all.length - NAMED;
  return [
    ...all.slice(0, NAMED).map((hash) => `transaction ${hash} has an event of the ${what}`),
    ...(rest > 0 ? [`and ${rest} more events of the ${what}`] : []),
  ];
}
