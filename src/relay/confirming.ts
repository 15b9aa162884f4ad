/**
 * Watching settlements until they are final. One that a reorganisation takes away is waited for while
 * its transaction may be included again, and otherwise queued again.
 */
import type { Provider } from "ethers";
import {
  finalityOf,
  mapLimit,
  readHeads,
  standingSettlement,
  type ChainHeads,
  type Deployment,
} from "../chain/index.js";
import type { FinalityRule } from "../sipster/index.js";
import type { RelayStatus } from "./protocol.js";
import type { QueuedBill, RelayQueue } from "./queue.js";

export interface Watch {
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly queue: RelayQueue;
  readonly finality: FinalityRule;
  /** Milliseconds for which a returned transaction is waited for before the bill is sent again. */
  readonly patience: number;
}

export interface Watched {
  readonly final: number;
  /** Taken away by a reorganisation, and queued again. */
  readonly queued: number;
  /** Not final yet. */
  readonly open: number;
}

/** Questions to the node at once. */
const AT_ONCE = 16;

/** Looks at every watched bill once and notes what it finds. @throws chain/unreachable, … */
export async function confirm(watch: Watch, now: number): Promise<Watched> {
  const { provider, queue, finality } = watch;
  const watched = await queue.watched();
  if (watched.length === 0) return { final: 0, queued: 0, open: 0 };
  const heads = await readHeads(provider, finality);
  const blocks = await blocksOf(provider, watched);
  const changes = await mapLimit(watched, AT_ONCE, (bill) =>
    look(watch, bill, { heads, blocks, now }),
  );
  const changed = changes.filter(({ state, block }, i) => {
    const { status } = watched[i]!;
    return state !== status.state || block !== status.block;
  });
  await queue.update(changed, now);
  const count = (...states: string[]) =>
    changes.filter(({ state }) => states.includes(state)).length;
  const [final, queued] = [count("final"), count("queued")];
  return { final, queued, open: watched.length - final - queued };
}

interface Seen {
  readonly heads: ChainHeads;
  /** Of each transaction that is in the chain; `null` if it reverted there. */
  readonly blocks: ReadonlyMap<string, number | null>;
  readonly now: number;
}

/** The block of each transaction now: a batch has one for all its bills, and is asked for once. */
async function blocksOf(
  provider: Provider,
  watched: readonly QueuedBill[],
): Promise<ReadonlyMap<string, number | null>> {
  const hashes = new Set(watched.map(({ status }) => status.transaction));
  hashes.delete(null);
  const blocks = new Map<string, number | null>();
  await mapLimit([...(hashes as Set<string>)], AT_ONCE, async (hash) => {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt !== null) blocks.set(hash, receipt.status === 1 ? receipt.blockNumber : null);
  });
  return blocks;
}

async function look(
  { provider, deployment, patience }: Watch,
  { status, since }: QueuedBill,
  { heads, blocks, now }: Seen,
): Promise<RelayStatus> {
  const { transaction } = status;
  const block = transaction === null ? undefined : blocks.get(transaction);
  if (typeof block === "number") return { ...status, block, state: finalityOf(block, heads) };
  // No matter who settled it, the contract says whether it is settled in the chain of now.
  const standing = await standingSettlement({ provider, deployment, bill: status, heads });
  if (standing !== null) {
    const by = standing.by ?? { transaction: null, block: null };
    return { ...status, ...by, state: standing.finality };
  }
  const returned =
    transaction !== null &&
    block === undefined &&
    (await provider.getTransaction(transaction)) !== null;
  if (returned && (status.state !== "returned" || now - since < patience)) {
    return { ...status, block: null, state: "returned" };
  }
  return { ...status, transaction: null, block: null, state: "queued" };
}
