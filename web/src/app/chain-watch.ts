/**
 * The chain as the pages see it: connected or not, and still the chain of the deployment. A local
 * chain that was started anew has the same number and another genesis block; then everything that a
 * page shows or remembers is about a chain that is gone, and the page says so.
 */
import type { Deployment } from "../../../src/chain/deploy/deployment.js";
import { checkChain, checkContracts } from "../../../src/chain/deploy/deployment.js";
import { connectRpc, type RpcProvider } from "../../../src/chain/rpc.js";
import type { SipsterError } from "../../../src/errors/sipster-error.js";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";

export type ChainState =
  | { readonly name: "asking" }
  | { readonly name: "ready"; readonly head: number }
  | { readonly name: "failed"; readonly error: SipsterError };

/** Milliseconds between two looks at the chain, when it answered and when it did not. */
const INTERVAL = { ready: 4000, failed: 1500 };

export class ChainWatch {
  #state: ChainState = { name: "asking" };
  #provider: RpcProvider | null = null;
  #contractsChecked = false;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly deployment: Deployment,
    private readonly rpcUrl: string,
  ) {
    void this.#look();
  }

  get state(): ChainState {
    return this.#state;
  }

  /** The node, when it answers and is on the deployment's chain. */
  get provider(): RpcProvider | null {
    return this.#state.name === "ready" ? this.#provider : null;
  }

  /** Calls `listener` when the state changes; a new block is a change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Waits until the node has answered once, whatever it said. */
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
    try {
      this.#provider ??= await connectRpc(this.rpcUrl);
      await checkChain(this.#provider, this.deployment);
      if (!this.#contractsChecked) {
        await checkContracts(this.#provider, this.deployment);
        this.#contractsChecked = true;
      }
      this.#set({ name: "ready", head: await this.#provider.getBlockNumber() });
    } catch (error) {
      // Another chain may answer at this address next time: ask it for everything again.
      this.#provider?.destroy();
      this.#provider = null;
      this.#contractsChecked = false;
      this.#set({ name: "failed", error: explainFailure(error) });
    }
    const interval = this.#state.name === "failed" ? INTERVAL.failed : INTERVAL.ready;
    setTimeout(() => void this.#look(), interval);
  }

  #set(state: ChainState): void {
    const before = this.#state;
    this.#state = state;
    const same =
      before.name === state.name &&
      (state.name !== "ready" || before.name !== "ready" || state.head === before.head) &&
      (state.name !== "failed" ||
        before.name !== "failed" ||
        state.error.code === before.error.code);
    if (!same) for (const listener of [...this.#listeners]) listener();
  }
}
