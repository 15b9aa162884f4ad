/** Runs the command line as a person or program would, and records what it prints. */
import { main } from "../../src/cli/main.js";
import type { Io } from "../../src/cli/io.js";
import { toJson } from "../../src/cli/io.js";
import type { ExitCode } from "../../src/errors/sipster-error.js";

export interface CliRun {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export async function sipster(...args: string[]): Promise<CliRun> {
  const out: string[] = [];
  const err: string[] = [];
  const io: Io = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    json: (value) => void out.push(toJson(value)),
    colour: false,
    width: 100,
  };
  const code = await main(args, io);
  return { code, out: out.join("\n"), err: err.join("\n") };
}
