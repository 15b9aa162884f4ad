/** Entry point of the built command. */
import { processIo } from "./io.js";
import { main } from "./main.js";
import { reportError } from "./report-error.js";

/** What shells report for a program that SIGPIPE ended: 128 + 13. */
const READER_GONE = 141;

// `sipster … | head`: the reader has read enough. Ending is right, and is not an answer.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? READER_GONE : reportError(error, processIo(), false));
});
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await main(process.argv.slice(2), processIo());
