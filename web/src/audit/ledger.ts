/**
 * The history of the settlement contract as the pages show it: every event since the deployment,
 * read once and then continued with each block; receipts and times of the transactions on request.
 * The hashes of the blocks it was read up to are remembered: what a reorganisation takes away is
 * dropped and read again.
 */
import type { Log, Provider } from "ethers";
import {
  HISTORY_TOPICS,
  replay,
  type Claim,
  type History,
} from "../../../src/chain/audit/history.js";
import {
  readGovernanceEvents,
  replayGovernance,
  type GovernanceHistory,
} from "../../../src/chain/governance/history.js";
import { allEvents } from "../../../src/chain/event-log.js";
import {
  finalityOf,
  type BlockMark,
  type ChainHeads,
  type Finality,
} from "../../../src/chain/finality.js";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";
import type { SipsterError } from "../../../src/errors/sipster-error.js";
import type { App } from "../app/page.js";

/** What a transaction that settled bills cost, and when. */
export interface Mined {
  readonly gasUsed: bigint;
  readonly from: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** Questions put together into one request to the node by ethers, so this many go at once. */
const AT_ONCE = 50;

export class Ledger {
  history: History = { keys: [], meters: [], claims: [], unreadable: [] };
  /** Last block read; -1 before the first. */
  upTo = -1;
  failure: SipsterError | null = null;
  /** Who governs, and how, since the deployment. */
  governance: GovernanceHistory = replayGovernance([]);
  /** Of the last block read, Unix seconds. */
  time = 0n;
  #logs: readonly Log[] = [];
  /** Blocks that were the last when something was read, oldest first. */
  #marks: readonly BlockMark[] = [];
  #reading = false;
  readonly #rewound = new Set<() => void>();
  readonly #mined = new Map<string, Mined | null>();

  constructor(readonly app: App) {
    app.chain.onChange(() => {
      void this.#read();
    });
    void this.#read();
  }

  get isLoaded(): boolean {
    return this.upTo >= 0;
  }

  /** `undefined` until it is known; `null` if the node does not know the transaction. */
  mined(transaction: string): Mined | null | undefined {
    return this.#mined.get(transaction);
  }

  /** Fetches receipts and times of these transactions, and draws the page when they are there. */
  async fetchMined(transactions: readonly string[]): Promise<void> {
    const { provider } = this.app.chain;
    const missing = [...new Set(transactions)].filter((hash) => !this.#mined.has(hash));
    if (provider === null || missing.length === 0) return;
    for (let i = 0; i < missing.length; i += AT_ONCE) {
      await Promise.all(missing.slice(i, i + AT_ONCE).map((hash) => this.#fetch(provider, hash)));
      this.app.update();
    }
  }

  async #fetch(provider: Provider, hash: string): Promise<void> {
    try {
      const receipt = await provider.getTransactionReceipt(hash);
      const block = receipt === null ? null : await provider.getBlock(receipt.blockNumber);
      this.#mined.set(
        hash,
        receipt === null || block === null
          ? null
          : { gasUsed: receipt.gasUsed, from: receipt.from, timestamp: block.timestamp },
      );
    } catch {
      // The node did not answer: asked again when the page is drawn the next time.
    }
  }

  /** Calls `listener` when blocks that were read are no longer in the chain. */
  onRewind(listener: () => void): void {
    this.#rewound.add(listener);
  }

  /** How far a block of the history is from being taken back. */
  finality(block: number): Finality {
    const { heads } = this.app.chain;
    return heads === null ? "included" : finalityOf(block, heads);
  }

  async #read(): Promise<void> {
    const { heads, provider } = this.app.chain;
    if (this.#reading || provider === null || heads === null) return;
    this.#reading = true;
    try {
      await this.#rewind(provider);
      await this.#continue(provider, heads);
      this.failure = null;
    } catch (error) {
      this.failure = explainFailure(error);
    }
    this.#reading = false;
    this.app.update();
  }

  /** Drops what was read of blocks that are not in the chain any more. */
  async #rewind(provider: Provider): Promise<void> {
    const marks = [...this.#marks];
    for (let last = marks.at(-1); last !== undefined; last = marks.at(-1)) {
      if ((await provider.getBlock(last.number))?.hash === last.hash) break;
      marks.pop();
    }
    if (marks.length === this.#marks.length) return;
    this.#marks = marks;
    this.upTo = marks.at(-1)?.number ?? -1;
    this.#logs = this.#logs.filter(({ blockNumber }) => blockNumber <= this.upTo);
    this.history = replay(this.#logs);
    const stay = this.governance.events.filter(({ block }) => block <= this.upTo);
    this.governance = replayGovernance(stay);
    this.#mined.clear();
    for (const listener of this.#rewound) listener();
  }

  async #continue(provider: Provider, { latest, final }: ChainHeads): Promise<void> {
    const { deployment } = this.app.config;
    const fromBlock = Math.max(deployment.block, this.upTo + 1);
    if (latest.number < fromBlock) return;
    const address = deployment.contracts.settlement.address;
    const topics = [HISTORY_TOPICS];
    const query = { address, topics, fromBlock, toBlock: latest.number };
    const logs = await allEvents(provider, query);
    const range = { fromBlock, toBlock: latest.number };
    const acts = await readGovernanceEvents({ provider, deployment, range });
    const last = await provider.getBlock(latest.number);
    // Read from a chain that was replaced meanwhile: the next look at the chain reads it again.
    if (last?.hash !== latest.hash) return;
    this.time = BigInt(last.timestamp);
    this.governance = replayGovernance([...this.governance.events, ...acts]);
    this.#logs = [...this.#logs, ...logs];
    this.history = replay(this.#logs);
    this.upTo = latest.number;
    const stays = this.#marks.findLastIndex(({ number }) => number <= (final ?? -1));
    this.#marks = [...this.#marks.slice(Math.max(0, stays)), latest];
  }
}

/** The claims of each transaction: a batch settles several in one. */
export function claimsByTransaction(claims: readonly Claim[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { transaction } of claims) {
    counts.set(transaction, (counts.get(transaction) ?? 0) + 1);
  }
  return counts;
}

/** Every period that a meter settled, the latest first. */
export function periodsOf({ history }: Ledger): number[] {
  return [...new Set(history.claims.map(({ period }) => period))].toSorted((a, b) => b - a);
}
