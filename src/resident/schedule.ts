/**
 * When payments are sent. What the utility sees of a household is the times of anonymous payments:
 * in random order and spread over time, they do not show which belong together.
 */
import { randomBytes } from "@noble/hashes/utils.js";
import { bytesToInt } from "../algebra/index.js";

export interface Schedule {
  /** Waits before the next payment. */
  wait(): Promise<void>;
}

/** All at once: for tests and demonstrations, and over channels that mix by themselves. */
export const immediately: Schedule = { wait: () => Promise.resolve() };

/**
 * Exponential pauses with the given mean in seconds, as from a Poisson process, which has no memory:
 * seeing one payment says nothing of when the next comes.
 */
export function poisson(meanSeconds: number): Schedule {
  return {
    wait() {
      // Uniform in (0, 1], so that the logarithm is finite.
      const uniform = (Number(bytesToInt(randomBytes(6))) + 1) / 2 ** 48;
      const ms = -Math.log(uniform) * meanSeconds * 1000;
      return new Promise((resolve) => setTimeout(resolve, ms));
    },
  };
}
