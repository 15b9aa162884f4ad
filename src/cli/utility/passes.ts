/** Work of the service that is done again and again beside its requests. */
import { setTimeout } from "node:timers/promises";
import type { Log } from "../log.js";

export interface Passes {
  /** What failed in the last pass; `null` when it went well. */
  readonly problem: string | null;
  /** Waits for the pass under way. */
  stop(): Promise<void>;
}

/**
 * One pass after the other; what fails is said once, and tried again.
 * @param pass resolves with true if there is more to do at once
 * @param every milliseconds between two passes
 */
export function passes(
  pass: () => Promise<unknown>,
  { what, every, log }: { readonly what: string; readonly every: number; readonly log: Log },
): Passes {
  const end = new AbortController();
  const state = { problem: null as string | null };
  const once = async (): Promise<boolean> => {
    try {
      const more = await pass();
      state.problem = null;
      return more === true;
    } catch (error) {
      const problem = error instanceof Error ? error.message : "a pass failed";
      if (problem !== state.problem) log.warn(`${what}: ${problem}; it is tried again`);
      state.problem = problem;
      return false;
    }
  };
  const running = (async () => {
    while (!end.signal.aborted) {
      if (await once()) continue;
      await setTimeout(every, undefined, { signal: end.signal }).catch(() => undefined);
    }
  })();
  return {
    get problem() {
      return state.problem;
    },
    async stop() {
      end.abort();
      await running;
    },
  };
}
