/** Log heads that live as long as the command: its trustees do not outlive it. */
import type { HeadAnchor, LogHead } from "../../sealed/index.js";

export class MemoryHeads implements HeadAnchor {
  #latest: LogHead | null = null;

  latest(): Promise<LogHead | null> {
    return Promise.resolve(this.#latest);
  }

  anchor(head: LogHead): Promise<void> {
    this.#latest = head;
    return Promise.resolve();
  }
}
