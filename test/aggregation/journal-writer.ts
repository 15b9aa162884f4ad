/** A process that takes numbers from a journal until it is killed, and prints each one it got. */
import { writeSync } from "node:fs";
import { Journal } from "../../src/aggregation/index.js";
import { isSipsterError } from "../../src/errors/sipster-error.js";

const journal = Journal.open<{ readonly count: number }>(process.argv[2]!, "key");
for (;;) {
  const count = journal.current.count + 1;
  try {
    journal.advance({ count });
    writeSync(1, `${count}\n`);
  } catch (error) {
    if (!isSipsterError(error, "aggregation/state-moved")) throw error;
  }
  // Lets the others in, and the parent's signal arrive.
  await new Promise((next) => setTimeout(next, 1));
}
