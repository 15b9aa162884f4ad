/** The command `sipster`: parses arguments, runs one command, turns every error into text and an exit code. */
import { Command, CommanderError } from "commander";
import { errorToJson } from "../errors/error-json.js";
import { ExitCode, SipsterError } from "../errors/sipster-error.js";
import { commands } from "./commands.js";
import { toJson, type Io } from "./io.js";

/** Runs `sipster ARGS…` (arguments only, without node and script). Returns the exit code; never throws. */
export async function main(args: readonly string[], io: Io): Promise<ExitCode> {
  let result: ExitCode = ExitCode.Ok;
  const program = new Command("sipster")
    .description("Private settlement of metered bills on a public chain.")
    .version("0.1.0")
    .exitOverride()
    .configureOutput({ writeOut: (s) => io.out(s.trimEnd()), writeErr: (s) => io.err(s.trimEnd()) })
    .showHelpAfterError("Run the command with --help to see examples and options.")
    .addHelpText("before", "Examples:\n  sipster demo\n  sipster demo --homes 20 --batch\n");
  const [first, second] = args.filter((arg) => !arg.startsWith("-"));
  const wanted = first === "help" ? second : first;
  for (const { name, description, load } of commands) {
    const command = program.command(name).description(description).exitOverride();
    if (name !== wanted) continue;
    (await load())(command, io, (code) => {
      result = code;
    });
  }
  try {
    if (args.length === 0) {
      program.outputHelp();
      return ExitCode.Usage;
    }
    await program.parseAsync([...args], { from: "user" });
    return result;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
    }
    return report(error, io, args.includes("--json"));
  }
}

/** Messages quote files, and a file may hold what commands a terminal. */
function printable(text: string): string {
  return text.replaceAll(/(?!\n)\p{Cc}/gu, "·");
}

function report(error: unknown, io: Io, json: boolean): ExitCode {
  if (error instanceof SipsterError) {
    if (json) {
      io.json(errorToJson(error));
    }
    io.err(`sipster: ${printable(error.message)}`);
    io.err(`  this means: ${error.consequence}`);
    io.err(`  what to do: ${error.cure}`);
    io.err(`  (${error.code}, see docs/errors.md)`);
    return error.exitCode;
  }
  // Not in any catalogue: a defect of this program, so the stack is the useful part.
  const text = error instanceof Error ? (error.stack ?? error.message) : toJson(error);
  io.err(`sipster: internal error, please report it\n${text}`);
  return ExitCode.TryAgain;
}
