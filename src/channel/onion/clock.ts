/** When things happen: by the machine's clock, or as fast as the work is done. */
import { setImmediate } from "node:timers/promises";
import { systemClock } from "../../time/system-clock.js";

export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Runs a task at a time; at once when it is past. A task must not throw. */
  schedule(time: number, task: () => Promise<void>): void;
}

export class SystemClock implements Clock {
  now(): number {
    return systemClock();
  }

  schedule(time: number, task: () => Promise<void>): void {
    setTimeout(() => void task(), Math.max(0, time - systemClock()));
  }
}

/** Time that stands still while there is work, and then goes to the next task. */
export class VirtualClock implements Clock {
  #now = 0;
  readonly #tasks = new Map<number, (() => Promise<void>)[]>();

  now(): number {
    return this.#now;
  }

  schedule(time: number, task: () => Promise<void>): void {
    const at = Math.max(time, this.#now);
    const tasks = this.#tasks.get(at);
    if (tasks === undefined) this.#tasks.set(at, [task]);
    else tasks.push(task);
  }

  /** Runs every task in the order of time, those of one time together, until none is left. */
  async run(): Promise<void> {
    while (this.#tasks.size > 0) {
      this.#now = Math.min(...this.#tasks.keys());
      const due = this.#tasks.get(this.#now)!;
      this.#tasks.delete(this.#now);
      await Promise.all(due.map((task) => task()));
      // What was told hears of it before time goes on.
      await setImmediate();
    }
  }
}
