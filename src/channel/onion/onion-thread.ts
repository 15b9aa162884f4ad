/** Peeling and building in a thread beside this one, for simulations and for nodes with cores to spare. */
import { Worker } from "node:worker_threads";
import { channelErrors } from "../errors.js";
import type { Onion } from "./packet.js";
import type { Builder, OnionOrder, PeeledBatch, Peeler } from "./peeler.js";

export type ThreadRequest =
  | { readonly method: "key" }
  | {
      readonly method: "peel";
      readonly node: number;
      readonly packets: readonly Uint8Array[];
      readonly data: Uint8Array;
    }
  | { readonly method: "build"; readonly orders: readonly OnionOrder[]; readonly data: Uint8Array };

export interface ThreadReply {
  readonly value?: unknown;
  readonly error?: unknown;
}

export class OnionThread implements Builder {
  readonly #worker: Worker;
  readonly #waiting: {
    readonly resolve: (value: unknown) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #nodes = 0;

  constructor() {
    // Run from its source, the worker needs the loader that runs TypeScript.
    const fromSource = import.meta.url.endsWith(".ts");
    const file = new URL(fromSource ? "./onion-worker.ts" : "./onion-worker.js", import.meta.url);
    const execArgv = fromSource ? ["--import", import.meta.resolve("tsx")] : [];
    this.#worker = new Worker(file, { execArgv });
    this.#worker.on("message", ({ value, error }: ThreadReply) => {
      const waiting = this.#waiting.shift();
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(this.#stopped(error));
    });
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(undefined));
  }

  /** A node whose key is made in the thread and stays there. @throws channel/peeler-stopped */
  async peeler(): Promise<Peeler> {
    const publicKey = (await this.#ask({ method: "key" })) as Uint8Array;
    const node = this.#nodes++;
    return {
      publicKey,
      peel: (packets, data) =>
        this.#ask({ method: "peel", node, packets, data }) as Promise<PeeledBatch>,
    };
  }

  /** @throws channel/peeler-stopped */
  build(orders: readonly OnionOrder[], data: Uint8Array): Promise<Onion[]> {
    return this.#ask({ method: "build", orders, data }) as Promise<Onion[]>;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Answers come in the order of the requests. */
  #ask(request: ThreadRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  #fail(cause: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(this.#stopped(cause));
  }

  #stopped(cause: unknown): Error {
    return channelErrors.error("peeler-stopped", "the thread of the onion has failed", {}, cause);
  }
}
