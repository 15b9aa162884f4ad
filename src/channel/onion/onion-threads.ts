/** Threads that share the nodes of a simulation among them, and the building of each round. */
import { OnionThread } from "./onion-thread.js";
import type { Onion } from "./packet.js";
import type { Builder, OnionOrder, Peeler } from "./peeler.js";

/** What one sender wants built. */
interface Wanted {
  readonly orders: readonly OnionOrder[];
  readonly resolve: (onions: Onion[]) => void;
  readonly reject: (error: unknown) => void;
}

export class OnionThreads implements Builder {
  readonly #threads: readonly OnionThread[];
  /** By the round's data, in latin1: what was asked for and is not passed on yet. */
  readonly #wanted = new Map<string, { readonly data: Uint8Array; readonly by: Wanted[] }>();
  #nodes = 0;

  constructor(count: number) {
    this.#threads = Array.from({ length: count }, () => new OnionThread());
  }

  /** A node in the thread whose turn it is. @throws channel/peeler-stopped */
  peeler(): Promise<Peeler> {
    return this.#threads[this.#nodes++ % this.#threads.length]!.peeler();
  }

  /** What many senders ask for at once goes to each thread in one message. @throws channel/peeler-stopped */
  build(orders: readonly OnionOrder[], data: Uint8Array): Promise<Onion[]> {
    const name = Buffer.from(data).toString("latin1");
    return new Promise((resolve, reject) => {
      const wanted = { orders, resolve, reject };
      const known = this.#wanted.get(name);
      if (known !== undefined) {
        known.by.push(wanted);
        return;
      }
      this.#wanted.set(name, { data, by: [wanted] });
      queueMicrotask(() => void this.#pass(name));
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  async #pass(name: string): Promise<void> {
    const { data, by } = this.#wanted.get(name)!;
    this.#wanted.delete(name);
    const orders = by.flatMap((wanted) => wanted.orders);
    const share = Math.ceil(orders.length / this.#threads.length);
    try {
      const parts = await Promise.all(
        this.#threads.map((thread, i) => {
          const part = orders.slice(i * share, (i + 1) * share);
          return part.length === 0 ? Promise.resolve([]) : thread.build(part, data);
        }),
      );
      const onions = parts.flat();
      let at = 0;
      for (const wanted of by) wanted.resolve(onions.slice(at, (at += wanted.orders.length)));
    } catch (error) {
      for (const { reject } of by) reject(error);
    }
  }
}
