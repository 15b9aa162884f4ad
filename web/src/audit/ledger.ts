/**
 * The history of the settlement contract as the pages show it: every event since the deployment,
 * read once and then continued with each block; receipts and times of the transactions on request.
 */
import type { Log, Provider } from "ethers";
import { replay, type Claim, type History } from "../../../src/chain/audit/history.js";
import { allEvents } from "../../../src/chain/event-log.js";
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
  #logs: readonly Log[] = [];
  #reading = false;
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

  async #read(): Promise<void> {
    const { state, provider } = this.app.chain;
    if (this.#reading || provider === null || state.name !== "ready") return;
    const { deployment } = this.app.config;
    const fromBlock = Math.max(deployment.block, this.upTo + 1);
    if (state.head < fromBlock) return;
    this.#reading = true;
    try {
      const address = deployment.contracts.settlement.address;
      const query = { address, topics: [], fromBlock, toBlock: state.head };
      this.#logs = [...this.#logs, ...(await allEvents(provider, query))];
      this.history = replay(this.#logs);
      this.upTo = state.head;
      this.failure = null;
    } catch (error) {
      this.failure = explainFailure(error);
    }
    this.#reading = false;
    this.app.update();
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
