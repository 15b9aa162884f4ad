/** For commands that serve something until someone stops them. */
import { setTimeout } from "node:timers/promises";

/**
 * Resolves when the process is asked to end: Ctrl-C, a service manager's SIGTERM, or the end of the
 * process that started it and holds a channel to it.
 */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ["SIGINT", "SIGTERM", "disconnect"] as const;
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

/** For commands that do something again and again until someone stops them. */
export interface Rounds {
  readonly isStopped: boolean;
  /** Resolves after some milliseconds, or when the process is asked to end. */
  pause(ms: number): Promise<void>;
}

export function untilInterrupted(): Rounds {
  const end = new AbortController();
  void interrupted().then(() => {
    end.abort();
  });
  return {
    get isStopped() {
      return end.signal.aborted;
    },
    pause: (ms) => setTimeout(ms, undefined, { signal: end.signal }).catch(() => undefined),
  };
}
