/** Every way in which a command can fail, as text for people or JSON for programs, and an exit code. */
import { CommanderError } from "commander";
import { errorToJson } from "../errors/error-json.js";
import { machineFault } from "../errors/machine.js";
import { ExitCode, SipsterError } from "../errors/sipster-error.js";
import { cliErrors } from "./errors.js";
import { toJson, type Io } from "./io.js";

/** Messages quote files, and a file may hold what commands a terminal. */
function printable(text: string): string {
  return text.replaceAll(/(?!\n)\p{Cc}/gu, "·");
}

/** @param json whether stdout gets the error as `sipster/error@1` */
export function reportError(error: unknown, io: Io, json: boolean): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return ExitCode.Ok;
    // Commander has written the text already.
    const message = error.message.replace(/^error: /, "");
    if (json) io.json(errorToJson(cliErrors.error("usage", message)));
    return ExitCode.Usage;
  }
  const known =
    error instanceof SipsterError ? error : (missingPackage(error) ?? machineFault(error));
  if (known === null) return reportDefect(error, io, json);
  if (json) io.json(errorToJson(known));
  io.err(`sipster: ${printable(known.message)}`);
  io.err(`  this means: ${known.consequence}`);
  io.err(`  what to do: ${known.cure}`);
  io.err(`  (${known.code}; sipster explain ${known.code})`);
  return known.exitCode;
}

/** Commands that need more than a wallet or a meter does load optional packages. */
function missingPackage(error: unknown): SipsterError | null {
  if (!(error instanceof Error)) return null;
  const [, name] = /^Cannot find package '([^']+)'/.exec(error.message) ?? [];
  if (name === undefined) return error.cause === undefined ? null : missingPackage(error.cause);
  const what = `this command needs the package ${name}, which is not installed`;
  return cliErrors.errorFrom({
    key: "missing-package",
    message: what,
    details: { package: name },
    cause: error,
  });
}

/** Not in any catalogue: a defect of this program, so the stack is the useful part. */
function reportDefect(error: unknown, io: Io, json: boolean): ExitCode {
  const text = error instanceof Error ? (error.stack ?? error.message) : toJson(error);
  const first = error instanceof Error ? error.message : text;
  if (json) io.json(errorToJson(cliErrors.error("internal", first)));
  io.err(`sipster: internal error, please report it\n${printable(text)}`);
  return ExitCode.TryAgain;
}
