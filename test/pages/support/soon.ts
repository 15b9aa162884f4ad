/** Waits for what a page shows, at any speed of the machine: a page draws after it knows. */
import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { expect } from "chai";

/** Milliseconds that a page may take. */
const PATIENCE = 20_000;
/** Milliseconds between two looks. */
const BETWEEN = 50;

/** Looks until what is read is `expected`; fails with the difference if it does not become that. */
export async function expectSoon<T>(
  read: () => Promise<T>,
  expected: T,
  about?: string,
): Promise<void> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const seen = await read();
    if (isDeepStrictEqual(seen, expected)) return;
    if (Date.now() > end) expect(seen, about).to.deep.equal(expected);
    await pause(BETWEEN);
  }
}
