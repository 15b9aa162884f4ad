/** Runs `sipster ARGS…` in a process of its own, for tests that kill it. */
import { processIo } from "../../src/cli/io.js";
import { main } from "../../src/cli/main.js";

process.exitCode = await main(process.argv.slice(2), processIo());
