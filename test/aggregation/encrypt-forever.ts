/**
 * A process with the label mark of one key in a file: it always tries the lowest labels first, as a
 * process that has forgotten everything would, and prints each one it got, until it is killed.
 */
import { writeSync } from "node:fs";
import { LabelMark } from "../../src/aggregation/label-mark.js";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { SqliteStore } from "../../src/store/index.js";

const store = await SqliteStore.open(process.argv[2]!);
const mark = await LabelMark.create(store, "mark").catch(() => LabelMark.resume(store, "mark"));
for (let label = 0n; ; label++) {
  try {
    await mark.take(label, 1_000_000, () => new Uint8Array(1));
    writeSync(1, `${label}\n`);
  } catch (error) {
    if (!isSipsterError(error, "aggregation/label-used")) throw error;
  }
}
