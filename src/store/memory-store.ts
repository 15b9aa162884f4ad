/** A store that lives as long as its process: for tests and demonstrations. */
import { SerialStore } from "./serial-store.js";

export class MemoryStore extends SerialStore {
  protected makeDurable(): Promise<void> {
    return Promise.resolve();
  }

  protected release(): Promise<void> {
    return Promise.resolve();
  }
}
