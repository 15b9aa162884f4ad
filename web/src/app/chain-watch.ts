/**
 * The chain as the pages see it: connected or not, and still the chain of the deployment. A local
 * chain that was started again has the same number and another genesis block; then everything that a
 * page shows or remembers is about a chain that is gone, and the page says so.
 */
import { checkChain, checkContracts } from "../../../src/chain/deploy/deployment.js";
import { readHeads, type ChainHeads } from "../../../src/chain/finality.js";
import { connectRpc, type RpcProvider } from "../../../src/chain/rpc.js";
import type { SipsterError } from "../../../src/errors/sipster-error.js";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";
import type { WebConfig } from "../../../src/pages/config.js";

export type ChainState =
  | { readonly name: "asking" }
  | { readonly name: "ready"; readonly heads: ChainHeads }
  | { readonly name: "failed"; readonly error: SipsterError };

/** Milliseconds between two looks at the chain, when it answered and when it did not. */
const INTERVAL = { ready: 4000, failed: 1500 };

export class ChainWatch {
  #state: ChainState = { name: "asking" };
  #provider: RpcProvider | null = null;
  #contractsChecked = false;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly config: WebConfig) {
    void this.#look();
  }

  get state(): ChainState {
    return this.#state;
  }

  /** The node, when it answers and is on the deployment's chain. */
  get provider(): RpcProvider | null {
    return this.#state.name === "ready" ? this.#provider : null;
  }

  /** The ends of the chain, when the node answers. */
  get heads(): ChainHeads | null {
    return this.#state.name === "ready" ? this.#state.heads : null;
  }

  /**
   * Calls `listener` when the state changes; another block at the end of the chain is a change.
   * @returns ends it
   */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits until the node has answered once, with a result or an error. */
  async settled(): Promise<ChainState> {
    while (this.#state.name === "asking") {
      await new Promise<void>((resolve) => {
        const once = (): void => {
          this.#listeners.delete(once);
          resolve();
        };
        this.#listeners.add(once);
      });
    }
    return this.#state;
  }

  async #look(): Promise<void> {
    const { deployment, rpcUrl, finality } = this.config;
    try {
      this.#provider ??= await connectRpc(rpcUrl);
      await checkChain(this.#provider, deployment);
      if (!this.#contractsChecked) {
        await checkContracts(this.#provider, deployment);
        this.#contractsChecked = true;
      }
      this.#set({ name: "ready", heads: await readHeads(this.#provider, finality) });
    } catch (error) {
      // Another chain may answer at this address next time: ask it for everything again.
      this.#provider?.destroy();
      this.#provider = null;
      this.#contractsChecked = false;
      this.#set({ name: "failed", error: explainFailure(error) });
    }
    const interval = this.#state.name === "failed" ? INTERVAL.failed : INTERVAL.ready;
    await new Promise((resolve) => setTimeout(resolve, interval));
    await shown();
    void this.#look();
  }

  #set(state: ChainState): void {
    const before = this.#state;
    this.#state = state;
    const same =
      before.name === state.name &&
      (state.name !== "ready" || before.name !== "ready" || isSame(state.heads, before.heads)) &&
      (state.name !== "failed" ||
        before.name !== "failed" ||
        state.error.code === before.error.code);
    if (!same) for (const listener of [...this.#listeners]) listener();
  }
}

function isSame(a: ChainHeads, b: ChainHeads): boolean {
  return a.latest.hash === b.latest.hash && a.safe === b.safe && a.final === b.final;
}

/** Waits while the page is in a tab that nobody sees. */
export async function shown(): Promise<void> {
  while (document.hidden) {
    await new Promise((resolve) => {
      document.addEventListener("visibilitychange", resolve, { once: true });
    });
  }
}
