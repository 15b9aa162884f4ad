/** Peeling and building in threads beside this one, for simulations and for nodes with cores to spare. */
import { Worker } from "node:worker_threads";
import { channelErrors } from "../errors.js";
import type { Onion } from "./packet.js";
import type { Builder, OnionOrder, Peeler } from "./peeler.js";
import {
  buildRequest,
  handedOver,
  join,
  layersOf,
  onionsOf,
  type ThreadReply,
  type ThreadRequest,
} from "./thread-messages.js";

export class OnionThread implements Builder {
  readonly #worker: Worker;
  readonly #waiting: {
    readonly resolve: (reply: ThreadReply) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #nodes = 0;
  #stopped: Error | undefined;

  constructor() {
    // Run from its source, the worker needs the loader that runs TypeScript.
    const fromSource = import.meta.url.endsWith(".ts");
    const file = new URL(fromSource ? "./onion-worker.ts" : "./onion-worker.js", import.meta.url);
    const execArgv = fromSource ? ["--import", import.meta.resolve("tsx")] : [];
    this.#worker = new Worker(file, { execArgv });
    this.#worker.on("message", (reply: ThreadReply) => {
      const waiting = this.#waiting.shift();
      if ("error" in reply) waiting?.reject(stopped(reply.error));
      else waiting?.resolve(reply);
    });
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(undefined));
  }

  /** A node whose key is made in the thread and stays there. @throws channel/peeler-stopped */
  async peeler(): Promise<Peeler> {
    const { key: publicKey } = await this.#ask("key", { method: "key" });
    const node = this.#nodes++;
    return {
      publicKey,
      peel: async (packets, data) => {
        const request = { method: "peel", node, packets: join(packets), data } as const;
        return layersOf((await this.#ask("peeled", request)).peeled);
      },
    };
  }

  /** @throws channel/peeler-stopped */
  async build(orders: readonly OnionOrder[], data: Uint8Array): Promise<Onion[]> {
    return onionsOf((await this.#ask("built", buildRequest(orders, data))).built);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Answers come in the order of the requests. */
  #ask<K extends string>(
    kind: K,
    request: ThreadRequest,
  ): Promise<Extract<ThreadReply, Record<K, unknown>>> {
    return new Promise((resolve, reject) => {
      if (this.#stopped !== undefined) {
        reject(this.#stopped);
        return;
      }
      const received = (reply: ThreadReply): void => {
        if (kind in reply) resolve(reply as Extract<ThreadReply, Record<K, unknown>>);
        else reject(stopped(`an answer without ${kind}`));
      };
      this.#waiting.push({ resolve: received, reject });
      this.#worker.postMessage(request, handedOver(request));
    });
  }

  #fail(cause: unknown): void {
    this.#stopped ??= stopped(cause);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#stopped);
  }
}

function stopped(cause: unknown): Error {
  return channelErrors.errorFrom({
    key: "peeler-stopped",
    message: "the thread of the onion has failed",
    cause,
  });
}
