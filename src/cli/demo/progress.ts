/** Progress of a demonstration: one line a step on stderr, and how long each took. */
import type { Io } from "../io.js";

export class Progress {
  readonly timings: Record<string, number> = {};

  constructor(private readonly io: Io) {}

  /** Runs a step and says what came of it. `describe` is given the result. */
  async step<T>(
    name: string,
    doing: string,
    run: () => Promise<T>,
    describe: (result: T) => string,
  ): Promise<T> {
    this.io.err(`… ${doing}`);
    const start = performance.now();
    const result = await run();
    const ms = performance.now() - start;
    this.timings[`${name}Ms`] = Math.round(ms);
    this.io.err(`✓ ${describe(result)} (${(ms / 1000).toFixed(1)} s)`);
    return result;
  }

  get totalMs(): number {
    return Object.values(this.timings).reduce((a, b) => a + b, 0);
  }
}
