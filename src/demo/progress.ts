/** Progress of a demonstration: one line a step, and how long each took. */
export class Progress {
  readonly timings: Record<string, number> = {};

  /** @param say takes a line for people */
  constructor(private readonly say: (line: string) => void) {}

  /** Runs a step and says what came of it. `describe` is given the result. */
  async step<T>({
    name,
    doing,
    run,
    describe,
  }: {
    readonly name: string;
    readonly doing: string;
    readonly run: () => Promise<T>;
    readonly describe: (result: T) => string;
  }): Promise<T> {
    this.say(`… ${doing}`);
    const start = performance.now();
    const result = await run();
    const ms = performance.now() - start;
    this.timings[`${name}Ms`] = Math.round(ms);
    this.say(`✓ ${describe(result)} (${(ms / 1000).toFixed(1)} s)`);
    return result;
  }

  get totalMs(): number {
    return Object.values(this.timings).reduce((a, b) => a + b, 0);
  }
}
