/** Runs `sipster ARGS…` in a process of its own that a test may kill; progress goes to stdout. */
import { toJson, type Io } from "../../src/cli/io.js";
import { main } from "../../src/cli/main.js";

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const io: Io = {
  out: print,
  err: print,
  json: (value) => print(toJson(value)),
  colour: false,
  width: 80,
};
process.exitCode = await main(process.argv.slice(2), io);
