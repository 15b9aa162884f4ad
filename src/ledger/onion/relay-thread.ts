/** A group of relays in a thread of its own, reached over TCP like any other. */
import { Worker } from "node:worker_threads";
import { ledgerErrors } from "../errors.js";
import type { NodeCounts } from "./node.js";
import type { NodeAddress, RelayGroupOptions, Relays } from "./relay-group.js";
import type { RelayReply, RelayRequest } from "./relay-worker.js";

export class RelayThread implements Relays {
  nodes: readonly NodeAddress[] = [];
  readonly #worker: Worker;
  readonly #waiting: {
    readonly resolve: (value: unknown) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];

  private constructor(options: RelayGroupOptions) {
    // Run from its source, the worker needs the loader that runs TypeScript.
    const fromSource = import.meta.url.endsWith(".ts");
    const file = new URL(fromSource ? "./relay-worker.ts" : "./relay-worker.js", import.meta.url);
    const execArgv = fromSource ? ["--import", import.meta.resolve("tsx")] : [];
    this.#worker = new Worker(file, { workerData: options, execArgv });
    this.#worker.on("message", ({ value }: RelayReply) => this.#waiting.shift()?.resolve(value));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(undefined));
  }

  /** @throws ledger/relays-stopped if the thread does not come up */
  static async start(options: RelayGroupOptions): Promise<RelayThread> {
    const thread = new RelayThread(options);
    thread.nodes = (await thread.#ask({ method: "nodes" })) as readonly NodeAddress[];
    return thread;
  }

  async introduce(node: NodeAddress): Promise<void> {
    await this.#ask({ method: "introduce", node });
  }

  async enter(epoch: number): Promise<void> {
    await this.#ask({ method: "enter", epoch });
  }

  async counts(): Promise<readonly NodeCounts[]> {
    return (await this.#ask({ method: "counts" })) as readonly NodeCounts[];
  }

  async stop(): Promise<void> {
    await this.#ask({ method: "stop" });
    await this.#worker.terminate();
  }

  /** Answers come in the order of the requests. */
  #ask(request: RelayRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  #fail(cause: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) {
      reject(ledgerErrors.error("relays-stopped", "the relays' thread has ended", {}, cause));
    }
  }
}
