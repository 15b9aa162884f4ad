/** Parses arguments, runs one command of a list, turns every error into text and an exit code. */
import { Command } from "commander";
import { ExitCode } from "../errors/sipster-error.js";
import type { CommandEntry } from "./command.js";
import type { Io } from "./io.js";
import { reportError } from "./report-error.js";

/** Runs the command that the arguments name. Returns the exit code; never throws. */
export async function runCommand(
  commands: readonly CommandEntry[],
  args: readonly string[],
  io: Io,
): Promise<ExitCode> {
  let result: ExitCode = ExitCode.Ok;
  const program = new Command("sipster")
    .description("Private settlement of metered bills on a public chain.")
    .version("0.1.0")
    .exitOverride()
    // Options after a subcommand's name are its own, though the command has some of that name.
    .enablePositionalOptions()
    .configureOutput({ writeOut: (s) => io.out(s.trimEnd()), writeErr: (s) => io.err(s.trimEnd()) })
    .showHelpAfterError("Run the command with --help to see examples and options.")
    .addHelpText("before", "Examples:\n  sipster demo\n  sipster demo --homes 20 --batch\n");
  const [first, second] = args.filter((arg) => !arg.startsWith("-"));
  const wanted = first === "help" ? second : first;
  try {
    for (const { name, description, load } of commands) {
      const command = program.command(name).description(description).exitOverride();
      if (name !== wanted) continue;
      (await load())(command, io, (code) => {
        result = code;
      });
      if (args.includes("--help")) continue;
      // Files are read when a command wants them, and not for its help.
      const { applyConfig } = await import("./config-file.js");
      applyConfig(command, process.env, io);
    }
    if (args.length === 0) {
      program.outputHelp();
      return ExitCode.Usage;
    }
    await program.parseAsync([...args], { from: "user" });
    return result;
  } catch (error) {
    return reportError(error, io, args.includes("--json"));
  }
}
