/** The command `sipster`. */
import type { ExitCode } from "../errors/sipster-error.js";
import { commands } from "./commands.js";
import type { Io } from "./io.js";
import { runCommand } from "./run-command.js";

/** Runs `sipster ARGS…` (arguments only, without node and script). Returns the exit code; never throws. */
export function main(args: readonly string[], io: Io): Promise<ExitCode> {
  return runCommand(commands, args, io);
}
