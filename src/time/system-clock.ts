/** The machine's clock, read in this one place. What computes with time takes a clock as an argument. */

/** Milliseconds since 1970, UTC. */
export const systemClock = (): number => Date.now();
