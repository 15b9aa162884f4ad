/** Instances of the counter as processes that are killed: what one does not answer another is asked. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Answered, Asked } from "./instance.js";

/** A request that waits for its answer. */
interface Waiting {
  readonly asked: Asked;
  readonly resolve: (answers: readonly Uint8Array[]) => void;
}

interface Instance {
  readonly child: ChildProcess;
  readonly waiting: Map<number, Waiting>;
}

export class Instances {
  readonly #instances: Instance[] = [];
  #next = 0;
  #stopped = false;
  /** Requests that no instance could be asked, because none was up. */
  #homeless: Waiting[] = [];
  kills = 0;
  /** Requests that were under way at one that was killed, and were sent to another. */
  sentAgain = 0;
  /** The most that an instance used since this was set to 0, in bytes. */
  largest = 0;

  constructor(private readonly args: readonly string[]) {}

  async start(): Promise<void> {
    const child = fork(join(import.meta.dirname, "instance.ts"), this.args, {
      execArgv: ["--import", import.meta.resolve("tsx")],
      serialization: "advanced",
    });
    await once(child, "message");
    const instance: Instance = { child, waiting: new Map() };
    child.on("message", ({ id, answers, memory }: Answered) => {
      this.largest = Math.max(this.largest, memory);
      instance.waiting.get(id)?.resolve(answers);
      instance.waiting.delete(id);
    });
    child.on("exit", () => this.#gone(instance));
    this.#instances.push(instance);
    for (const waiting of this.#homeless.splice(0)) this.#send(waiting);
  }

  /** The answers of some instance. */
  ask(requests: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    return new Promise((resolve) => this.#send({ asked: { id: this.#next++, requests }, resolve }));
  }

  /** Kills one without a chance to finish anything, and starts another. */
  async killOne(): Promise<void> {
    const [victim] = this.#instances;
    if (victim === undefined) return;
    this.kills++;
    const ended = once(victim.child, "exit");
    victim.child.kill("SIGKILL");
    await ended;
    await this.start();
  }

  stop(): void {
    this.#stopped = true;
    for (const { child } of this.#instances) child.disconnect();
  }

  #send(waiting: Waiting): void {
    const { id } = waiting.asked;
    const instance = this.#instances[id % Math.max(1, this.#instances.length)];
    if (instance === undefined) {
      this.#homeless.push(waiting);
      return;
    }
    instance.waiting.set(id, waiting);
    // If the instance is dying, its exit brings the request to another.
    instance.child.send(waiting.asked, () => undefined);
  }

  #gone(instance: Instance): void {
    this.#instances.splice(this.#instances.indexOf(instance), 1);
    if (this.#stopped) return;
    for (const waiting of instance.waiting.values()) {
      this.sentAgain += waiting.asked.requests.length;
      this.#send(waiting);
    }
  }
}
