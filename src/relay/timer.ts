/** A task that is due at a time, or earlier if that is asked for later. */
import { systemClock } from "../time/system-clock.js";
export class Timer {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Unix milliseconds. */
  #due = Infinity;
  #stopped = false;

  constructor(private readonly task: () => void) {}

  by(time: number): void {
    if (this.#stopped || time >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = time;
    this.#timer = setTimeout(
      () => {
        this.#due = Infinity;
        this.task();
      },
      Math.max(0, time - systemClock()),
    );
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
